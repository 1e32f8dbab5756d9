/* Encoders, on the host only: compiled with the decoders to resources/prebuilt/codecs.wasm. */
#ifndef SHOE_ENCODE_H
#define SHOE_ENCODE_H

#include "codec.h"

/* What an encoder reads and where it writes. It never writes past a capacity. */
typedef struct {
    const int8_t *data; /* rows * row_elements elements, row-major */
    uint32_t rows;
    uint32_t row_elements;
    uint32_t inner;
    uint8_t *payload;
    uint32_t payload_capacity;
    uint32_t payload_bytes; /* out */
    uint8_t *table;
    uint32_t table_capacity; /* at least SHOE_TABLE_CAPACITY */
    uint32_t table_bytes;    /* out; in as well for an encoder that is given its table (fixed_table) */
    uint32_t fixed_table;    /* 1: `table` is there already (shared by several tensors) and is used as it is */
    uint8_t *scratch;        /* at least shoe_encode_scratch() bytes, 16-byte aligned */
    uint32_t scratch_bytes;
} shoe_encoding;

enum { SHOE_TABLE_CAPACITY = 4096 };

/* 0, or negative: SHOE_ERR_TENSOR when the codec cannot hold these values, SHOE_ERR_ARENA when a capacity is too small. */
typedef int shoe_encoder(shoe_encoding *job);

shoe_encoder shoe_int8_encode;
shoe_encoder shoe_int4_encode;
shoe_encoder shoe_ternary_encode;
shoe_encoder shoe_binary_encode;
shoe_encoder shoe_bitmap_encode;
shoe_encoder shoe_relative_encode;
shoe_encoder shoe_codebook_encode;
shoe_encoder shoe_huffman_encode;
shoe_encoder shoe_rans_encode;
shoe_encoder shoe_arithmetic_encode;

static inline uint32_t shoe_encoding_elements(const shoe_encoding *job) {
    return job->rows * job->row_elements;
}

/* Notes the payload's length; negative: it did not fit. */
static inline int shoe_encoding_finish(shoe_encoding *job, int64_t bytes) {
    job->payload_bytes = bytes < 0 ? 0 : (uint32_t)bytes;
    return bytes < 0 ? SHOE_ERR_ARENA : SHOE_OK;
}

/* A table for values that occur as often as `counts` says (entry v + 128 for value v), for codecs whose tables tensors may share.
 * Returns the bytes of the table; *payload_bits: what such values take with it, in all, rounded up. */
uint32_t shoe_huffman_make_table(const uint32_t *counts, uint8_t *table, uint64_t *payload_bits);
uint32_t shoe_rans_make_table(const uint32_t *counts, uint8_t *table, uint64_t *payload_bits);

#endif
