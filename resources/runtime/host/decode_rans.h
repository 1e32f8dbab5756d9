/* A fast decoder of the same bits for the host, whose table of 4096 entries no microcontroller has room for. */
#ifndef SHOE_DECODE_RANS_H
#define SHOE_DECODE_RANS_H

#include "codec.h"

/* All elements. Returns 1 when it was done, 0 when the tensor is not one for this decoder: the other one then decides. */
int decode_rans_fast(const shoe_coded_t *coded, int8_t *out);

#endif
