/*
 * Parameter decoders: a weight tensor of small integers, stored by one of the codecs of CODECS.md, back to int8.
 *
 * A decoder reads the payload strictly in order and may stop after any number of elements and go on later, so that a layer is
 * streamed tile by tile. Nothing here allocates; the state lives in memory of the caller. The table and the payload are
 * bytes from outside: any content gives elements or a negative status, never an access outside the bytes given.
 */
#ifndef SHOE_CODEC_H
#define SHOE_CODEC_H

#include <stdint.h>

#include "shoe.h"

/* Everything a decoder may read. Payload and table stay where they are while the decoder is in use; any alignment will do.
 * The table may be shared by several tensors. */
typedef struct {
    const uint8_t *payload;
    uint32_t payload_bytes;
    const uint8_t *table;
    uint32_t table_bytes;
    uint32_t rows;         /* output channels */
    uint32_t row_elements; /* elements of one output channel; rows * row_elements is below 2^32 */
    uint32_t inner;        /* innermost dimension (input channels in OHWI; row_elements for dense layers), divides row_elements */
} shoe_coded_t;

enum {
    SHOE_CODEC_INT8 = 0,
    SHOE_CODEC_INT4 = 1,
    SHOE_CODEC_TERNARY = 2,
    SHOE_CODEC_BINARY = 3,
    SHOE_CODEC_BITMAP = 4,
    SHOE_CODEC_RELATIVE = 5,
    SHOE_CODEC_CODEBOOK = 6,
    SHOE_CODEC_HUFFMAN = 7,
    SHOE_CODEC_RANS = 8,
    SHOE_CODEC_ARITHMETIC = 9,
    SHOE_CODEC_COUNT = 10
};

/* Codecs that are linked, bit i for codec i: an exported library names those its model uses, and the linker drops the rest. */
#ifndef SHOE_CODECS
#define SHOE_CODECS 0x3ff
#endif

/* Bytes of state that the decoder needs; 0 when the codec is not linked, or the sizes are impossible for it. */
uint32_t shoe_decoder_bytes(uint32_t codec, const shoe_coded_t *coded);

/* Begins a tensor. Checks the table, once, and the sizes again.
 * state: aligned for a pointer (4 bytes on a microcontroller), at least shoe_decoder_bytes() bytes.
 * Negative: SHOE_ERR_TENSOR when sizes or table are impossible, SHOE_ERR_TRUNCATED when the payload is too short to begin. */
int shoe_decoder_open(void *state, uint32_t codec, const shoe_coded_t *coded);

/* The next `count` elements, row-major. SHOE_ERR_ARGUMENT past the tensor's end (nothing is written), SHOE_ERR_TRUNCATED when
 * the payload ends too early, SHOE_ERR_TENSOR when it is impossible; after an error `out` holds anything, and the decoder
 * is opened again before further use. */
int shoe_decoder_read(void *state, int8_t *out, uint32_t count);

/*
 * What a codec offers to the dispatch in codec.c, as shoe_<name>_bytes, shoe_<name>_open and shoe_<name>_read. The dispatch has
 * checked rows * row_elements and inner, and never reads past the last element. `state` is the codec's own, aligned for
 * a pointer. bytes() is at least 1.
 */
typedef struct {
    uint32_t (*bytes)(const shoe_coded_t *coded);
    int (*open)(void *state, const shoe_coded_t *coded);
    int (*read)(void *state, int8_t *out, uint32_t count);
} shoe_codec;

#define SHOE_CODEC_FUNCTIONS(name)                              \
    uint32_t shoe_##name##_bytes(const shoe_coded_t *coded);    \
    int shoe_##name##_open(void *state, const shoe_coded_t *coded); \
    int shoe_##name##_read(void *state, int8_t *out, uint32_t count)

SHOE_CODEC_FUNCTIONS(int8);
SHOE_CODEC_FUNCTIONS(int4);
SHOE_CODEC_FUNCTIONS(ternary);
SHOE_CODEC_FUNCTIONS(binary);
SHOE_CODEC_FUNCTIONS(bitmap);
SHOE_CODEC_FUNCTIONS(relative);
SHOE_CODEC_FUNCTIONS(codebook);
SHOE_CODEC_FUNCTIONS(huffman);
SHOE_CODEC_FUNCTIONS(rans);
SHOE_CODEC_FUNCTIONS(arithmetic);

#endif
