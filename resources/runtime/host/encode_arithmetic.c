/* The encoder of the arithmetic codec, and its search for parameters: by encoding with them and counting bytes. */
#include "encode.h"

typedef struct {
    uint64_t low; /* below 2^33; bit 32 is a carry */
    uint32_t range;
    uint32_t head;    /* the last byte that a carry can change; above 255: none yet */
    uint32_t pending; /* bytes 255 after it */
    uint8_t *out;     /* null: count only */
    uint32_t capacity;
    uint32_t bytes; /* written or counted; beyond the capacity only counted */
} coder;

static inline void put(coder *c, uint32_t byte) {
    if (c->out && c->bytes < c->capacity) c->out[c->bytes] = (uint8_t)byte;
    ++c->bytes;
}

/* Takes the highest byte off low. The very first byte, always 0, is not kept: low starts below 2^32 and stays below 1. */
static inline void shift_low(coder *c) {
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

static inline void coder_fill(coder *c) {
    while (c->range < 1u << 24) {
        c->range <<= 8;
        shift_low(c);
    }
}

static inline uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
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

static inline uint32_t coder_even(coder *c, uint32_t bit) {
    c->range >>= 1;
    if (bit) c->low += c->range;
    coder_fill(c);
    return bit;
}

#include "codec_arithmetic.h"
