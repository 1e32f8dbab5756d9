// The cost of a grid as a divergence of histograms; src-main/kernels/reference/divergence.ts tells what it is.
#ifndef SHOEHORN_KERNELS_DIVERGENCE_H
#define SHOEHORN_KERNELS_DIVERGENCE_H

#include "kernels.h"

/** Bytes of work that divergence_of needs; 0 for no bins. */
size_t divergence_bytes(size_t bins);
void divergence_counts(const float *x, size_t count, float low, float high, size_t bins, uint32_t *counts);
double divergence_of(const uint32_t *counts, size_t bins, float low, float high, float scale, int32_t zero,
                     limits_t limits, void *work);

#endif
