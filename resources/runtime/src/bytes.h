/* Reading little-endian fields of a pack. Offsets are checked by the caller before. */
#ifndef SHOE_BYTES_H
#define SHOE_BYTES_H

#include <stdint.h>

static inline uint16_t shoe_u16(const uint8_t *at) {
    return (uint16_t)(at[0] | ((unsigned)at[1] << 8));
}

/* at: a multiple of 4, which lets a Cortex-M0 read one word instead of four bytes. */
static inline uint32_t shoe_u32(const uint8_t *at) {
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t value;
    __builtin_memcpy(&value, __builtin_assume_aligned(at, 4), 4);
    return value;
#else
    return (uint32_t)at[0] | ((uint32_t)at[1] << 8) | ((uint32_t)at[2] << 16) | ((uint32_t)at[3] << 24);
#endif
}

static inline int32_t shoe_i32(const uint8_t *at) {
    return (int32_t)shoe_u32(at);
}

static inline int32_t shoe_i8(const uint8_t *at) {
    return *(const int8_t *)at;
}

#endif
