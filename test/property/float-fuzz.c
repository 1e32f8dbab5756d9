/* Any bytes as a stream of floats: both decoders give a status, or the same elements, and touch nothing else. The first byte is how
 * many elements the decoder for devices reads at a time. With an even second byte the rest are elements instead: encoded, and decoded
 * again by both. Built by float-sanitized.test.ts with libFuzzer and the sanitizers. */
#include "float_host.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 16, MOST_ENCODED = 1 << 13 };

static void check(int holds) {
    if (!holds) abort();
}

static uint32_t width_of(uint32_t kind) { return kind == SHOE_FLOAT_32 ? 4u : kind == SHOE_FLOAT_BYTE ? 1u : 2u; }

/* Exactly as long as it must be, so that a byte too far is seen. */
static int decode_on_device(const uint8_t *data, uint32_t bytes, uint8_t *out, uint32_t count, uint32_t width, uint32_t step) {
    uint32_t needed = shoe_float_bytes(data, bytes);
    if (needed == 0) return SHOE_FLOAT_MALFORMED;
    void *state = malloc(needed);
    int status = shoe_float_open(state, data, bytes);
    for (uint32_t done = 0; status == SHOE_FLOAT_OK && done < count; done += step)
        status = shoe_float_read(state, out + done * width, count - done < step ? count - done : step);
    free(state);
    return status;
}

static void decode_both(const uint8_t *data, uint32_t bytes, uint32_t step, const uint8_t *expected) {
    shoe_float_stream s;
    uint8_t *exact = malloc(bytes ? bytes : 1u);
    memcpy(exact, data, bytes);
    if (shoe_float_parse(&s, exact, bytes) == SHOE_FLOAT_OK && (uint64_t)s.count * s.width_bits / 8u <= MOST_BYTES) {
        uint32_t size = s.count * (s.width_bits / 8u);
        uint8_t *slow = malloc(size), *fast = malloc(size), *slack = malloc(bytes + FLOAT_SLACK);
        memcpy(slack, exact, bytes);
        memset(slack + bytes, 0xa5, FLOAT_SLACK);
        int on_device = decode_on_device(exact, bytes, slow, s.count, s.width_bits / 8u, step);
        int on_host = float_decode(slack, bytes, fast, size);
        /* the host also refuses what is left over at the end */
        if (on_host == SHOE_FLOAT_OK) check(on_device == SHOE_FLOAT_OK && memcmp(slow, fast, size) == 0);
        if (expected) check(on_host == SHOE_FLOAT_OK && memcmp(fast, expected, size) == 0);
        free(slow);
        free(fast);
        free(slack);
    } else check(expected == NULL);
    free(exact);
}

static void encode_first(const uint8_t *data, uint32_t bytes, uint32_t step) {
    static uint8_t symbol[MOST_BYTES], out[MOST_BYTES];
    if (bytes < 4) return;
    uint32_t kind = data[0] & 3u, cols = data[1] + 1u, repeat = (data[2] & 15u) + 1u;
    uint32_t count = (bytes - 3u) / width_of(kind), one = count * width_of(kind);
    if (count == 0 || one * repeat > MOST_ENCODED) return;
    uint8_t *elements = malloc(one * repeat);
    for (uint32_t i = 0; i < repeat; i++) memcpy(elements + i * one, data + 3, one);
    uint32_t coded = float_encode(elements, kind, count * repeat, cols, symbol, out, MOST_BYTES);
    if (coded) decode_both(out, coded, step, elements);
    free(elements);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > MOST_BYTES / 2) return 0;
    uint32_t step = data[0] + 1u;
    if (data[1] & 1u) decode_both(data + 2, (uint32_t)size - 2u, step, NULL);
    else encode_first(data + 2, (uint32_t)size - 2u, step);
    return 0;
}
