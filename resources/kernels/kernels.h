// The arguments of each kernel. `<name>_scratch` gives the bytes that `scratch` must have for a number of threads;
// `<name>_run` is called by every thread of a team. All memory is the caller's and aligned to 16 bytes.
//
// In WebAssembly the host writes these structures word by word: pointers, size_t, float and int are 4 bytes, double is 8
// and aligned to 8.
#ifndef SHOEHORN_KERNELS_H
#define SHOEHORN_KERNELS_H

#include "team.h"

#ifdef __wasm__
#define KERNEL_EXPORT(name) __attribute__((export_name(#name)))
#else
#define KERNEL_EXPORT(name)
#endif

#define DECLARE_KERNEL(name)                                                           \
  KERNEL_EXPORT(name##_scratch) double name##_scratch(const name##_t *, uint32_t threads); \
  KERNEL_EXPORT(name##_run) void name##_run(const name##_t *, team_t *, uint32_t thread)

typedef struct {
  void *scratch;
  const float *x;
  size_t rows, columns;
  float *min, *max, *mean, *mean_square;
} row_statistics_t;
DECLARE_KERNEL(row_statistics);

/** Counts into `counts`, which it does not clear. */
typedef struct {
  void *scratch;
  const float *x;
  size_t count, bins;
  float low, high, per_unit;
  uint32_t *counts;
} histogram_t;
DECLARE_KERNEL(histogram);

/** Limits within +-2^23, so that integers are exact in float. */
typedef struct {
  int32_t min, max;
} limits_t;

typedef enum { metric_max, metric_power, metric_divergence } metric_t;

typedef struct {
  void *scratch;
  const float *x;
  size_t rows, columns;
  limits_t limits;
  int32_t is_symmetric, is_power_of_two, metric;
  float power;
  size_t bins, candidates;
  /** One a column, or null. */
  const float *weights;
  float *scale;
  int32_t *zero_point;
  double shrink_to;
} search_scales_t;
DECLARE_KERNEL(search_scales);

typedef struct {
  void *scratch;
  const float *x;
  size_t rows, columns;
  limits_t limits;
  const float *scale;
  const int32_t *zero_point;
  int32_t *integers;
} quantize_t;
DECLARE_KERNEL(quantize);

typedef struct {
  void *scratch;
  const int32_t *integers;
  size_t rows, columns;
  const float *scale;
  const int32_t *zero_point;
  float *real;
} dequantize_t;
DECLARE_KERNEL(dequantize);

typedef struct {
  void *scratch;
  const float *x;
  /** One an element, or null. */
  const float *weights;
  size_t count, k, iterations;
  /** Ascending, distinct; k or fewer. */
  const float *fixed;
  size_t fixed_count;
  /** Room for k. */
  float *centroids;
  uint16_t *assignment;
  /** Out: how many centroids there are. */
  size_t *centroid_count;
  double *error;
  double exact_limit;
} kmeans_t;
DECLARE_KERNEL(kmeans);

typedef struct {
  void *scratch;
  const float *scores;
  size_t count, keep;
  uint8_t *mask;
} top_mask_t;
DECLARE_KERNEL(top_mask);

typedef struct {
  void *scratch;
  const float *scores;
  size_t rows, columns, n, m;
  uint8_t *mask;
} nm_mask_t;
DECLARE_KERNEL(nm_mask);

typedef struct {
  size_t channels, height, width;
  size_t kernel_height, kernel_width;
  size_t stride_y, stride_x, dilation_y, dilation_x;
  size_t pad_top, pad_left;
  size_t out_height, out_width;
} patch_shape_t;

typedef struct {
  void *scratch;
  const float *x;
  /** Null: all. */
  const uint32_t *positions;
  size_t rows;
  float *out;
  patch_shape_t shape;
} patches_t;
DECLARE_KERNEL(patches);

typedef struct {
  void *scratch;
  const float *x;
  size_t samples, groups, size;
  /** Added; null: zeros. */
  const float *sum;
  float *out;
  /** 0: the rows of x are samples of `groups * size` columns. */
  int32_t is_patches;
  const uint32_t *positions;
  patch_shape_t shape;
} gram_t;
DECLARE_KERNEL(gram);

typedef struct {
  void *scratch;
  const float *x, *y;
  size_t m, n, k;
  float *out;
} multiply_t;
DECLARE_KERNEL(multiply);

/** Of a stack: L, or with `is_inverse` the upper U with Uᵀ U = (A + damping)⁻¹. */
typedef struct {
  void *scratch;
  const float *a;
  size_t groups, n;
  int32_t is_inverse;
  /** Not 0: double precision throughout. */
  int32_t is_exact;
  float *out;
  /** Out, two words, 0 before: 1 + the group whose pivot is not positive, and the pivot's index. */
  uint32_t *failed;
  double damping;
} factor_t;
DECLARE_KERNEL(factor);

typedef struct {
  void *scratch;
  const float *lower, *b;
  size_t groups, n, columns;
  float *out;
} solve_t;
DECLARE_KERNEL(solve);

typedef struct {
  void *scratch;
  const float *w;
  size_t rows, columns, groups;
  const float *factor;
  limits_t limits;
  const float *scale;
  const int32_t *zero_point;
  size_t grid_columns, block;
  int32_t keep_zeros;
  int32_t *integers;
} gptq_t;
DECLARE_KERNEL(gptq);

typedef struct {
  void *scratch;
  const float *w;
  size_t rows, columns, groups;
  const float *factor;
  /** n of every m columns; m = 0: a share of all. */
  size_t n, m;
  size_t block;
  float *out;
  double zeros;
} obs_prune_t;
DECLARE_KERNEL(obs_prune);

typedef struct {
  void *scratch;
  const float *w;
  size_t rows, columns, groups;
  const float *gram;
  limits_t limits;
  const float *scale;
  const int32_t *zero_point;
  size_t iterations;
  /** The regulariser's exponent at each iteration; 0: without regulariser. */
  const float *exponents;
  float learning_rate, regularization;
  int32_t keep_zeros;
  int32_t *integers;
  /** Out, two a row: at rounding to nearest, and at the end. */
  double *errors;
  double samples;
} optimize_rounding_t;
DECLARE_KERNEL(optimize_rounding);

#endif
