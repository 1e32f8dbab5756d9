#include "codec_levels.h"

int shoe_span_read(shoe_bits *bits, shoe_span *span) {
    const int32_t first = shoe_bits_take(bits, 8);
    const int32_t more = shoe_bits_take(bits, 8);
    if (first < 0 || more < 0) return SHOE_ERR_TENSOR;
    span->first = first - 128;
    span->count = (uint32_t)more + 1;
    return first + more > 255 ? SHOE_ERR_TENSOR : SHOE_OK;
}

/* The level after `last`, the last one that was not 0. Negative: impossible. */
static int32_t level_read(shoe_bits *bits, int32_t last) {
    int32_t ones = 0;
    while (ones < 3) {
        const int32_t bit = shoe_bits_take(bits, 1);
        if (bit < 0) return bit;
        if (bit == 0) break;
        ++ones;
    }
    switch (ones) {
    case 0: return last;
    case 1: {
        const int32_t up = shoe_bits_take(bits, 1);
        return up < 0 ? up : up ? last + 1 : last - 1;
    }
    case 2: return 0;
    default: return shoe_bits_take(bits, 4);
    }
}

int shoe_levels_read(shoe_bits *bits, const shoe_span *span, uint8_t *levels) {
    int32_t last = shoe_bits_take(bits, 4);
    int32_t level = last;
    for (uint32_t i = 0; i < span->count; ++i) {
        if (i > 0) {
            /* After a symbol that does not occur, one bit says whether the next one does not either. */
            const int32_t here = level == 0 ? shoe_bits_take(bits, 1) : 1;
            if (here < 0) return SHOE_ERR_TENSOR;
            level = here ? level_read(bits, last) : 0;
        }
        if (level < 0 || level > SHOE_LEVEL_MAX) return SHOE_ERR_TENSOR;
        if (level > 0) last = level;
        levels[i] = (uint8_t)level;
    }
    return SHOE_OK;
}
