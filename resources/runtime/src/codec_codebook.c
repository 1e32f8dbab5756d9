/* Indices of equal width into a table of int8 values. */
#include "codec.h"
#include "codec_bits.h"

typedef struct {
    shoe_bits bits;
    const int8_t *values;
    uint32_t count; /* of values, 1 to 256 */
    uint32_t width; /* of an index, 0 to 8 */
} codebook_state;

static uint32_t index_width(uint32_t count) {
    uint32_t width = 0;
    while (1u << width < count) ++width;
    return width;
}

uint32_t shoe_codebook_bytes(const shoe_coded_t *coded) {
    const uint32_t count = coded->table_bytes;
    if (count < 1 || count > 256) return 0;
    const uint32_t needed = shoe_bits_bytes(coded->rows * coded->row_elements, index_width(count));
    return coded->payload_bytes < needed ? 0 : (uint32_t)sizeof(codebook_state);
}

int shoe_codebook_open(void *state, const shoe_coded_t *coded) {
    codebook_state *const self = state;
    shoe_bits_begin(&self->bits, coded->payload, coded->payload_bytes);
    self->values = (const int8_t *)coded->table;
    self->count = coded->table_bytes;
    self->width = index_width(coded->table_bytes);
    return SHOE_OK;
}

/* bytes() has seen that the payload is long enough, so it cannot end here. */
int shoe_codebook_read(void *state, int8_t *out, uint32_t count) {
    codebook_state *const self = state;
    shoe_bits bits = self->bits;
    const uint32_t width = self->width;
    const uint32_t mask = (1u << width) - 1u;
    for (uint32_t i = 0; i < count; ++i) {
        if (bits.have < width) {
            bits.window |= (uint32_t)*bits.at++ << bits.have;
            bits.have += 8;
        }
        const uint32_t index = bits.window & mask;
        bits.window >>= width;
        bits.have -= width;
        if (index >= self->count) return SHOE_ERR_TENSOR;
        out[i] = self->values[index];
    }
    self->bits = bits;
    return SHOE_OK;
}
