/*
 * Canonical Huffman codes of at most 12 bits, the first bit of the payload highest. Codes of up to FAST_BITS bits are looked
 * up; longer ones are compared with the last code of each length.
 */
#include "codec.h"
#include "codec_levels.h"

enum { MAX_BITS = 12, FAST_BITS = 7, FAST = 1 << FAST_BITS };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t window; /* the next bits, the first one highest */
    int32_t have;    /* of them bits of the payload */
    int32_t only;    /* 1: one symbol alone occurs, and codes are empty */
    uint16_t after[MAX_BITS + 1];  /* first 12-bit window after the codes of this length; for FAST_BITS + 1 and more */
    int16_t symbol_at[MAX_BITS + 1]; /* index of a length's first symbol, minus its first code */
    uint16_t fast[FAST];           /* length << 8 and symbol index; 0: a longer code */
    int8_t symbols[256];           /* in the order of their codes */
} huffman_state;

uint32_t shoe_huffman_bytes(const shoe_coded_t *coded) {
    return coded->table_bytes < 2 ? 0 : (uint32_t)sizeof(huffman_state);
}

/* Symbols in the order of their codes, and how many codes each length has. */
static void sort_symbols(huffman_state *self, const shoe_span *span, const uint8_t *levels, uint16_t *counts) {
    uint32_t n = 0;
    for (uint32_t bits = 1; bits <= MAX_BITS; ++bits) {
        const uint32_t before = n;
        for (uint32_t i = 0; i < span->count; ++i)
            if (levels[i] == bits) self->symbols[n++] = (int8_t)(span->first + (int32_t)i);
        counts[bits] = (uint16_t)(n - before);
    }
}

/* Codes must fill the code space exactly, so that whatever bits come, they are codes. */
static int make_codes(huffman_state *self, const uint16_t *counts) {
    uint32_t code = 0; /* first free code of the present length */
    uint32_t index = 0;
    for (uint32_t bits = 1; bits <= MAX_BITS; ++bits) {
        code <<= 1;
        self->symbol_at[bits] = (int16_t)((int32_t)index - (int32_t)code);
        for (uint32_t i = 0; i < counts[bits]; ++i, ++code, ++index) {
            if (code >> bits) return SHOE_ERR_TENSOR;
            if (bits > FAST_BITS) continue;
            const uint32_t each = FAST >> bits;
            for (uint32_t k = 0; k < each; ++k) self->fast[code * each + k] = (uint16_t)(bits << 8 | index);
        }
        self->after[bits] = (uint16_t)(code << (MAX_BITS - bits));
    }
    return code == 1u << MAX_BITS ? SHOE_OK : SHOE_ERR_TENSOR;
}

int shoe_huffman_open(void *state, const shoe_coded_t *coded) {
    huffman_state *const self = state;
    uint8_t *const levels = (uint8_t *)self->fast; /* read before the look-up table is made */
    uint16_t counts[MAX_BITS + 1];
    shoe_bits table;
    shoe_span span;
    uint32_t mirrored;
    shoe_bits_begin(&table, coded->table, coded->table_bytes);
    if (shoe_span_read(&table, &span) != SHOE_OK) return SHOE_ERR_TENSOR;
    self->at = coded->payload;
    self->end = coded->payload + coded->payload_bytes;
    self->window = 0;
    self->have = 0;
    self->only = span.count == 1;
    self->symbols[0] = (int8_t)span.first;
    if (self->only) return SHOE_OK;
    if (shoe_levels_read(&table, &span, levels, &mirrored) != SHOE_OK) return SHOE_ERR_TENSOR;
    sort_symbols(self, &span, levels, counts);
    for (uint32_t i = 0; i < FAST; ++i) self->fast[i] = 0;
    return make_codes(self, counts);
}

static uint32_t long_code(const huffman_state *self, uint32_t window, uint32_t *bits) {
    const uint32_t head = window >> (32 - MAX_BITS);
    uint32_t length = FAST_BITS + 1;
    while (length < MAX_BITS && head >= self->after[length]) ++length;
    *bits = length;
    return (uint32_t)((int32_t)(head >> (MAX_BITS - length)) + self->symbol_at[length]) & 255u;
}

/* Past the payload's end the window has zeros, which are codes like any other bits; `have` tells. */
int shoe_huffman_read(void *state, int8_t *out, uint32_t count) {
    huffman_state *const self = state;
    if (self->only) {
        for (uint32_t i = 0; i < count; ++i) out[i] = self->symbols[0];
        return SHOE_OK;
    }
    const uint8_t *at = self->at;
    const uint8_t *const end = self->end;
    uint32_t window = self->window;
    int32_t have = self->have;
    for (uint32_t i = 0; i < count; ++i) {
        while (have < MAX_BITS && at != end) {
            window |= (uint32_t)*at++ << (24 - have);
            have += 8;
        }
        const uint32_t entry = self->fast[window >> (32 - FAST_BITS)];
        uint32_t bits = entry >> 8;
        const uint32_t index = entry ? entry & 255u : long_code(self, window, &bits);
        window <<= bits;
        have -= (int32_t)bits;
        if (have < 0) return SHOE_ERR_TRUNCATED;
        out[i] = self->symbols[index];
    }
    self->at = at;
    self->window = window;
    self->have = have;
    return SHOE_OK;
}
