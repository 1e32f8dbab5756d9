// Distinct values in ascending order with sums of what stands before each.
#ifndef SHOEHORN_KERNELS_SORTED_H
#define SHOEHORN_KERNELS_SORTED_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t count;
  const float *values;
  /** A value in their middle, from which differences are summed, so that little cancels. */
  double centre;
  /** count + 1 each: weight, weight * d and weight * d * d of the values before. */
  const double *weight, *first, *second;
} sorted_t;

size_t sorted_bytes(size_t count);
sorted_t sort_values(const float *x, const float *weights, size_t count, void *memory);

/** Mean of the values [from, to); their plain middle when they weigh nothing. */
double mean_between(const sorted_t *s, size_t from, size_t to);
/** Which beginning in [first, last] makes `before` + the squared error of [beginning, to) around its mean least. */
size_t best_beginning(const sorted_t *s, const double *before, size_t first, size_t last, size_t to, double *least);
/** Squared error of the first `to` values around a centroid. */
double spread_around(const sorted_t *s, size_t to, double centroid);
/** How many values are at most `limit`. */
size_t count_up_to(const sorted_t *s, double limit);

#endif
