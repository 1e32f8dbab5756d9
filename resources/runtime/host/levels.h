/* The writing side of codec_levels.h. */
#ifndef SHOE_LEVELS_H
#define SHOE_LEVELS_H

#include "bit_writer.h"
#include "codec_levels.h"

void span_write(bit_writer *writer, const shoe_span *span);
void levels_write(bit_writer *writer, const uint8_t *levels, uint32_t count);

/* Bits that levels_write() takes. */
uint32_t levels_bits(const uint8_t *levels, uint32_t count);

#endif
