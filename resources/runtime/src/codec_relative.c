/*
 * Sparse, by distances: before each nonzero value, the number of zeros since the one before. A gap of all ones is that many
 * zeros and no value, and another gap follows.
 */
#include "codec.h"
#include "codec_bits.h"

enum { MAX_GAP_WIDTH = 12 };

typedef struct {
    shoe_bits bits;
    uint32_t gap_width;
    uint32_t value_width;
    uint32_t zeros; /* still to be given before what follows the gap */
    uint32_t value; /* 1: a value follows the zeros, 0: a gap */
} relative_state;

uint32_t shoe_relative_bytes(const shoe_coded_t *coded) {
    const uint8_t *const table = coded->table;
    if (coded->table_bytes != 2) return 0;
    if (table[0] < 1 || table[0] > MAX_GAP_WIDTH || table[1] < 1 || table[1] > 8) return 0;
    return (uint32_t)sizeof(relative_state);
}

int shoe_relative_open(void *state, const shoe_coded_t *coded) {
    relative_state *const self = state;
    shoe_bits_begin(&self->bits, coded->payload, coded->payload_bytes);
    self->gap_width = coded->table[0];
    self->value_width = coded->table[1];
    self->zeros = 0;
    self->value = 0;
    return SHOE_OK;
}

/* What comes after the zeros have run out: a value into *out (returns 1), or the next gap (returns 0). */
static int32_t next(relative_state *self, int8_t *out) {
    if (self->value) {
        const int32_t field = shoe_bits_take(&self->bits, self->value_width);
        if (field < 0) return field;
        *out = shoe_nonzero((uint32_t)field, self->value_width);
        self->value = 0;
        return 1;
    }
    const int32_t gap = shoe_bits_take(&self->bits, self->gap_width);
    if (gap < 0) return gap;
    self->zeros = (uint32_t)gap;
    self->value = self->zeros != (1u << self->gap_width) - 1u;
    return 0;
}

int shoe_relative_read(void *state, int8_t *out, uint32_t count) {
    relative_state *const self = state;
    while (count) {
        if (self->zeros) {
            const uint32_t now = count < self->zeros ? count : self->zeros;
            for (uint32_t i = 0; i < now; ++i) out[i] = 0;
            out += now;
            count -= now;
            self->zeros -= now;
            continue;
        }
        const int32_t given = next(self, out);
        if (given < 0) return given;
        out += given;
        count -= (uint32_t)given;
    }
    return SHOE_OK;
}
