/* 4-bit: two's complement nibbles, the low one first, no table. */
#include "codec.h"

typedef struct {
    const uint8_t *at;
    uint32_t half; /* 1 when the low nibble of *at has been read */
} int4_state;

static int8_t low(uint32_t byte) {
    return (int8_t)((int32_t)((byte & 15u) ^ 8u) - 8);
}

uint32_t shoe_int4_bytes(const shoe_coded_t *coded) {
    const uint32_t elements = coded->rows * coded->row_elements;
    return coded->payload_bytes < elements / 2 + (elements & 1u) ? 0 : (uint32_t)sizeof(int4_state);
}

int shoe_int4_open(void *state, const shoe_coded_t *coded) {
    int4_state *const self = state;
    self->at = coded->payload;
    self->half = 0;
    return SHOE_OK;
}

int shoe_int4_read(void *state, int8_t *out, uint32_t count) {
    int4_state *const self = state;
    const uint8_t *at = self->at;
    if (count == 0) return SHOE_OK;
    if (self->half) {
        *out++ = low((uint32_t)*at++ >> 4);
        --count;
    }
    for (; count >= 2; count -= 2, out += 2) {
        const uint32_t byte = *at++;
        out[0] = low(byte);
        out[1] = low(byte >> 4);
    }
    if (count) *out = low(*at);
    self->half = count;
    self->at = at;
    return SHOE_OK;
}
