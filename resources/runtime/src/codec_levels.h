/*
 * How Huffman and rANS tables say which symbols occur and how often, roughly: one level a symbol, which is a code length or the
 * magnitude of a frequency. See CODECS.md, "Levels".
 */
#ifndef SHOE_CODEC_LEVELS_H
#define SHOE_CODEC_LEVELS_H

#include "codec_bits.h"

enum { SHOE_LEVEL_MAX = 12 };

/* The lowest symbol (int8) and how many follow from there, 1 to 256; the last one is at most 127. */
typedef struct {
    int32_t first;
    uint32_t count;
} shoe_span;

/* SHOE_OK, or negative when the table is impossible. */
int shoe_span_read(shoe_bits *bits, shoe_span *span);

/* levels: one per symbol of the span, 0 (does not occur) to SHOE_LEVEL_MAX.
 * *mirrored: 1 when the span is symmetric about 0, and level and mantissa of -v are those of v. */
int shoe_levels_read(shoe_bits *bits, const shoe_span *span, uint8_t *levels, uint32_t *mirrored);

#endif
