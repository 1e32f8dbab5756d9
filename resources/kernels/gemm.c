#include "gemm.h"

#include "simd.h"

#define K_BLOCK ((size_t)256)

typedef struct {
  f4 row[2][4];
} tile_t;

/** Two rows by one panel. */
static inline tile_t tile_product(size_t k, const float *a0, const float *a1, size_t step, const float *b) {
  f4 c00 = {0}, c01 = {0}, c02 = {0}, c03 = {0}, c10 = {0}, c11 = {0}, c12 = {0}, c13 = {0};
  for (size_t i = 0; i < k; i++) {
    f4 b0 = f4_load(b), b1 = f4_load(b + 4), b2 = f4_load(b + 8), b3 = f4_load(b + 12);
    f4 x = f4_splat(*a0), y = f4_splat(*a1);
    c00 += x * b0;
    c01 += x * b1;
    c02 += x * b2;
    c03 += x * b3;
    c10 += y * b0;
    c11 += y * b1;
    c12 += y * b2;
    c13 += y * b3;
    a0 += step;
    a1 += step;
    b += PANEL;
  }
  return (tile_t){{{c00, c01, c02, c03}, {c10, c11, c12, c13}}};
}

static inline f4 combined(f4 old, f4 product, gemm_mode_t mode) {
  if (mode == gemm_set) return product;
  if (mode == gemm_add) return old + product;
  return old - product;
}

static inline void store_row(float *c, const f4 *product, gemm_mode_t mode) {
  for (int v = 0; v < 4; v++) f4_store(c + 4 * v, combined(f4_load(c + 4 * v), product[v], mode));
}

static void store_part(float *c, const f4 *product, size_t from, size_t to, gemm_mode_t mode) {
  for (size_t i = from; i < to; i++) {
    float value = product[i / 4][i % 4];
    c[i] = mode == gemm_set ? value : mode == gemm_add ? c[i] + value : c[i] - value;
  }
}

static void panel_rows(size_t m, size_t from, size_t to, size_t k, left_t a, const float *b, float *c, size_t row_stride,
                       gemm_mode_t mode) {
  for (size_t i = 0; i < m; i += 2) {
    int is_pair = i + 1 < m;
    const float *a0 = a.data + i * a.row_stride;
    tile_t tile = tile_product(k, a0, is_pair ? a0 + a.row_stride : a0, a.k_stride, b);
    for (size_t r = 0; r < (is_pair ? 2u : 1u); r++) {
      float *row = c + (i + r) * row_stride;
      if (from == 0 && to == PANEL) store_row(row, tile.row[r], mode);
      else store_part(row, tile.row[r], from, to, mode);
    }
  }
}

void gemm(size_t m, size_t n, size_t k, left_t a, panels_t b, product_t c, gemm_mode_t mode) {
  size_t at = 0;
  do {
    size_t depth = k - at < K_BLOCK ? k - at : K_BLOCK;
    left_t left = {a.data + at * a.k_stride, a.row_stride, a.k_stride};
    for (size_t p = 0; p < panels_of(n); p++) {
      size_t to = n - p * PANEL < PANEL ? n - p * PANEL : PANEL;
      const float *panel = b.data + p * b.panel_stride + at * PANEL;
      panel_rows(m, p == 0 ? c.skip : 0, to, depth, left, panel, c.data + p * c.panel_stride, c.row_stride, mode);
    }
    if (mode == gemm_set) mode = gemm_add;
    at += depth;
  } while (at < k);
}

void pack_panel(const float *x, size_t row_stride, size_t k, size_t column, size_t columns, float *panel) {
  size_t width = columns - column < PANEL ? columns - column : PANEL;
  for (size_t i = 0; i < k; i++) {
    const float *row = x + i * row_stride + column;
    float *to = panel + i * PANEL;
    if (width == PANEL) {
      for (size_t v = 0; v < PANEL; v += 4) f4_store(to + v, f4_load(row + v));
    } else {
      for (size_t c = 0; c < PANEL; c++) to[c] = c < width ? row[c] : 0;
    }
  }
}

void pack_panel_transposed(const float *x, size_t row_stride, size_t k, size_t row, size_t rows, float *panel) {
  for (size_t c = 0; c < PANEL; c++) {
    const float *from = x + (row + c) * row_stride;
    for (size_t i = 0; i < k; i++) panel[i * PANEL + c] = row + c < rows ? from[i] : 0;
  }
}
