#include "codec_float.h"
#include <stddef.h>

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} cursor_t;

static const uint8_t exponent_bits_of[4] = {8, 8, 5, 8};
static const uint8_t mantissa_bits_of[4] = {23, 7, 10, 0};
static const uint8_t width_bits_of[4] = {32, 16, 16, 8};

static uint32_t left(const cursor_t *c) { return (uint32_t)(c->end - c->at); }

/* LEB128 of at most 32 bits; 0 when it is cut short or too long. */
static int take_varint(cursor_t *c, uint32_t *value) {
    uint32_t result = 0;
    for (uint32_t shift = 0; shift < 35; shift += 7) {
        if (left(c) == 0) return 0;
        uint32_t byte = *c->at++;
        if (shift == 28 && byte > 15) return 0;
        result |= (byte & 127u) << shift;
        if (byte < 128) {
            *value = result;
            return 1;
        }
    }
    return 0;
}

static int take_bytes(cursor_t *c, uint32_t count, const uint8_t **bytes) {
    if (left(c) < count) return 0;
    *bytes = c->at;
    c->at += count;
    return 1;
}

static int take_byte(cursor_t *c, uint32_t *value) {
    const uint8_t *byte;
    if (!take_bytes(c, 1, &byte)) return 0;
    *value = *byte;
    return 1;
}

/* Bytes of `count` fields of `bits` bits; count is below 2^29. */
static uint32_t packed_bytes(uint32_t count, uint32_t bits) { return (count * bits + 7u) / 8u; }

static uint32_t bits_of_classes(uint32_t classes) {
    uint32_t bits = 0;
    while ((1u << bits) < classes) bits++;
    return bits;
}

uint32_t shoe_float_field(const uint8_t *packed, uint32_t index, uint32_t bits) {
    uint32_t value = 0;
    for (uint32_t i = 0, at = index * bits; i < bits; i++, at++) value |= ((uint32_t)(packed[at >> 3] >> (at & 7u)) & 1u) << i;
    return value;
}

const uint8_t *shoe_float_frequencies(const uint8_t *at, uint32_t symbols, uint16_t *frequency) {
    for (uint32_t i = 0; i < symbols; i++) {
        uint32_t value = *at++;
        if (value >= 128) value = (value & 127u) | ((uint32_t)*at++ << 7);
        frequency[i] = (uint16_t)value;
    }
    return at;
}

static int parse_alphabet(shoe_float_stream *s, cursor_t *c) {
    s->values = s->heads = s->lowest = 0;
    if (s->dictionary) {
        if (!take_varint(c, &s->values) || s->values == 0 || s->values > SHOE_FLOAT_MAX_SYMBOLS) return 0;
        s->symbols = s->values;
        return !s->zero && !s->escape && take_bytes(c, s->values * (s->width_bits / 8u), &s->value_bytes);
    }
    if (!take_byte(c, &s->lowest) || !take_byte(c, &s->heads)) return 0;
    s->heads++;
    if (s->lowest + s->heads > 1u << s->exponent_bits) return 0;
    if (!take_bytes(c, packed_bytes(s->heads, 2), &s->splits)) return 0;
    s->symbols = s->zero + s->escape;
    for (uint32_t i = 0; i < s->heads; i++) {
        uint32_t split = shoe_float_field(s->splits, i, 2);
        if (split + s->shift > s->mantissa_bits) return 0;
        s->symbols += 1u << split;
    }
    return s->symbols <= SHOE_FLOAT_MAX_SYMBOLS;
}

static int parse_classes(shoe_float_stream *s, cursor_t *c) {
    uint32_t classes;
    if (!take_byte(c, &classes)) return 0;
    s->row_classes = (classes & 15u) + 1u;
    s->col_classes = (classes >> 4) + 1u;
    s->contexts = s->row_classes * s->col_classes;
    if (s->contexts > SHOE_FLOAT_MAX_CONTEXTS) return 0;
    s->row_bits = bits_of_classes(s->row_classes);
    s->col_bits = bits_of_classes(s->col_classes);
    if (!take_bytes(c, packed_bytes(s->rows, s->row_bits), &s->row_class)) return 0;
    if (!take_bytes(c, packed_bytes(s->cols, s->col_bits), &s->col_class)) return 0;
    /* the bytes above bound rows and columns by the stream's length wherever there are classes */
    for (uint32_t i = 0; s->row_bits && i < s->rows; i++)
        if (shoe_float_field(s->row_class, i, s->row_bits) >= s->row_classes) return 0;
    for (uint32_t i = 0; s->col_bits && i < s->cols; i++)
        if (shoe_float_field(s->col_class, i, s->col_bits) >= s->col_classes) return 0;
    return 1;
}

static int parse_frequencies(shoe_float_stream *s, cursor_t *c) {
    s->frequencies = c->at;
    for (uint32_t context = 0; context < s->contexts; context++) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < s->symbols; i++) {
            uint32_t low, high = 0;
            if (!take_byte(c, &low)) return 0;
            if (low >= 128 && !take_byte(c, &high)) return 0;
            uint32_t value = (low & 127u) | (high << 7);
            if (value > 1u << SHOE_FLOAT_SCALE_BITS) return 0;
            sum += value;
        }
        if (sum != 1u << SHOE_FLOAT_SCALE_BITS) return 0;
    }
    return 1;
}

static int parse_head(shoe_float_stream *s, cursor_t *c) {
    uint32_t flags;
    if (!take_byte(c, &flags) || !take_varint(c, &s->count) || !take_varint(c, &s->cols) || !take_byte(c, &s->shift)) return 0;
    s->kind = flags & 3u;
    s->sign_mode = (flags >> 2) & 3u;
    s->dictionary = (flags >> 4) & 1u;
    s->zero = (flags >> 5) & 1u;
    s->states = flags & 64u ? 4u : 1u;
    s->escape = flags >> 7;
    s->exponent_bits = exponent_bits_of[s->kind];
    s->mantissa_bits = mantissa_bits_of[s->kind];
    s->width_bits = width_bits_of[s->kind];
    if (s->sign_mode > SHOE_FLOAT_SIGN_MINUS || (s->kind == SHOE_FLOAT_BYTE && s->sign_mode != SHOE_FLOAT_SIGN_PLUS)) return 0;
    if (s->count == 0 || s->count > 1u << 28 || s->cols == 0 || s->cols > s->count || s->shift > s->mantissa_bits) return 0;
    s->rows = (s->count - 1u) / s->cols + 1u;
    return 1;
}

int shoe_float_parse(shoe_float_stream *s, const uint8_t *data, uint32_t bytes) {
    cursor_t c = {data, data + bytes};
    if (!parse_head(s, &c) || !parse_alphabet(s, &c) || !parse_classes(s, &c) || !parse_frequencies(s, &c)) return SHOE_FLOAT_MALFORMED;
    if (!take_varint(&c, &s->raw_bytes) || s->raw_bytes > 1u << 28 || !take_bytes(&c, s->raw_bytes, &s->raw)) return SHOE_FLOAT_MALFORMED;
    if (!take_bytes(&c, 4u * s->states, &s->state_bytes) || left(&c) % 2u) return SHOE_FLOAT_MALFORMED;
    s->words = c.at;
    s->word_bytes = left(&c);
    return SHOE_FLOAT_OK;
}

void shoe_float_symbols(const shoe_float_stream *s, uint32_t *base, uint8_t *raw_bits) {
    uint32_t at = 0;
    for (uint32_t i = 0, bytes = s->width_bits / 8u; i < s->values; i++, at++) {
        base[at] = 0;
        raw_bits[at] = 0;
        for (uint32_t k = 0; k < bytes; k++) base[at] |= (uint32_t)s->value_bytes[i * bytes + k] << (8u * k);
    }
    uint32_t sign = s->sign_mode == SHOE_FLOAT_SIGN_MINUS ? 1u << (s->width_bits - 1u) : 0u;
    uint32_t sign_bits = s->sign_mode == SHOE_FLOAT_SIGN_RAW ? 1u : 0u;
    for (uint32_t i = 0; i < s->heads; i++) {
        uint32_t split = shoe_float_field(s->splits, i, 2);
        for (uint32_t part = 0; part < 1u << split; part++, at++) {
            base[at] = sign | ((s->lowest + i) << s->mantissa_bits) | (part << (s->mantissa_bits - split));
            raw_bits[at] = (uint8_t)(s->mantissa_bits - split - s->shift + sign_bits);
        }
    }
    if (s->zero) {
        base[at] = 0;
        raw_bits[at++] = 0;
    }
    if (s->escape) {
        base[at] = 0;
        raw_bits[at] = (uint8_t)s->width_bits;
    }
}

/* ---- the decoder for devices ---- */

/* Followed by base[symbols], start[contexts][symbols + 1] and raw_bits[symbols]. */
typedef struct {
    shoe_float_stream stream;
    uint32_t x[SHOE_FLOAT_MAX_STATES];
    uint32_t row, col, done;
    uint32_t word_at, bit_at; /* bytes into words, bits into raw */
} decoder_t;

static uint32_t *base_of(decoder_t *d) { return (uint32_t *)(void *)(d + 1); }
static uint16_t *starts_of(decoder_t *d) { return (uint16_t *)(void *)(base_of(d) + d->stream.symbols); }
static uint8_t *raw_bits_of(decoder_t *d) { return (uint8_t *)(starts_of(d) + d->stream.contexts * (d->stream.symbols + 1u)); }

static uint32_t state_bytes(const shoe_float_stream *s) {
    uint32_t bytes = (uint32_t)sizeof(decoder_t) + 5u * s->symbols + 2u * s->contexts * (s->symbols + 1u);
    return (bytes + 3u) & ~3u;
}

uint32_t shoe_float_bytes(const uint8_t *data, uint32_t bytes) {
    shoe_float_stream stream;
    return shoe_float_parse(&stream, data, bytes) == SHOE_FLOAT_OK ? state_bytes(&stream) : 0u;
}

int shoe_float_open(void *state, const uint8_t *data, uint32_t bytes) {
    decoder_t *d = state;
    int status = shoe_float_parse(&d->stream, data, bytes);
    if (status != SHOE_FLOAT_OK) return status;
    const shoe_float_stream *s = &d->stream;
    shoe_float_symbols(s, base_of(d), raw_bits_of(d));
    const uint8_t *at = s->frequencies;
    for (uint32_t context = 0; context < s->contexts; context++) {
        uint16_t *start = starts_of(d) + context * (s->symbols + 1u);
        start[0] = 0;
        at = shoe_float_frequencies(at, s->symbols, start + 1);
        for (uint32_t i = 0; i < s->symbols; i++) start[i + 1] = (uint16_t)(start[i + 1] + start[i]);
    }
    for (uint32_t i = 0; i < s->states; i++) {
        const uint8_t *b = s->state_bytes + 4u * i;
        d->x[i] = (uint32_t)b[0] | ((uint32_t)b[1] << 8) | ((uint32_t)b[2] << 16) | ((uint32_t)b[3] << 24);
        if (d->x[i] < SHOE_FLOAT_LOW_STATE) return SHOE_FLOAT_MALFORMED;
    }
    d->row = d->col = d->done = d->word_at = d->bit_at = 0;
    return SHOE_FLOAT_OK;
}

/* The last symbol that starts at or before slot; symbols of frequency 0 start where the next one does and lose to it. */
static uint32_t find(const uint16_t *start, uint32_t symbols, uint32_t slot) {
    uint32_t low = 0, high = symbols;
    while (high - low > 1) {
        uint32_t middle = (low + high) >> 1;
        if (start[middle] <= slot) low = middle;
        else high = middle;
    }
    return low;
}

static int next_symbol(decoder_t *d, uint32_t *symbol) {
    const shoe_float_stream *s = &d->stream;
    uint32_t context = 0;
    if (s->row_bits) context = shoe_float_field(s->row_class, d->row, s->row_bits) * s->col_classes;
    if (s->col_bits) context += shoe_float_field(s->col_class, d->col, s->col_bits);
    const uint16_t *start = starts_of(d) + context * (s->symbols + 1u);
    uint32_t *x = &d->x[d->col % s->states];
    uint32_t slot = *x & ((1u << SHOE_FLOAT_SCALE_BITS) - 1u);
    *symbol = find(start, s->symbols, slot);
    *x = (uint32_t)(start[*symbol + 1] - start[*symbol]) * (*x >> SHOE_FLOAT_SCALE_BITS) + slot - start[*symbol];
    if (*x >= SHOE_FLOAT_LOW_STATE) return SHOE_FLOAT_OK;
    if (d->word_at >= s->word_bytes) return SHOE_FLOAT_ENDED;
    *x = (*x << 16) | s->words[d->word_at] | ((uint32_t)s->words[d->word_at + 1] << 8);
    d->word_at += 2;
    return SHOE_FLOAT_OK;
}

static int take_raw(decoder_t *d, uint32_t bits, uint32_t *value) {
    if (d->bit_at + bits > 8u * d->stream.raw_bytes) return SHOE_FLOAT_ENDED;
    *value = 0;
    for (uint32_t got = 0; got < bits;) {
        uint32_t offset = d->bit_at & 7u;
        uint32_t take = 8u - offset < bits - got ? 8u - offset : bits - got;
        *value |= (((uint32_t)d->stream.raw[d->bit_at >> 3] >> offset) & ((1u << take) - 1u)) << got;
        got += take;
        d->bit_at += take;
    }
    return SHOE_FLOAT_OK;
}

int shoe_float_read(void *state, uint8_t *out, uint32_t count) {
    decoder_t *d = state;
    const shoe_float_stream *s = &d->stream;
    if (count > s->count - d->done) return SHOE_FLOAT_ENDED;
    uint32_t sign_bits = s->sign_mode == SHOE_FLOAT_SIGN_RAW ? 1u : 0u;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t symbol, raw;
        int status = next_symbol(d, &symbol);
        if (status != SHOE_FLOAT_OK) return status;
        uint32_t bits = raw_bits_of(d)[symbol];
        status = take_raw(d, bits, &raw);
        if (status != SHOE_FLOAT_OK) return status;
        uint32_t value = raw;
        if (bits == 0) value = base_of(d)[symbol];
        else if (!s->escape || symbol != s->symbols - 1u)
            value = base_of(d)[symbol] | ((raw >> sign_bits) << s->shift) | ((raw & sign_bits) << (s->width_bits - 1u));
        for (uint32_t byte = 0; byte < s->width_bits / 8u; byte++) *out++ = (uint8_t)(value >> (8u * byte));
        d->done++;
        if (++d->col == s->cols) {
            d->col = 0;
            d->row++;
        }
    }
    return SHOE_FLOAT_OK;
}
