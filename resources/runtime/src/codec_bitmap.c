/* Sparse, by a mask: one bit an element, set where it is not zero, and then the nonzero values in fields of equal width. */
#include "codec.h"
#include "codec_bits.h"

typedef struct {
    const uint8_t *mask;
    uint32_t used; /* bits of *mask that have been read, 0 to 7 */
    uint32_t width;
    shoe_bits values;
} bitmap_state;

static uint32_t mask_bytes(const shoe_coded_t *coded) {
    const uint32_t elements = coded->rows * coded->row_elements;
    return elements / 8 + (elements % 8 != 0);
}

uint32_t shoe_bitmap_bytes(const shoe_coded_t *coded) {
    if (coded->table_bytes != 1 || coded->table[0] < 1 || coded->table[0] > 8) return 0;
    return coded->payload_bytes < mask_bytes(coded) ? 0 : (uint32_t)sizeof(bitmap_state);
}

int shoe_bitmap_open(void *state, const shoe_coded_t *coded) {
    bitmap_state *const self = state;
    const uint32_t before = mask_bytes(coded);
    self->mask = coded->payload;
    self->used = 0;
    self->width = coded->table[0];
    shoe_bits_begin(&self->values, coded->payload + before, coded->payload_bytes - before);
    return SHOE_OK;
}

int shoe_bitmap_read(void *state, int8_t *out, uint32_t count) {
    bitmap_state *const self = state;
    const uint32_t width = self->width;
    uint32_t used = self->used;
    shoe_bits values = self->values;
    while (count) {
        const uint32_t rest = 8 - used;
        const uint32_t now = count < rest ? count : rest;
        uint32_t byte = (uint32_t)*self->mask >> used;
        if (byte == 0 && now == 8) {
            out[0] = out[1] = out[2] = out[3] = out[4] = out[5] = out[6] = out[7] = 0;
            out += 8;
            count -= 8;
            ++self->mask;
            continue;
        }
        for (uint32_t i = 0; i < now; ++i, byte >>= 1) {
            out[i] = 0;
            if (byte & 1u) {
                const int32_t field = shoe_bits_take(&values, width);
                if (field < 0) return field;
                out[i] = shoe_nonzero((uint32_t)field, width);
            }
        }
        out += now;
        count -= now;
        used = (used + now) & 7u;
        self->mask += used == 0;
    }
    self->used = used;
    self->values = values;
    return SHOE_OK;
}
