/* Plain int8: one byte an element, no table. */
#include "codec.h"

typedef struct {
    const uint8_t *at;
} int8_state;

uint32_t shoe_int8_bytes(const shoe_coded_t *coded) {
    return coded->payload_bytes < coded->rows * coded->row_elements ? 0 : (uint32_t)sizeof(int8_state);
}

int shoe_int8_open(void *state, const shoe_coded_t *coded) {
    ((int8_state *)state)->at = coded->payload;
    return SHOE_OK;
}

int shoe_int8_read(void *state, int8_t *out, uint32_t count) {
    int8_state *const self = state;
    const int8_t *from = (const int8_t *)self->at;
    for (uint32_t i = 0; i < count; ++i) out[i] = from[i];
    self->at += count;
    return SHOE_OK;
}
