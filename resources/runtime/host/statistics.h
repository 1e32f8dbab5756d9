/* What encoders count and estimate. */
#ifndef SHOE_STATISTICS_H
#define SHOE_STATISTICS_H

#include <stdint.h>

/* How often each value occurs; entry v + 128 for value v. */
typedef struct {
    uint32_t count[256];
} histogram;

void histogram_of(histogram *of, const int8_t *data, uint32_t elements);

/* Least and greatest entry that occur, as indices; 0 when nothing does. */
int histogram_span(const histogram *of, uint32_t *first, uint32_t *last);

/* Bits of nonzero values as codec_bits.h packs them (shoe_nonzero), 1 to 8; of tensors without any, 1. */
uint32_t nonzero_width(const histogram *of);

/* The field of a nonzero value, undoing shoe_nonzero. */
static inline uint32_t nonzero_field(int32_t value, uint32_t width) {
    return (uint32_t)(value - (value > 0 && width < 8)) & ((1u << width) - 1u);
}

/* Base-2 logarithm in units of 2^-16, rounded down; x: 1 up. */
uint32_t log2_fixed(uint32_t x);

#endif
