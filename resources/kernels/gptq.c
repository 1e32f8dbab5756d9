// Blocked GPTQ.
#include "columns.h"
#include "grids.h"

/** All columns where factors are not packed. */
static size_t block_of(const gptq_t *a) {
  if (packed_floats(1, a->columns) == 0) return a->columns;
  return a->block < 1 ? 1 : a->block > LONGEST_BLOCK ? LONGEST_BLOCK : a->block;
}

static size_t band_floats(const gptq_t *a) { return TASK_ROWS * (a->columns + LONGEST_BLOCK); }

double gptq_scratch(const gptq_t *a, uint32_t threads) {
  return ((double)packed_floats(a->groups, a->columns) + threads * (double)band_floats(a)) * sizeof(float) + 64;
}

/** One weight to its grid. Gives what it loses. */
static float settle(const gptq_t *a, size_t row, size_t column, size_t grids, float weight) {
  size_t grid = row * grids + column / a->grid_columns, at = row * a->columns + column;
  float scale = a->scale[grid];
  int32_t zero = a->zero_point[grid];
  if (a->keep_zeros && a->w[at] == 0) {
    a->integers[at] = zero;
    return weight;
  }
  float steps = grid_steps(weight, scale, (float)(a->limits.min - zero), (float)(a->limits.max - zero));
  a->integers[at] = (int32_t)steps + zero;
  return weight - scale * steps;
}

static void quantize_rows(const gptq_t *a, rows_t rows, const float *packed, float *weights) {
  size_t n = a->columns, grids = (n + a->grid_columns - 1) / a->grid_columns, block = block_of(a);
  const float *u = a->factor + rows.group * n * n;
  float *errors = weights + TASK_ROWS * n;
  for (size_t i = 0; i < rows.count * n; i++) weights[i] = a->w[rows.first * n + i];
  for (size_t from = 0; from < n; from += block) {
    size_t to = n - from < block ? n : from + block;
    for (size_t j = from; j < to; j++) {
      const float *u_row = u + j * n;
      for (size_t r = 0; r < rows.count; r++) {
        float lost = settle(a, rows.first + r, j, grids, weights[r * n + j]);
        float step = lost / u_row[j];
        errors[r * LONGEST_BLOCK + j - from] = step;
        if (step != 0) compensate(weights + r * n, u_row, j + 1, to, step);
      }
    }
    compensate_rest(weights, rows.count, n, errors, from, to, packed);
  }
}

void gptq_run(const gptq_t *a, team_t *team, uint32_t thread) {
  float *packed = a->scratch, *work = packed + packed_floats(a->groups, a->columns) + thread * band_floats(a);
  bands_t bands = bands_of(a->rows, a->groups, team->threads);
  pack_factors(a->factor, a->groups, a->columns, packed, team);
  const size_t group_floats = packed_floats(1, a->columns);
  size_t task;
  while (team_take(team, bands.count, &task)) {
    rows_t rows = band_rows(&bands, task);
    quantize_rows(a, rows, packed + rows.group * group_floats, work);
  }
}
