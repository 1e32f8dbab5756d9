// Product of two matrices.
#include "gemm.h"
#include "kernels.h"

#define ROWS ((size_t)32)
/** Panels that a task computes. */
#define WIDTH ((size_t)16)

double multiply_scratch(const multiply_t *a, uint32_t threads) {
  (void)threads;
  return (double)(panels_of(a->n) * PANEL) * (double)a->k * sizeof(float);
}

void multiply_run(const multiply_t *a, team_t *team, uint32_t thread) {
  (void)thread;
  float *packed = a->scratch;
  size_t task, panel = a->k * PANEL, bands = (a->m + ROWS - 1) / ROWS, strips = (panels_of(a->n) + WIDTH - 1) / WIDTH;
  while (team_take(team, panels_of(a->n), &task)) pack_panel(a->y, a->n, a->k, task * PANEL, a->n, packed + task * panel);
  team_wait(team);
  while (team_take(team, bands * strips, &task)) {
    size_t row = task % bands * ROWS, column = task / bands * WIDTH * PANEL;
    size_t rows = a->m - row < ROWS ? a->m - row : ROWS;
    size_t columns = a->n - column < WIDTH * PANEL ? a->n - column : WIDTH * PANEL;
    gemm(rows, columns, a->k, (left_t){a->x + row * a->k, a->k, 1}, (panels_t){packed + column * a->k, panel},
         (product_t){a->out + row * a->n + column, a->n, PANEL, 0}, gemm_set);
  }
}
