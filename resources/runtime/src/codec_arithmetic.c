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

SHARED void coder_fill(coder *c) {
    while (c->range < 1u << 24) {
        c->range <<= 8;
        c->code <<= 8;
        if (c->at != c->end) c->code |= *c->at++;
        else ++c->past;
    }
}

INLINE uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
    const uint32_t bound = (c->range >> 16) * one;
    bit = c->code < bound;
    const uint32_t zero = bit - 1; /* all ones if the decision is 0 */
    c->code -= bound & zero;
    c->range = bound + ((c->range - 2 * bound) & zero);
    coder_fill(c);
    return bit;
}

INLINE uint32_t coder_even(coder *c, uint32_t bit) {
    c->range >>= 1;
    bit = c->code >= c->range;
    c->code -= bit ? c->range : 0;
    coder_fill(c);
    return bit;
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
    m->code = (coder){0, 0, coded->payload, coded->payload + coded->payload_bytes, 0};
    for (uint32_t i = 0; i < 4; ++i) {
        m->code.range = 1u << 16;
        coder_fill(&m->code);
    }
    m->code.range = UINT32_MAX;
    model_begin(m, coded->table, coded->row_elements);
    return SHOE_OK;
}

INLINE int read_elements(model *m, int8_t *out, uint32_t count, uint32_t inputs, uint32_t sparse) {
    model hot = *m;
    const int32_t largest = hot.largest;
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t value = code_element(&hot, inputs, sparse, 0);
        if (value > largest || value > 127 || value < -largest) return SHOE_ERR_TENSOR;
        if (hot.code.past > PAST_MAX) return SHOE_ERR_TRUNCATED;
        out[i] = (int8_t)value;
    }
    *m = hot;
    return SHOE_OK;
}

#if FAST
#define VARIANT(name, inputs, sparse) \
    APART int name(model *m, int8_t *out, uint32_t count) { return read_elements(m, out, count, inputs, sparse); }
VARIANT(read_dense_2, 2, 0)
VARIANT(read_dense_3, 3, 0)
VARIANT(read_sparse_2, 2, 1)
VARIANT(read_sparse_3, 3, 1)
#endif

int shoe_arithmetic_read(void *state, int8_t *out, uint32_t count) {
    model *const m = state;
    if (m->largest == 0) {
        for (uint32_t i = 0; i < count; ++i) out[i] = 0;
        return SHOE_OK;
    }
#if FAST
    if (m->sparse) return m->inputs == 3 ? read_sparse_3(m, out, count) : read_sparse_2(m, out, count);
    return m->inputs == 3 ? read_dense_3(m, out, count) : read_dense_2(m, out, count);
#else
    return read_elements(m, out, count, m->inputs, m->sparse);
#endif
}
