/* Adaptive binary arithmetic coding: the range decoder, and the model of codec_arithmetic.h driven by it. */
#include "codec.h"
#include "codec_arithmetic_inline.h"

typedef struct {
    uint32_t code; /* below range */
    uint32_t range;
    const uint8_t *at;
    const uint8_t *end;
    uint32_t past; /* bytes read past the payload's end, as zeros; the encoder leaves out at most PAST_MAX zeros */
} coder;

enum { PAST_MAX = 4 };

SHARED void coder_take(coder *c) {
    do {
        c->range <<= 8;
        c->code <<= 8;
        if (c->at != c->end) c->code |= *c->at++;
        else ++c->past;
    } while (c->range < 1u << 24);
}

INLINE void coder_fill(coder *c) {
    if (c->range < 1u << 24) coder_take(c);
}

#if FAST
INLINE uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
    const uint32_t bound = (c->range >> 16) * one;
    bit = c->code < bound;
    const uint32_t zero = bit - 1; /* all ones if the decision is 0 */
    c->code -= bound & zero;
    c->range = bound + ((c->range - 2 * bound) & zero);
    coder_fill(c);
    return bit;
}
#else
INLINE uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
    uint32_t bound = (c->range >> 16) * one;
    bit = 1;
    if (c->code >= bound) {
        c->code -= bound;
        bound = c->range - bound;
        bit = 0;
    }
    c->range = bound;
    coder_fill(c);
    return bit;
}
#endif

INLINE uint32_t coder_raw(coder *c, uint32_t count, uint32_t bits) {
    c->range >>= count;
    bits = 0;
    while (count--) {
        const uint32_t part = c->range << count;
        const uint32_t zero = (c->code >= part) - 1u;
        c->code -= part & ~zero;
        bits = 2 * bits + 1 + zero;
    }
    coder_fill(c);
    return bits;
}

#include "codec_arithmetic.h"

uint32_t shoe_arithmetic_bytes(const shoe_coded_t *coded) {
    if (coded->table_bytes == 1 && coded->table[0] == 0) return (uint32_t)sizeof(model);
    if (coded->table_bytes != TABLE_BYTES || !table_is_possible(coded->table, coded->row_elements)) return 0;
    return model_bytes(coded->table, coded->row_elements);
}

int shoe_arithmetic_open(void *state, const shoe_coded_t *coded) {
    model *const m = state;
    m->largest = coded->table[0];
    if (m->largest == 0) return SHOE_OK;
    m->code = (coder){0, 1, coded->payload, coded->payload + coded->payload_bytes, 0};
    coder_take(&m->code); /* 3 bytes */
    m->code.range = 1u << 16;
    coder_take(&m->code); /* the fourth */
    m->code.range = UINT32_MAX;
    model_begin(m, coded->table, coded->row_elements);
    return SHOE_OK;
}

INLINE int read_elements(model *m, int8_t *out, uint32_t count, uint32_t mixed, uint32_t sparse) {
    const int32_t largest = m->largest;
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t value = code_element(m, mixed, sparse, 0);
        if (value > largest || value > 127 || value < -largest) return SHOE_ERR_TENSOR;
        if (m->code.past > PAST_MAX) return SHOE_ERR_TRUNCATED;
        out[i] = (int8_t)value;
    }
    return SHOE_OK;
}

#if FAST
/* The model in registers */
#define VARIANT(name, mixed, sparse)                                    \
    APART int name(model *m, int8_t *out, uint32_t count) {             \
        model hot = *m;                                                 \
        const int status = read_elements(&hot, out, count, mixed, sparse); \
        *m = hot;                                                       \
        return status;                                                  \
    }
VARIANT(read_dense, 0, 0)
VARIANT(read_dense_mixed, 1, 0)
VARIANT(read_sparse, 0, 1)
VARIANT(read_sparse_mixed, 1, 1)
#endif

int shoe_arithmetic_read(void *state, int8_t *out, uint32_t count) {
    model *const m = state;
    if (m->largest == 0) {
        for (uint32_t i = 0; i < count; ++i) out[i] = 0;
        return SHOE_OK;
    }
#if FAST
    if (m->sparse) return m->mixed ? read_sparse_mixed(m, out, count) : read_sparse(m, out, count);
    return m->mixed ? read_dense_mixed(m, out, count) : read_dense(m, out, count);
#else
    return read_elements(m, out, count, m->mixed, m->sparse);
#endif
}
