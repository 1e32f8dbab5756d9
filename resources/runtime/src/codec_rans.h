/* What the decoders of devices and of the host have in common. Format: CODECS.md. */
#ifndef SHOE_CODEC_RANS_H
#define SHOE_CODEC_RANS_H

#include "codec_levels.h"

enum {
    SHOE_RANS_BITS = 12,               /* frequencies add up to 1 << this */
    SHOE_RANS_TOTAL = 1 << SHOE_RANS_BITS,
    SHOE_RANS_LOG2_STATES_MAX = 3
};

/* States lie from SHOE_RANS_LOW to 65536 times that between two symbols; they take in 16 bits when they fall below. */
#define SHOE_RANS_LOW 0x8000u

static inline int shoe_rans_state_is_possible(uint32_t x) {
    return x >= SHOE_RANS_LOW && x >> 31 == 0;
}

/* Frequencies of the span's symbols, 0 for those that do not occur. All of SHOE_RANS_TOTAL for a symbol alone. */
int shoe_rans_table(const uint8_t *table, uint32_t table_bytes, shoe_span *span, uint16_t *frequencies);

#endif
