/* Reading fields of a few bits, the first field in the lowest bits of the first byte. */
#ifndef SHOE_CODEC_BITS_H
#define SHOE_CODEC_BITS_H

#include <stdint.h>

#include "shoe.h"

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t window; /* the next bits, the first one lowest */
    uint32_t have;   /* bits in the window */
} shoe_bits;

static inline void shoe_bits_begin(shoe_bits *bits, const uint8_t *from, uint32_t bytes) {
    bits->at = from;
    bits->end = from + bytes;
    bits->window = 0;
    bits->have = 0;
}

/* The next `width` bits, 0 to 16, or SHOE_ERR_TRUNCATED. */
static inline int32_t shoe_bits_take(shoe_bits *bits, uint32_t width) {
    while (bits->have < width) {
        if (bits->at == bits->end) return SHOE_ERR_TRUNCATED;
        bits->window |= (uint32_t)*bits->at++ << bits->have;
        bits->have += 8;
    }
    const uint32_t field = bits->window & ((1u << width) - 1u);
    bits->window >>= width;
    bits->have -= width;
    return (int32_t)field;
}

/* Bytes that `count` fields of `width` bits take; width: 0 to 8. */
static inline uint32_t shoe_bits_bytes(uint32_t count, uint32_t width) {
    return count / 8 * width + (count % 8 * width + 7) / 8;
}

/* Nonzero values of `width` bits (1 to 8): two's complement with 0 left out, so that 0 up stand for 1 up. Of 8 bits: int8. */
static inline int8_t shoe_nonzero(uint32_t field, uint32_t width) {
    const uint32_t sign = 1u << (width - 1);
    const int32_t value = (int32_t)(field ^ sign) - (int32_t)sign;
    return (int8_t)(value + (value >= 0 && width < 8));
}

#endif
