/* The writing side of codec_levels.h. */
#ifndef SHOE_LEVELS_H
#define SHOE_LEVELS_H

#include "bit_writer.h"
#include "codec_levels.h"

void span_write(bit_writer *writer, const shoe_span *span);

/* One level per symbol of the span; of a mirrored table those of 0 up are written. */
void levels_write(bit_writer *writer, const shoe_span *span, const uint8_t *levels, uint32_t mirrored);

/* Bits that levels_write() takes. */
uint32_t levels_bits(const shoe_span *span, const uint8_t *levels, uint32_t mirrored);

static inline int span_can_mirror(const shoe_span *span) {
    return span->count % 2 == 1 && span->first == -(int32_t)(span->count / 2);
}

/* Bits of one level: `before` is the one before, `last` the last one that was not 0. */
uint32_t level_bits(uint32_t level, uint32_t before, uint32_t last);

#endif
