/* The encoder of the arithmetic codec. */
#include "codec_arithmetic_inline.h"
#include "encode.h"
#include "encode_arithmetic.h"

typedef struct {
    uint64_t low; /* below 2^33; bit 32 is a carry */
    uint32_t range;
    uint32_t head;    /* the last byte that a carry can change; above 255: none yet */
    uint32_t pending; /* bytes 255 after it */
    uint8_t *out;
    uint32_t capacity;
    uint32_t bytes; /* beyond the capacity only counted */
} coder;

INLINE void put(coder *c, uint32_t byte) {
    if (c->bytes < c->capacity) c->out[c->bytes] = (uint8_t)byte;
    ++c->bytes;
}

/* Takes the highest byte off low. The very first byte, always 0, is not kept: low starts below 2^32 and stays below 1. */
INLINE void shift_low(coder *c) {
    const uint32_t carry = (uint32_t)(c->low >> 32);
    const uint32_t byte = (uint32_t)(c->low >> 24) & 255u;
    if (byte == 255 && !carry) {
        ++c->pending;
    } else {
        if (c->head < 256) put(c, c->head + carry);
        for (; c->pending; --c->pending) put(c, 255u + carry);
        c->head = byte;
    }
    c->low = (c->low & 0xffffffu) << 8;
}

INLINE void coder_fill(coder *c) {
    while (c->range < 1u << 24) {
        c->range <<= 8;
        shift_low(c);
    }
}

INLINE uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
    const uint32_t bound = (c->range >> 16) * one;
    if (bit) {
        c->range = bound;
    } else {
        c->low += bound;
        c->range -= bound;
    }
    coder_fill(c);
    return bit;
}

INLINE uint32_t coder_raw(coder *c, uint32_t count, uint32_t bits) {
    c->range >>= count;
    c->low += (uint64_t)bits * c->range;
    coder_fill(c);
    return bits;
}

#include "codec_arithmetic.h"

/* Ends with the number in the final interval that has the most zeros at its end, of which up to four bytes need no place. */
static void finish(coder *c) {
    const uint64_t last = c->low + c->range - 1;
    uint32_t zeros = 32;
    uint64_t value = 0;
    do {
        --zeros;
        value = (last >> zeros) << zeros;
    } while (value < c->low);
    c->low = value;
    for (uint32_t i = 0; i < 5; ++i) shift_low(c);
    uint32_t trimmed = 0;
    while (trimmed < 4 && c->bytes <= c->capacity && c->bytes > 0 && c->out[c->bytes - 1] == 0) {
        --c->bytes;
        ++trimmed;
    }
}

INLINE void encode_elements(model *m, const int8_t *data, uint32_t count, uint32_t mixed, uint32_t sparse) {
    model hot = *m;
    for (uint32_t i = 0; i < count; ++i) code_element(&hot, mixed, sparse, data[i]);
    *m = hot;
}

#define VARIANT(name, mixed, sparse) \
    APART void name(model *m, const int8_t *data, uint32_t count) { encode_elements(m, data, count, mixed, sparse); }
VARIANT(encode_dense, 0, 0)
VARIANT(encode_dense_mixed, 1, 0)
VARIANT(encode_sparse, 0, 1)
VARIANT(encode_sparse_mixed, 1, 1)

static void encode_all(shoe_encoding *job) {
    model *const m = (model *)(void *)job->scratch;
    m->code = (coder){0, UINT32_MAX, 256, 0, job->payload, job->payload_capacity, 0};
    model_begin(m, job->table, job->row_elements);
    const uint32_t elements = shoe_encoding_elements(job);
    if (m->sparse && m->mixed) encode_sparse_mixed(m, job->data, elements);
    else if (m->sparse) encode_sparse(m, job->data, elements);
    else if (m->mixed) encode_dense_mixed(m, job->data, elements);
    else encode_dense(m, job->data, elements);
    finish(&m->code);
    job->payload_bytes = m->code.bytes;
}

static uint32_t largest_of(const shoe_encoding *job) {
    int32_t largest = 0;
    for (uint32_t i = 0; i < shoe_encoding_elements(job); ++i) {
        const int32_t size = magnitude_of(job->data[i]);
        largest = size > largest ? size : largest;
    }
    return (uint32_t)largest;
}

/* Zeros only need no payload, and one byte says so. */
static int encode_zeros(shoe_encoding *job) {
    job->table[0] = 0;
    job->table_bytes = 1;
    return SHOE_OK;
}

int shoe_arithmetic_encode(shoe_encoding *job) {
    const uint32_t largest = largest_of(job);
    job->payload_bytes = 0;
    if (largest == 0 && !job->fixed_table) return encode_zeros(job);
    if (largest == 0 && job->table_bytes == 1 && job->table[0] == 0) return SHOE_OK;
    if (job->scratch_bytes < SHOE_ARITHMETIC_SCRATCH) return SHOE_ERR_ARENA;
    if (!job->fixed_table) {
        shoe_arithmetic_choose_table(job, largest, job->table);
        job->table_bytes = TABLE_BYTES;
    }
    if (job->table_bytes != TABLE_BYTES || job->table[0] < largest) return SHOE_ERR_TENSOR;
    if (!table_is_possible(job->table, job->row_elements)) return SHOE_ERR_TENSOR;
    if (shoe_encoding_elements(job) == 0) return SHOE_OK;
    encode_all(job);
    return job->payload_bytes > job->payload_capacity ? SHOE_ERR_ARENA : SHOE_OK;
}
