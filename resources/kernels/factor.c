// Cholesky factors, and the factor of the inverse.
//
// The upper U with Uᵀ U = A⁻¹ comes from the matrix with rows and columns reversed: J A J = L Lᵀ, U = J L⁻¹ J.
#include "gemm.h"
#include "kernels.h"
#include "simd.h"

/** Rows of a block of the large factorisation. */
#define BLOCK ((size_t)64)
/** Matrices up to this size are factored by one thread each in double precision. */
#define SMALL ((size_t)192)

static int is_large(const factor_t *a) { return a->n > SMALL && !a->is_exact; }
static size_t blocks_of(size_t n) { return (n + BLOCK - 1) / BLOCK; }
static size_t block_rows(size_t n, size_t block) { return n - block * BLOCK < BLOCK ? n - block * BLOCK : BLOCK; }

/** Of one thread: block columns of the inverse, and a product. */
static size_t strip_floats(size_t n) { return (blocks_of(n) + 1) * BLOCK * BLOCK; }

/** Factor (of the reversed matrix, for the inverse), inverses of its diagonal blocks, packed panels, strips of the inverse. */
double factor_scratch(const factor_t *a, uint32_t threads) {
  double n = (double)a->n, padded = (double)(panels_of(a->n) * PANEL);
  if (!is_large(a)) return threads * 2 * n * n * sizeof(double) + 64;
  double blocks = (double)(blocks_of(a->n) * BLOCK * BLOCK) * sizeof(float);
  double strips = a->is_inverse ? threads * (double)strip_floats(a->n) * sizeof(float) : 0;
  return n * n * sizeof(float) + blocks + padded * BLOCK * sizeof(float) + strips + 256;
}

static double damping_of(const float *a, size_t n, double damping) {
  double trace = 0;
  for (size_t i = 0; i < n; i++) trace += a[i * n + i] == 0 ? 1 : (double)a[i * n + i];
  return damping * trace / (double)n;
}

/** Element (i, j) of the damped matrix, reversed for the inverse. */
static inline double damped(const factor_t *a, const float *matrix, double added, size_t i, size_t j) {
  size_t n = a->n;
  double value = a->is_inverse ? matrix[(n - 1 - i) * n + (n - 1 - j)] : matrix[i * n + j];
  return i != j ? value : (value == 0 ? 1 : value) + added;
}

static double dot(const double *a, const double *b, size_t n) {
  d2 s0 = {0}, s1 = {0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += d2_load(a + i) * d2_load(b + i);
    s1 += d2_load(a + i + 2) * d2_load(b + i + 2);
  }
  s0 += s1;
  double sum = s0[0] + s0[1];
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/** The lower triangle of m becomes L. Gives 0, or 1 + the index of the pivot that is not positive. */
static size_t factor_rows(double *m, size_t n, size_t stride) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double value = m[i * stride + j] - dot(m + i * stride, m + j * stride, j);
      if (i > j) {
        m[i * stride + j] = value / m[j * stride + j];
        continue;
      }
      if (!(value > 0) || value - value != 0) return i + 1;
      m[i * stride + i] = __builtin_sqrt(value);
    }
  return 0;
}

/** L⁻¹ transposed into v: row j of v is column j of the inverse, so that all sums run along rows. */
static void invert_rows(const double *l, double *v, size_t n, size_t stride) {
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < j; i++) v[j * stride + i] = 0;
    v[j * stride + j] = 1 / l[j * stride + j];
    for (size_t i = j + 1; i < n; i++)
      v[j * stride + i] = -dot(l + i * stride + j, v + j * stride + j, i - j) / l[i * stride + i];
  }
}

static void report(const factor_t *a, size_t group, size_t pivot) {
  uint32_t none = 0;
  size_t index = a->is_inverse ? a->n - 1 - pivot : pivot;
  if (__atomic_compare_exchange_n(&a->failed[0], &none, (uint32_t)group + 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    a->failed[1] = (uint32_t)index;
}

static void factor_small(const factor_t *a, size_t group, double *work) {
  size_t n = a->n;
  const float *matrix = a->a + group * n * n;
  float *out = a->out + group * n * n;
  double added = damping_of(matrix, n, a->damping), *m = work, *v = work + n * n;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) m[i * n + j] = damped(a, matrix, added, i, j);
  size_t failed = factor_rows(m, n, n);
  if (failed) {
    report(a, group, failed - 1);
    return;
  }
  if (a->is_inverse) invert_rows(m, v, n, n);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      if (!a->is_inverse) out[i * n + j] = j <= i ? (float)m[i * n + j] : 0;
      else out[i * n + j] = j >= i ? (float)v[(n - 1 - j) * n + (n - 1 - i)] : 0;
    }
}

typedef struct {
  const factor_t *a;
  size_t n;
  /** Row-major; becomes L, what is above its diagonal blocks is not used. */
  float *m;
  /** Row-major inverse of each diagonal block of L, BLOCK apart. */
  float *inverses;
  /** The rows below a block, as panels of their transpose. */
  float *panels;
  float *strips;
} large_t;

static large_t large_of(const factor_t *a) {
  size_t n = a->n;
  float *m = a->scratch, *inverses = m + (n * n + 3) / 4 * 4, *panels = inverses + blocks_of(n) * BLOCK * BLOCK;
  return (large_t){a, n, m, inverses, panels, panels + panels_of(n) * PANEL * BLOCK};
}

static void load_large(const large_t *l, const float *matrix, team_t *team) {
  size_t n = l->n, task;
  double added = damping_of(matrix, n, l->a->damping);
  while (team_take(team, blocks_of(n), &task))
    for (size_t i = task * BLOCK; i < n && i < (task + 1) * BLOCK; i++)
      for (size_t j = 0; j <= i; j++) l->m[i * n + j] = (float)damped(l->a, matrix, added, i, j);
}

/** The diagonal block and its inverse, in double precision. Gives 0, or 1 + the pivot. */
static size_t factor_diagonal(const large_t *l, size_t block) {
  double m[BLOCK * BLOCK], v[BLOCK * BLOCK];
  size_t n = l->n, from = block * BLOCK, size = block_rows(n, block);
  for (size_t i = 0; i < size; i++)
    for (size_t j = 0; j <= i; j++) m[i * BLOCK + j] = l->m[(from + i) * n + from + j];
  size_t failed = factor_rows(m, size, BLOCK);
  if (failed) return from + failed;
  invert_rows(m, v, size, BLOCK);
  for (size_t i = 0; i < size; i++)
    for (size_t j = 0; j < size; j++) {
      l->m[(from + i) * n + from + j] = j <= i ? (float)m[i * BLOCK + j] : 0;
      l->inverses[(block * BLOCK + i) * BLOCK + j] = j <= i ? (float)v[j * BLOCK + i] : 0;
    }
  return 0;
}

/** 16 rows below the diagonal block: L21 = A21 (L11⁻¹)ᵀ, in place and as a panel of their transpose. */
static void solve_rows(const large_t *l, size_t block, size_t row, float *panel) {
  size_t n = l->n, from = block * BLOCK, rows = n - row < PANEL ? n - row : PANEL;
  float right[BLOCK * BLOCK], solved[PANEL * BLOCK];
  for (size_t p = 0; p < BLOCK / PANEL; p++)
    pack_panel_transposed(l->inverses + from * BLOCK, BLOCK, BLOCK, p * PANEL, BLOCK, right + p * PANEL * BLOCK);
  gemm(rows, BLOCK, BLOCK, (left_t){l->m + row * n + from, n, 1}, (panels_t){right, PANEL * BLOCK},
       (product_t){solved, BLOCK, PANEL, 0}, gemm_set);
  for (size_t i = 0; i < PANEL; i++)
    for (size_t k = 0; k < BLOCK; k++) {
      panel[k * PANEL + i] = i < rows ? solved[i * BLOCK + k] : 0;
      if (i < rows) l->m[(row + i) * n + from + k] = solved[i * BLOCK + k];
    }
}

/** Rows of a later block, up to its diagonal, less what `block` gives to them. */
static void update_rows(const large_t *l, size_t block, size_t later) {
  size_t n = l->n, first = (block + 1) * BLOCK, row = later * BLOCK, rows = block_rows(n, later);
  gemm(rows, row + rows - first, BLOCK, (left_t){l->m + row * n + block * BLOCK, n, 1},
       (panels_t){l->panels, PANEL * BLOCK}, (product_t){l->m + row * n + first, n, PANEL, 0}, gemm_subtract);
}

/** Right-looking blocked Cholesky. All threads leave together; `failed` tells all of them. */
static void factor_large(const large_t *l, size_t group, team_t *team, uint32_t thread) {
  size_t blocks = blocks_of(l->n), task;
  for (size_t block = 0; block < blocks; block++) {
    if (thread == 0) {
      size_t failed = factor_diagonal(l, block);
      if (failed) report(l->a, group, failed - 1);
    }
    team_wait(team);
    if (__atomic_load_n(&l->a->failed[0], __ATOMIC_RELAXED) || block + 1 == blocks) return;
    size_t first = (block + 1) * BLOCK;
    while (team_take(team, panels_of(l->n - first), &task))
      solve_rows(l, block, first + task * PANEL, l->panels + task * PANEL * BLOCK);
    team_wait(team);
    while (team_take(team, blocks - block - 1, &task)) update_rows(l, block, blocks - 1 - task);
    team_wait(team);
  }
}

/**
 * Columns of one block of L⁻¹: V_ii = inv(L_ii), V_i = -inv(L_ii) * sum of L_ik V_k. The strip holds its rows as panels,
 * and behind them a product.
 */
static void invert_columns(const large_t *l, size_t block, float *strip, float *out) {
  size_t n = l->n, from = block * BLOCK, width = block_rows(n, block), depth = (n - from + BLOCK - 1) / BLOCK * BLOCK;
  size_t stride = depth * PANEL;
  float *product = strip + stride * (BLOCK / PANEL);
  for (size_t i = block; i < blocks_of(n); i++) {
    size_t rows = block_rows(n, i), at = (i - block) * BLOCK;
    const float *inverse = l->inverses + i * BLOCK * BLOCK;
    product_t to = {strip + at * PANEL, PANEL, stride, 0};
    for (size_t p = 0; i == block && p < BLOCK / PANEL; p++)
      pack_panel(inverse, BLOCK, rows, p * PANEL, BLOCK, strip + p * stride);
    if (i == block) continue;
    gemm(rows, BLOCK, at, (left_t){l->m + i * BLOCK * n + from, n, 1}, (panels_t){strip, stride},
         (product_t){product, PANEL, PANEL * BLOCK, 0}, gemm_set);
    for (size_t k = 0; k < rows * PANEL; k++)
      for (size_t p = 0; p < BLOCK / PANEL; p++) product[p * PANEL * BLOCK + k] = -product[p * PANEL * BLOCK + k];
    gemm(rows, BLOCK, rows, (left_t){inverse, BLOCK, 1}, (panels_t){product, PANEL * BLOCK}, to, gemm_set);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < width; c++) {
      float value = i < from ? 0 : strip[c / PANEL * stride + (i - from) * PANEL + c % PANEL];
      out[(n - 1 - i) * n + (n - 1 - from - c)] = value;
    }
}

static void store_lower(const large_t *l, float *out, team_t *team) {
  size_t n = l->n, task;
  while (team_take(team, blocks_of(n), &task))
    for (size_t i = task * BLOCK; i < n && i < (task + 1) * BLOCK; i++)
      for (size_t j = 0; j < n; j++) out[i * n + j] = j <= i ? l->m[i * n + j] : 0;
}

void factor_run(const factor_t *a, team_t *team, uint32_t thread) {
  size_t square = a->n * a->n, task;
  if (!is_large(a)) {
    double *work = (double *)a->scratch + thread * 2 * square;
    while (team_take(team, a->groups, &task)) factor_small(a, task, work);
    return;
  }
  large_t l = large_of(a);
  for (size_t group = 0; group < a->groups; group++) {
    load_large(&l, a->a + group * square, team);
    team_wait(team);
    factor_large(&l, group, team, thread);
    if (__atomic_load_n(&a->failed[0], __ATOMIC_RELAXED)) return;
    team_wait(team);
    float *out = a->out + group * square;
    if (!a->is_inverse) store_lower(&l, out, team);
    else
      while (team_take(team, blocks_of(a->n), &task)) invert_columns(&l, task, l.strips + thread * strip_floats(a->n), out);
    team_wait(team);
  }
}
