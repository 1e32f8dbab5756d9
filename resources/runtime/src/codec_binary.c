/* 1-bit: bit 0 is the table's first value, bit 1 its second. */
#include "codec.h"

typedef struct {
    const uint8_t *at;
    uint32_t used; /* bits of *at that have been read, 0 to 7 */
    uint32_t zero; /* the value of bit 0 */
    uint32_t flip; /* that, exclusive or the value of bit 1 */
} binary_state;

uint32_t shoe_binary_bytes(const shoe_coded_t *coded) {
    const uint32_t elements = coded->rows * coded->row_elements;
    if (coded->table_bytes != 2) return 0;
    return coded->payload_bytes < elements / 8 + (elements % 8 != 0) ? 0 : (uint32_t)sizeof(binary_state);
}

int shoe_binary_open(void *state, const shoe_coded_t *coded) {
    binary_state *const self = state;
    self->at = coded->payload;
    self->used = 0;
    self->zero = coded->table[0];
    self->flip = (uint32_t)(coded->table[0] ^ coded->table[1]);
    return SHOE_OK;
}

int shoe_binary_read(void *state, int8_t *out, uint32_t count) {
    binary_state *const self = state;
    const uint32_t zero = self->zero;
    const uint32_t flip = self->flip;
    const uint8_t *at = self->at;
    uint32_t used = self->used;
    while (count) {
        const uint32_t rest = 8 - used;
        const uint32_t now = count < rest ? count : rest;
        uint32_t byte = (uint32_t)*at >> used;
        for (uint32_t i = 0; i < now; ++i, byte >>= 1) *out++ = (int8_t)(uint8_t)(zero ^ (flip & (0u - (byte & 1u))));
        count -= now;
        used = (used + now) & 7u;
        at += used == 0;
    }
    self->at = at;
    self->used = used;
    return SHOE_OK;
}
