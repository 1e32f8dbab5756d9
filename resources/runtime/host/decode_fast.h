/* Fast decoders of the same bits for the host, with tables that no microcontroller has room for. */
#ifndef SHOE_DECODE_FAST_H
#define SHOE_DECODE_FAST_H

#include "codec.h"

/* All elements. Returns 1 when it was done, 0 when the tensor is damaged or not one for this decoder: the other one then decides. */
int decode_huffman_fast(const shoe_coded_t *coded, int8_t *out);
int decode_rans_fast(const shoe_coded_t *coded, int8_t *out);

#endif
