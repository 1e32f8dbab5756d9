/* The float codec on the host: statistics and encoder (no bound on memory or on time but an encoder's patience), and a decoder with
 * a table entry for every slot. Called from one thread; all working memory is static. */
#ifndef SHOE_FLOAT_HOST_H
#define SHOE_FLOAT_HOST_H
#include "codec_float.h"

enum {
    FLOAT_MAX_BYTES = 1 << 22,  /* of one chunk's elements */
    FLOAT_SLACK = 64,           /* readable bytes behind every buffer, for unaligned loads */
    FLOAT_MAX_UNITS = 1 << 14,  /* rows or columns that may have a class of their own */
    FLOAT_MAX_CELLS = 1 << 21   /* units times symbols */
};
#define FLOAT_SLOTS (1u << SHOE_FLOAT_SCALE_BITS)

/* What the encoder decided. Same meaning as in shoe_float_stream. */
typedef struct {
    uint32_t count, cols, rows, kind, sign_mode, shift, dictionary, zero, escape;
    uint32_t exponent_bits, mantissa_bits, width_bits;
    uint32_t values, lowest, heads, symbols, row_classes, col_classes, contexts;
    uint8_t split[256];                             /* by exponent */
    uint32_t value[SHOE_FLOAT_MAX_SYMBOLS];         /* dictionary, ascending */
    uint32_t first[256];                            /* by exponent: its first symbol */
    uint8_t row_class[FLOAT_MAX_UNITS], col_class[FLOAT_MAX_UNITS];
    uint16_t frequency[SHOE_FLOAT_MAX_CONTEXTS][SHOE_FLOAT_MAX_SYMBOLS];
} float_model;

/* log2 of a count of at least 1, to about 1e-4. */
float float_log2(uint32_t value);

/* Chooses alphabet (float_alphabet.c), then classes and frequencies (float_classes.c). symbol: the elements' symbols. */
void float_choose_alphabet(float_model *model, const uint8_t *data, uint8_t *symbol);
void float_choose_classes(float_model *model, const uint8_t *symbol);

/* Element i of little-endian data, as an unsigned number. */
static inline uint32_t float_element(const uint8_t *data, uint32_t width_bits, uint32_t i) {
    if (width_bits == 32) {
        uint32_t value;
        __builtin_memcpy(&value, data + 4u * i, 4);
        return value;
    }
    if (width_bits == 16) {
        uint16_t value;
        __builtin_memcpy(&value, data + 2u * i, 2);
        return value;
    }
    return data[i];
}

/* Bytes written to out, at most capacity; 0: they would be more. symbol: room for one byte an element. */
uint32_t float_encode(const uint8_t *data, uint32_t kind, uint32_t count, uint32_t cols, uint8_t *symbol, uint8_t *out,
                      uint32_t capacity);
/* Status of shoe_float_parse, or SHOE_FLOAT_ENDED. out_bytes: what the elements must come to; FLOAT_SLACK follows the stream. */
int float_decode(const uint8_t *stream, uint32_t bytes, uint8_t *out, uint32_t out_bytes);
#endif
