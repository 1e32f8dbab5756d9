// A⁻¹ B from the Cholesky factor of A.
#include "gemm.h"
#include "kernels.h"
#include "simd.h"

#define BLOCK ((size_t)64)

/** Sixteen columns of one group are solved together, as one panel. */
double solve_scratch(const solve_t *a, uint32_t threads) {
  return threads * (double)a->n * PANEL * sizeof(float);
}

/** Block rows [from, to) by themselves: forward, or backward with the transpose. In double precision. */
static void solve_block(const float *l, size_t n, size_t from, size_t to, int is_backward, float *panel) {
  for (size_t step = from; step < to; step++) {
    size_t i = is_backward ? from + to - 1 - step : step;
    size_t first = is_backward ? i + 1 : from, last = is_backward ? to : i;
    double sum[PANEL];
    for (size_t c = 0; c < PANEL; c++) sum[c] = panel[i * PANEL + c];
    for (size_t k = first; k < last; k++) {
      double factor = is_backward ? l[k * n + i] : l[i * n + k];
      for (size_t c = 0; c < PANEL; c++) sum[c] -= factor * (double)panel[k * PANEL + c];
    }
    double pivot = l[i * n + i];
    for (size_t c = 0; c < PANEL; c++) panel[i * PANEL + c] = (float)(sum[c] / pivot);
  }
}

static void solve_panel(const float *l, size_t n, float *panel) {
  panels_t right = {panel, 0};
  for (size_t from = 0; from < n; from += BLOCK) {
    size_t to = n - from < BLOCK ? n : from + BLOCK;
    if (from > 0)
      gemm(to - from, PANEL, from, (left_t){l + from * n, n, 1}, right, (product_t){panel + from * PANEL, PANEL, 0, 0},
           gemm_subtract);
    solve_block(l, n, from, to, 0, panel);
  }
  for (size_t block = (n + BLOCK - 1) / BLOCK; block-- > 0;) {
    size_t from = block * BLOCK, to = n - from < BLOCK ? n : from + BLOCK;
    solve_block(l, n, from, to, 1, panel);
    // What lies above takes its part from this block: the transpose is read down the columns of L.
    if (from > 0)
      gemm(from, PANEL, to - from, (left_t){l + from * n, 1, n}, (panels_t){panel + from * PANEL, 0},
           (product_t){panel, PANEL, 0, 0}, gemm_subtract);
  }
}

void solve_run(const solve_t *a, team_t *team, uint32_t thread) {
  size_t n = a->n, panels = panels_of(a->columns), task;
  float *panel = (float *)a->scratch + thread * n * PANEL;
  while (team_take(team, a->groups * panels, &task)) {
    size_t group = task / panels, column = task % panels * PANEL;
    size_t width = a->columns - column < PANEL ? a->columns - column : PANEL;
    pack_panel(a->b + group * n * a->columns, a->columns, n, column, a->columns, panel);
    solve_panel(a->lower + group * n * n, n, panel);
    float *out = a->out + group * n * a->columns + column;
    for (size_t i = 0; i < n; i++)
      for (size_t c = 0; c < width; c++) out[i * a->columns + c] = panel[i * PANEL + c];
  }
}
