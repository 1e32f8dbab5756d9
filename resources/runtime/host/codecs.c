/*
 * The codecs as a WebAssembly module. The host reserves memory, writes what is read there, and names addresses; nothing is kept
 * between calls except the sizes that the last encoder found.
 */
#include "decode_fast.h"
#include "encode.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

extern unsigned char __heap_base;

static shoe_encoder *const encoders[SHOE_CODEC_COUNT] = {
    shoe_int8_encode,     shoe_int4_encode,     shoe_ternary_encode, shoe_binary_encode, shoe_bitmap_encode,
    shoe_relative_encode, shoe_codebook_encode, shoe_huffman_encode, shoe_rans_encode,
#if SHOE_CODECS & 0x200
    shoe_arithmetic_encode,
#else
    0,
#endif
};

static shoe_encoding job;
static uint64_t table_payload_bits;

/* First address that is free for the host, 16-byte aligned; linear memory is grown to hold `bytes` from there. 0: no memory. */
uintptr_t EXPORT(codecs_reserve)(uint32_t bytes) {
    const uint64_t page = 65536;
    const uintptr_t base = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    const uint64_t end = (uint64_t)base + bytes;
    const uint64_t have = __builtin_wasm_memory_size(0) * page;
    if (end <= have) return base;
    return __builtin_wasm_memory_grow(0, (size_t)((end - have + page - 1) / page)) == SIZE_MAX ? 0 : base;
}

/* A table for values that occur `counts[v + 128]` times. Returns its length; 0 for codecs whose tables cannot be shared. */
uint32_t EXPORT(codecs_make_table)(uint32_t codec, const uint32_t *counts, uint8_t *table) {
    table_payload_bits = 0;
    if (codec == SHOE_CODEC_HUFFMAN) return shoe_huffman_make_table(counts, table, &table_payload_bits);
    if (codec == SHOE_CODEC_RANS) return shoe_rans_make_table(counts, table, &table_payload_bits);
    return 0;
}

/* What values as counted take under the table last made. */
double EXPORT(codecs_make_table_payload_bits)(void) {
    return (double)table_payload_bits;
}

/* table_bytes: 0, or the length of a table that is at `table` already and is to be used. */
int EXPORT(codecs_encode)(uint32_t codec, const int8_t *data, uint32_t rows, uint32_t row_elements, uint32_t inner, uint8_t *payload,
                          uint32_t payload_capacity, uint8_t *table, uint32_t table_capacity, uint32_t table_bytes, uint8_t *scratch,
                          uint32_t scratch_bytes) {
    job = (shoe_encoding){data, rows, row_elements, inner, payload, payload_capacity, 0, table, table_capacity, table_bytes,
                          table_bytes != 0, scratch, scratch_bytes};
    if (codec >= SHOE_CODEC_COUNT || !encoders[codec]) return SHOE_ERR_ARGUMENT;
    return encoders[codec](&job);
}

uint32_t EXPORT(codecs_payload_bytes)(void) {
    return job.payload_bytes;
}

uint32_t EXPORT(codecs_table_bytes)(void) {
    return job.table_bytes;
}

static shoe_coded_t coded;

/* Names the tensor that the three calls below are about. */
void EXPORT(codecs_coded)(const uint8_t *payload, uint32_t payload_bytes, const uint8_t *table, uint32_t table_bytes, uint32_t rows,
                          uint32_t row_elements, uint32_t inner) {
    coded = (shoe_coded_t){payload, payload_bytes, table, table_bytes, rows, row_elements, inner};
}

uint32_t EXPORT(codecs_state_bytes)(uint32_t codec) {
    return shoe_decoder_bytes(codec, &coded);
}

int EXPORT(codecs_open)(uint32_t codec, void *state) {
    return shoe_decoder_open(state, codec, &coded);
}

int EXPORT(codecs_read)(void *state, int8_t *out, uint32_t count) {
    return shoe_decoder_read(state, out, count);
}

/* All elements at once, the fastest way there is. */
int EXPORT(codecs_decode)(uint32_t codec, void *state, int8_t *out) {
    if (shoe_decoder_bytes(codec, &coded)) {
        if (codec == SHOE_CODEC_HUFFMAN && decode_huffman_fast(&coded, out)) return SHOE_OK;
        if (codec == SHOE_CODEC_RANS && decode_rans_fast(&coded, out)) return SHOE_OK;
    }
    const int status = shoe_decoder_open(state, codec, &coded);
    return status == SHOE_OK ? shoe_decoder_read(state, out, coded.rows * coded.row_elements) : status;
}
