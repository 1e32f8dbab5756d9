/*
 * Any bytes into every decoder, in memory whose ends AddressSanitizer guards. Built with -fsanitize=fuzzer it is a libFuzzer
 * target; with -DREPLAY it runs the files named on the command line and prints, for each, status and a sum of the elements.
 *
 * First byte: codec (low 4 bits) and mode: 0 table and payload are as given, 1 the bytes are elements, to be encoded and to come
 * back as they were, 2 the same, but some bytes of table and payload are changed in between. -DCODEC=n does one codec only,
 * -DDECODE_ONLY mode 0 alone, since some encoders take long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "encode.h"

/* Bounds the time of one input, not what is checked. */
enum { ELEMENT_LIMIT = 1 << 11, SCRATCH_BYTES = 1 << 18, HEAD_BYTES = 8 };

typedef struct {
    const uint8_t *at;
    size_t left;
} bytes;

static uint32_t take(bytes *from) {
    if (from->left == 0) return 0;
    --from->left;
    return *from->at++;
}

/* A copy of its own length, so that reading past the end is seen. */
static uint8_t *copy_of(const uint8_t *from, size_t length) {
    uint8_t *const copy = malloc(length ? length : 1);
    if (length) memcpy(copy, from, length);
    return copy;
}

/* Decodes in pieces of `piece` elements. Returns the status; `out` has all elements when it is SHOE_OK. */
static int decode(uint32_t codec, const shoe_coded_t *coded, int8_t *out, uint32_t elements, uint32_t piece) {
    const uint32_t state_bytes = shoe_decoder_bytes(codec, coded);
    if (state_bytes == 0) return SHOE_ERR_TENSOR;
    void *const state = malloc(state_bytes);
    int status = shoe_decoder_open(state, codec, coded);
    for (uint32_t at = 0; at < elements && status == SHOE_OK; at += piece) {
        const uint32_t count = elements - at < piece ? elements - at : piece;
        int8_t *const own = malloc(count);
        status = shoe_decoder_read(state, own, count);
        if (status == SHOE_OK) memcpy(out + at, own, count);
        free(own);
    }
    if (status == SHOE_OK && shoe_decoder_read(state, out, 1) != SHOE_ERR_ARGUMENT) abort();
    free(state);
    return status;
}

static int decode_given(uint32_t codec, uint32_t rows, uint32_t row_elements, uint32_t inner, uint32_t piece, bytes from, int8_t *out) {
    size_t table_bytes = take(&from);
    if (table_bytes > from.left) table_bytes = from.left;
    uint8_t *const table = copy_of(from.at, table_bytes);
    uint8_t *const payload = copy_of(from.at + table_bytes, from.left - table_bytes);
    const shoe_coded_t coded = {payload, (uint32_t)(from.left - table_bytes), table, (uint32_t)table_bytes, rows, row_elements, inner};
    const uint64_t elements = (uint64_t)rows * row_elements;
    const int status = elements > ELEMENT_LIMIT ? SHOE_ERR_TENSOR : decode(codec, &coded, out, (uint32_t)elements, piece);
    free(table);
    free(payload);
    return status;
}

#ifndef DECODE_ONLY
static shoe_encoder *const encoders[SHOE_CODEC_COUNT] = {
    shoe_int8_encode,     shoe_int4_encode,     shoe_ternary_encode, shoe_binary_encode, shoe_bitmap_encode,
    shoe_relative_encode, shoe_codebook_encode, shoe_huffman_encode, shoe_rans_encode,
#if SHOE_CODECS & 0x200
    shoe_arithmetic_encode,
#else
    0,
#endif
};

static void damage(uint8_t *data, uint32_t length, bytes *from) {
    for (uint32_t n = take(from) % 4; n > 0 && length > 0; --n) {
        const uint32_t where = take(from) | take(from) << 8;
        data[where % length] = (uint8_t)take(from);
    }
}

/* Elements from the bytes, narrowed so that codecs of few values are reached. */
static int encode_and_decode(uint32_t codec, uint32_t damaged, uint32_t rows, uint32_t inner, uint32_t piece, bytes from, int8_t *out) {
    static uint8_t payload[4 * ELEMENT_LIMIT], table[SHOE_TABLE_CAPACITY];
    static uint8_t scratch[SCRATCH_BYTES] __attribute__((aligned(16)));
    static int8_t data[ELEMENT_LIMIT];
    const uint32_t shift = take(&from) % 9;
    bytes changes = from;
    const size_t most = ELEMENT_LIMIT;
    uint32_t row_elements = (uint32_t)(from.left < most ? from.left : most) / rows;
    if (inner == 0 || row_elements % inner) inner = row_elements;
    const uint32_t elements = rows * row_elements;
    for (uint32_t i = 0; i < elements; ++i) data[i] = (int8_t)((int8_t)from.at[i] / (1 << shift));
    shoe_encoding job = {.data = data, .rows = rows, .row_elements = row_elements, .inner = inner, .payload = payload,
                         .payload_capacity = sizeof payload, .table = table, .table_capacity = sizeof table,
                         .scratch = scratch, .scratch_bytes = sizeof scratch};
    if (!encoders[codec] || encoders[codec](&job) != SHOE_OK) return SHOE_ERR_ARGUMENT;
    uint8_t *const own_payload = copy_of(payload, job.payload_bytes);
    uint8_t *const own_table = copy_of(table, job.table_bytes);
    if (damaged) {
        damage(own_payload, job.payload_bytes, &changes);
        damage(own_table, job.table_bytes, &changes);
    }
    const shoe_coded_t coded = {own_payload, job.payload_bytes, own_table, job.table_bytes, rows, row_elements, inner};
    const int status = decode(codec, &coded, out, elements, piece);
    if (!damaged && (status != SHOE_OK || memcmp(out, data, elements) != 0)) abort();
    free(own_payload);
    free(own_table);
    return status;
}

#endif

#ifndef CODEC
#define CODEC ((head & 15u) % SHOE_CODEC_COUNT)
#endif

static int one(const uint8_t *data, size_t size, int8_t *out) {
    if (size < HEAD_BYTES) return SHOE_ERR_TRUNCATED;
    bytes from = {data, size};
    const uint32_t head = take(&from);
    const uint32_t rows = 1 + take(&from) % 64;
    const uint32_t row_elements = take(&from) | take(&from) << 8;
    const uint32_t inner = take(&from);
    const uint32_t piece = 1 + take(&from) * 3;
    const uint32_t codec = CODEC;
    (void)head;
#ifndef DECODE_ONLY
    if (head >> 4 & 1u) return encode_and_decode(codec, head >> 5 & 1u, rows, inner, piece, from, out);
#endif
    return decode_given(codec, rows - 1, row_elements % 1024, inner, piece, from, out);
}

#ifdef REPLAY
int main(int count, char **paths) {
    static int8_t out[ELEMENT_LIMIT + 1];
    static uint8_t data[1 << 20];
    for (int i = 1; i < count; ++i) {
        FILE *const file = fopen(paths[i], "rb");
        if (!file) return 1;
        const size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        memset(out, 0, sizeof out);
        const int status = one(data, size, out);
        uint32_t sum = 0;
        for (uint32_t k = 0; k < ELEMENT_LIMIT && status == SHOE_OK; ++k) sum = 31 * sum + (uint8_t)out[k];
        printf("%d %08x\n", status, sum);
    }
    return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int8_t out[ELEMENT_LIMIT + 1];
    (void)one(data, size, out);
    return 0;
}
#endif
