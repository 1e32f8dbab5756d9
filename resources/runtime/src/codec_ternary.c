/* 2-bit: two's complement fields, the first element in the lowest bits, no table. */
#include "codec.h"

typedef struct {
    const uint8_t *at;
    uint32_t used; /* bits of *at that have been read: 0, 2, 4, 6 */
} ternary_state;

static int8_t low(uint32_t byte) {
    return (int8_t)((int32_t)((byte & 3u) ^ 2u) - 2);
}

uint32_t shoe_ternary_bytes(const shoe_coded_t *coded) {
    const uint32_t elements = coded->rows * coded->row_elements;
    return coded->payload_bytes < elements / 4 + (elements % 4 != 0) ? 0 : (uint32_t)sizeof(ternary_state);
}

int shoe_ternary_open(void *state, const shoe_coded_t *coded) {
    ternary_state *const self = state;
    self->at = coded->payload;
    self->used = 0;
    return SHOE_OK;
}

int shoe_ternary_read(void *state, int8_t *out, uint32_t count) {
    ternary_state *const self = state;
    const uint8_t *at = self->at;
    uint32_t used = self->used;
    for (; count && used; --count) {
        *out++ = low((uint32_t)*at >> used);
        used = (used + 2) & 7u;
        at += used == 0;
    }
    for (; count >= 4; count -= 4, out += 4) {
        const uint32_t byte = *at++;
        out[0] = low(byte);
        out[1] = low(byte >> 2);
        out[2] = low(byte >> 4);
        out[3] = low(byte >> 6);
    }
    for (; count; --count, used += 2) *out++ = low((uint32_t)*at >> used);
    self->at = at;
    self->used = used;
    return SHOE_OK;
}
