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

/* `count` levels, the first one as it is and each other one after the one before. */
static int sequence_read(shoe_bits *bits, uint8_t *levels, uint32_t count) {
    int32_t last = shoe_bits_take(bits, 4);
    int32_t level = last;
    for (uint32_t i = 0; i < count; ++i) {
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

int shoe_levels_read(shoe_bits *bits, const shoe_span *span, uint8_t *levels, uint32_t *mirrored) {
    const int32_t bit = shoe_bits_take(bits, 1);
    if (bit < 0) return SHOE_ERR_TENSOR;
    *mirrored = (uint32_t)bit;
    if (!bit) return sequence_read(bits, levels, span->count);
    const uint32_t centre = span->count / 2;
    if (span->count % 2 == 0 || span->first != -(int32_t)centre) return SHOE_ERR_TENSOR;
    const int status = sequence_read(bits, levels + centre, centre + 1);
    for (uint32_t i = 1; i <= centre; ++i) levels[centre - i] = levels[centre + i];
    return status;
}
