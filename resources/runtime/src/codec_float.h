/* Lossless floats: the stream of CONTAINER.md, "Coded elements". An element is a symbol (exponent and its leading mantissa bits,
 * entropy coded by interleaved rANS) and raw bits (sign and the rest of the mantissa). No floating point is used. */
#ifndef SHOE_CODEC_FLOAT_H
#define SHOE_CODEC_FLOAT_H
#include <stdint.h>

enum { SHOE_FLOAT_32 = 0, SHOE_FLOAT_B16 = 1, SHOE_FLOAT_16 = 2, SHOE_FLOAT_BYTE = 3 };
enum { SHOE_FLOAT_SIGN_RAW = 0, SHOE_FLOAT_SIGN_PLUS = 1, SHOE_FLOAT_SIGN_MINUS = 2 };
enum { SHOE_FLOAT_OK = 0, SHOE_FLOAT_MALFORMED = -1, SHOE_FLOAT_ENDED = -2 };

enum {
    SHOE_FLOAT_SCALE_BITS = 12,     /* frequencies of a context sum to 4096 */
    SHOE_FLOAT_MAX_SYMBOLS = 256,
    SHOE_FLOAT_MAX_CONTEXTS = 32,
    SHOE_FLOAT_MAX_CLASSES = 16,
    SHOE_FLOAT_MAX_STATES = 4
};
#define SHOE_FLOAT_LOW_STATE 65536u /* rANS states are in [2^16, 2^32) between symbols */

/* A stream taken apart. Pointers go into the bytes it was parsed from. */
typedef struct {
    uint32_t count, cols, rows;
    uint32_t kind, sign_mode, shift, states;
    uint32_t exponent_bits, mantissa_bits, width_bits;
    uint32_t dictionary, zero, escape;      /* flags; values of a dictionary are symbols by themselves */
    uint32_t symbols, values, heads, lowest;
    uint32_t row_classes, col_classes, row_bits, col_bits, contexts;
    const uint8_t *splits, *value_bytes, *row_class, *col_class, *frequencies, *raw, *state_bytes, *words;
    uint32_t raw_bytes, word_bytes;
} shoe_float_stream;

/* Checks everything but the words and raw bits themselves. */
int shoe_float_parse(shoe_float_stream *stream, const uint8_t *data, uint32_t bytes);
/* Value without raw bits, and raw bits, of each symbol. */
void shoe_float_symbols(const shoe_float_stream *stream, uint32_t *base, uint8_t *raw_bits);
/* Reads the frequencies of the next context at `at`, `symbols` of them; returns where the next context starts. */
const uint8_t *shoe_float_frequencies(const uint8_t *at, uint32_t symbols, uint16_t *frequency);
/* Field `index` of `bits` (0 to 4) bits each, packed from the low bit up. */
uint32_t shoe_float_field(const uint8_t *packed, uint32_t index, uint32_t bits);

/* The decoder for devices. Bytes of state it needs; 0 when the stream is malformed. */
uint32_t shoe_float_bytes(const uint8_t *data, uint32_t bytes);
/* state: 4-byte aligned, shoe_float_bytes() long; data stays where it is while decoding. */
int shoe_float_open(void *state, const uint8_t *data, uint32_t bytes);
/* The next count elements in row-major order, as little-endian elements of 4, 2 or 1 bytes at out. */
int shoe_float_read(void *state, uint8_t *out, uint32_t count);
#endif
