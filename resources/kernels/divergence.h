// The cost of a grid as a divergence of histograms; src-main/kernels/reference/divergence.ts tells what it is.
#ifndef SHOEHORN_KERNELS_DIVERGENCE_H
#define SHOEHORN_KERNELS_DIVERGENCE_H

#include "kernels.h"

/** A row's histogram, and work for the grids that are tried on it. */
typedef struct {
  size_t bins;
  double total;
  /** Sum of count * log(count). */
  double entropy;
  uint32_t *counts;
  /** Of each bin the middle, and what it becomes on the grid of now; whole vectors. */
  float *centres, *steps;
} distribution_t;

/** Bytes that a distribution is made in; 0 for no bins. */
size_t distribution_bytes(size_t bins);
distribution_t distribution_of(const float *x, size_t count, float low, float high, size_t bins, void *memory);
double divergence_of(const distribution_t *d, float scale, int32_t zero, limits_t limits);

#endif
