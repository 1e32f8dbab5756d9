/* Any bytes as a stream of floats: both decoders give a status, or the same elements, and touch nothing else. The first byte is how
 * many elements the decoder for devices reads at a time, the second what the rest is: elements, to be encoded and decoded again; a
 * stream as it is; or a stream whose fields are put right first (lengths, tables that sum to 4096), which gets past the checks of the
 * parser and so far into the decoders. Built by float-sanitized.test.ts with libFuzzer and the sanitizers. */
#include "float_host.h"
#include <sanitizer/asan_interface.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Bounds the time of one input, not what is checked. */
enum { MOST_INPUT = 1 << 12, MOST_ELEMENTS = 1 << 11, MOST_BYTES = 4 * MOST_ELEMENTS, MOST_STREAM = 1 << 13 };
enum { ROOM = 1 << 15, GUARD = 64, MOST_TABLES = 2 * SHOE_FLOAT_MAX_CONTEXTS * SHOE_FLOAT_MAX_SYMBOLS };

/* Memory that is lent for one call, guarded on both sides; malloc would take most of an input's time. */
typedef struct {
    uint8_t bytes[GUARD + ROOM + GUARD] __attribute__((aligned(16)));
} room;

static void check(int holds) {
    if (!holds) abort();
}

/* Aligned to 16 bytes; filled, as memory of malloc is. */
static uint8_t *lend(room *r, uint32_t size) {
    check(size <= ROOM);
    ASAN_POISON_MEMORY_REGION(r->bytes, sizeof r->bytes);
    ASAN_UNPOISON_MEMORY_REGION(r->bytes + GUARD, size);
    memset(r->bytes + GUARD, 0xa5, size);
    return r->bytes + GUARD;
}

static int decode_on_device(const uint8_t *data, uint32_t bytes, uint8_t *out, uint32_t count, uint32_t width, uint32_t step) {
    static room state_room;
    uint32_t needed = shoe_float_bytes(data, bytes);
    if (needed == 0) return SHOE_FLOAT_MALFORMED;
    void *state = lend(&state_room, needed);
    int status = shoe_float_open(state, data, bytes);
    for (uint32_t done = 0; status == SHOE_FLOAT_OK && done < count; done += step)
        status = shoe_float_read(state, out + done * width, count - done < step ? count - done : step);
    return status;
}

/* Whether the stream is well-formed. */
static int decode_both(const uint8_t *data, uint32_t bytes, uint32_t step, const uint8_t *expected) {
    static room exact_room, slack_room, slow_room, fast_room;
    shoe_float_stream s;
    uint8_t *exact = lend(&exact_room, bytes);
    memcpy(exact, data, bytes);
    if (shoe_float_parse(&s, exact, bytes) != SHOE_FLOAT_OK) return 0;
    uint32_t width = s.width_bits / 8u, size = s.count * width;
    if ((uint64_t)s.count * width > MOST_BYTES) return 1;
    uint8_t *slow = lend(&slow_room, size), *fast = lend(&fast_room, size), *slack = lend(&slack_room, bytes + FLOAT_SLACK);
    memcpy(slack, exact, bytes);
    int on_device = decode_on_device(exact, bytes, slow, s.count, width, step);
    int on_host = float_decode(slack, bytes, fast, size);
    /* the host also refuses what is left over at the end, when all elements are there */
    if (on_device == SHOE_FLOAT_OK) check(on_host != SHOE_FLOAT_ENDED && memcmp(slow, fast, size) == 0);
    else check(on_host == on_device);
    if (expected) check(on_host == SHOE_FLOAT_OK && memcmp(fast, expected, size) == 0);
    return 1;
}

static uint32_t width_of(uint32_t kind) { return kind == SHOE_FLOAT_32 ? 4u : kind == SHOE_FLOAT_BYTE ? 1u : 2u; }

static void encode_first(const uint8_t *data, uint32_t bytes, uint32_t step) {
    static room elements_room, symbol_room, out_room;
    if (bytes < 4) return;
    uint32_t kind = data[0] & 3u, cols = data[1] + 1u, repeat = (data[2] & 15u) + 1u;
    uint32_t count = (bytes - 3u) / width_of(kind), one = count * width_of(kind);
    if (count == 0 || count * repeat > MOST_ELEMENTS) return;
    uint8_t *elements = lend(&elements_room, one * repeat);
    for (uint32_t i = 0; i < repeat; i++) memcpy(elements + i * one, data + 3, one);
    /* with room to spare, or as little as the container gives */
    uint32_t capacity = data[2] & 16u ? one * repeat - 1u : one * repeat + 1200u;
    uint8_t *out = lend(&out_room, capacity);
    uint32_t coded = float_encode(elements, kind, count * repeat, cols, lend(&symbol_room, count * repeat), out, capacity);
    if (coded) check(decode_both(out, coded, step, elements));
}

/* ---- a stream put right ---- */

typedef struct {
    const uint8_t *at, *end;
    uint8_t *to;
} mender;

static uint32_t take(mender *m) { return m->at < m->end ? *m->at++ : 0u; }

static uint32_t take_long(mender *m) {
    uint32_t value = 0;
    for (uint32_t shift = 0; shift < 28; shift += 7) {
        uint32_t byte = take(m);
        value |= (byte & 127u) << shift;
        if (byte < 128) break;
    }
    return value;
}

static void put_long(mender *m, uint32_t value) {
    for (; value >= 128; value >>= 7) *m->to++ = (uint8_t)(value | 128u);
    *m->to++ = (uint8_t)value;
}

/* value where it is in [low, high], else some number that is */
static uint32_t within(uint32_t value, uint32_t low, uint32_t high) {
    return value >= low && value <= high ? value : low + value % (high - low + 1u);
}

/* Fields of `bits` bits, each at most `most`. */
static void mend_fields(mender *m, uint32_t count, uint32_t bits, uint32_t most) {
    uint32_t held = 0, left = 0, out = 0, filled = 0;
    for (uint32_t i = 0; i < count && bits; i++) {
        if (left < bits) {
            held |= take(m) << left;
            left += 8;
        }
        out |= within(held & ((1u << bits) - 1u), 0, most) << filled;
        held >>= bits;
        left -= bits;
        filled += bits;
        if (filled >= 8) {
            *m->to++ = (uint8_t)out;
            out >>= 8;
            filled -= 8;
        }
    }
    if (filled) *m->to++ = (uint8_t)out;
}

static uint32_t bits_of(uint32_t classes) {
    uint32_t bits = 0;
    while ((1u << bits) < classes) bits++;
    return bits;
}

/* Symbols of an alphabet without dictionary, splits cut where there would be too many; the splits are written. */
static uint32_t mend_splits(mender *m, uint32_t heads, uint32_t most, uint32_t symbols) {
    uint8_t *start = m->to;
    mend_fields(m, heads, 2, most < 3 ? most : 3);
    for (uint32_t i = 0; i < heads; i++) {
        uint32_t split = shoe_float_field(start, i, 2), room_left = SHOE_FLOAT_MAX_SYMBOLS - symbols - (heads - i - 1u);
        if (1u << split > room_left) {
            start[i / 4u] &= (uint8_t)~(3u << (i % 4u * 2u));
            split = 0;
        }
        symbols += 1u << split;
    }
    return symbols;
}

static void mend_frequencies(mender *m, uint32_t contexts, uint32_t symbols) {
    for (uint32_t context = 0; context < contexts; context++) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < symbols; i++) {
            uint32_t left = (1u << SHOE_FLOAT_SCALE_BITS) - sum, low = take(m);
            uint32_t value = low < 128 ? low : (low & 127u) | take(m) << 7;
            value = i + 1u == symbols || value > left ? left : value;
            put_long(m, value);
            sum += value;
        }
    }
}

/* The stream that the bytes come closest to, at `out`; an encoder's stream stays as it is. Returns its bytes. */
static uint32_t mend(const uint8_t *data, uint32_t bytes, uint8_t *out) {
    static const uint8_t exponents[4] = {8, 8, 5, 8}, mantissas[4] = {23, 7, 10, 0};
    mender m = {data, data + bytes, out};
    uint32_t flags = take(&m), kind = flags & 3u;
    if (((flags >> 2) & 3u) == 3u || (kind == SHOE_FLOAT_BYTE && ((flags >> 2) & 3u) != SHOE_FLOAT_SIGN_PLUS))
        flags = (flags & ~12u) | SHOE_FLOAT_SIGN_PLUS << 2;
    if (flags & 16u) flags &= ~(32u | 128u);
    uint32_t count = within(take_long(&m), 1, MOST_ELEMENTS), cols = within(take_long(&m), 1, count);
    uint32_t shift = within(take(&m), 0, mantissas[kind]), symbols;
    *m.to++ = (uint8_t)flags;
    put_long(&m, count);
    put_long(&m, cols);
    *m.to++ = (uint8_t)shift;
    if (flags & 16u) {
        symbols = within(take_long(&m), 1, SHOE_FLOAT_MAX_SYMBOLS);
        put_long(&m, symbols);
        for (uint32_t i = 0; i < symbols * width_of(kind); i++) *m.to++ = (uint8_t)take(&m);
    } else {
        uint32_t others = ((flags >> 5) & 1u) + (flags >> 7), most = SHOE_FLOAT_MAX_SYMBOLS - others;
        uint32_t lowest = within(take(&m), 0, (1u << exponents[kind]) - 1u);
        uint32_t heads = within(take(&m) + 1u, 1, (1u << exponents[kind]) - lowest);
        if (heads > most) heads = most;
        *m.to++ = (uint8_t)lowest;
        *m.to++ = (uint8_t)(heads - 1u);
        symbols = mend_splits(&m, heads, mantissas[kind] - shift, others);
    }
    uint32_t classes = take(&m), row_classes = (classes & 15u) + 1u;
    uint32_t col_classes = within((classes >> 4) + 1u, 1, SHOE_FLOAT_MAX_CONTEXTS / row_classes);
    *m.to++ = (uint8_t)((row_classes - 1u) | (col_classes - 1u) << 4);
    mend_fields(&m, (count - 1u) / cols + 1u, bits_of(row_classes), row_classes - 1u);
    mend_fields(&m, cols, bits_of(col_classes), col_classes - 1u);
    mend_frequencies(&m, row_classes * col_classes, symbols);
    uint32_t states = flags & 64u ? 4u : 1u, raw = take_long(&m), left = (uint32_t)(m.end - m.at);
    raw = within(raw, 0, left > 4u * states ? left - 4u * states : 0);
    put_long(&m, raw);
    for (uint32_t i = 0; i < raw; i++) *m.to++ = (uint8_t)take(&m);
    for (uint32_t i = 0; i < states; i++) {
        for (uint32_t k = 0; k < 4; k++) *m.to++ = (uint8_t)take(&m);
        if (m.to[-1] == 0 && m.to[-2] == 0) m.to[-2] = 1;
    }
    for (left = (uint32_t)(m.end - m.at) & ~1u; left > 0; left--) *m.to++ = (uint8_t)take(&m);
    return (uint32_t)(m.to - out);
}

static void mend_first(const uint8_t *data, uint32_t bytes, uint32_t step) {
    static uint8_t stream[MOST_TABLES + MOST_STREAM];
    uint32_t length = mend(data, bytes, stream);
    check(length <= sizeof stream);
    check(decode_both(stream, length, step, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > MOST_INPUT) return 0;
    uint32_t step = data[0] + 1u, rest = (uint32_t)size - 2u;
    if (data[1] % 3u == 0) encode_first(data + 2, rest, step);
    else if (data[1] % 3u == 1) decode_both(data + 2, rest, step, NULL);
    else mend_first(data + 2, rest, step);
    return 0;
}
