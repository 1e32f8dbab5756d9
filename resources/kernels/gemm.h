// Matrix products over packed panels.
//
// A panel holds 16 columns of the right operand: element (k, c) at k * 16 + c, columns that do not exist are 0. The left
// operand is read where it lies, element (i, k) at i * row_stride + k * k_stride.
#ifndef SHOEHORN_KERNELS_GEMM_H
#define SHOEHORN_KERNELS_GEMM_H

#include <stddef.h>

#define PANEL ((size_t)16)

static inline size_t panels_of(size_t columns) { return (columns + PANEL - 1) / PANEL; }

typedef enum { gemm_set, gemm_add, gemm_subtract } gemm_mode_t;

typedef struct {
  const float *data;
  size_t row_stride, k_stride;
} left_t;

typedef struct {
  const float *data;
  /** Floats from one panel to the next. */
  size_t panel_stride;
} panels_t;

/** Element (i, 16 * panel + c) at i * row_stride + panel * panel_stride + c. */
typedef struct {
  float *data;
  size_t row_stride, panel_stride;
  /** Columns of the first panel that are left alone. */
  size_t skip;
} product_t;

/** c = a b, c += a b or c -= a b; m x n, over k. Sums are of at most 256 products in a row, then of those sums. */
void gemm(size_t m, size_t n, size_t k, left_t a, panels_t b, product_t c, gemm_mode_t mode);

/** Rows [0, k) of a row-major matrix into panels, from column `column` on. `columns` is where the matrix ends. */
void pack_panel(const float *x, size_t row_stride, size_t k, size_t column, size_t columns, float *panel);
/** The same of the transposed matrix: row c of x becomes column c. */
void pack_panel_transposed(const float *x, size_t row_stride, size_t k, size_t row, size_t rows, float *panel);

#endif
