/* Between the arithmetic encoder and its search for parameters */
#ifndef SHOE_ENCODE_ARITHMETIC_H
#define SHOE_ENCODE_ARITHMETIC_H

#include "encode.h"

/* Bytes of scratch: a model with contexts for magnitudes of 8 bits and two bytes a column, and after it what decisions cost. */
enum { SHOE_ARITHMETIC_MODEL = 2 * 16384 + 8192, SHOE_ARITHMETIC_SCRATCH = SHOE_ARITHMETIC_MODEL + 2 * 4096 };

/* The parameters with which this tensor, not all zeros, becomes small and is quickly decoded: 6 bytes, to `table`. */
void shoe_arithmetic_choose_table(const shoe_encoding *job, uint32_t largest, uint8_t *table);

#endif
