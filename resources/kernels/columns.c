#include "columns.h"

#include "simd.h"

bands_t bands_of(size_t rows, size_t groups, uint32_t threads) {
  size_t per_group = groups ? rows / groups : 0, share = (rows + threads - 1) / threads;
  size_t height = share < TASK_ROWS ? share : TASK_ROWS;
  size_t bands = per_group ? (per_group + height - 1) / height : 0;
  return (bands_t){per_group, bands, groups * bands};
}

rows_t band_rows(const bands_t *bands, size_t task) {
  size_t group = task / bands->bands, band = task % bands->bands;
  size_t height = (bands->per_group + bands->bands - 1) / bands->bands, first = band * height;
  if (first >= bands->per_group) return (rows_t){0, 0, group};
  size_t left = bands->per_group - first;
  return (rows_t){group * bands->per_group + first, left < height ? left : height, group};
}

size_t packed_floats(size_t groups, size_t columns) {
  return columns <= LONGEST_BLOCK ? 0 : groups * panels_of(columns) * PANEL * columns;
}

void pack_factors(const float *factor, size_t groups, size_t columns, float *packed, team_t *team) {
  if (packed_floats(groups, columns) == 0) return;
  size_t panels = panels_of(columns), task;
  while (team_take(team, groups * panels, &task)) {
    size_t group = task / panels, column = task % panels * PANEL, depth = column + PANEL;
    pack_panel(factor + group * columns * columns, columns, depth < columns ? depth : columns, column, columns,
               packed + task * PANEL * columns);
  }
  team_wait(team);
}

void compensate(float *row, const float *u, size_t from, size_t to, float step) {
  size_t c = from;
  f4 s = f4_splat(step);
  for (; c + 4 <= to; c += 4) f4_store(row + c, f4_load(row + c) - s * f4_load(u + c));
  for (; c < to; c++) row[c] -= step * u[c];
}

void compensate_rest(float *weights, size_t rows, size_t columns, const float *errors, size_t from, size_t to,
                     const float *packed) {
  if (to >= columns) return;
  size_t panel = to / PANEL, column = panel * PANEL;
  gemm(rows, columns - column, to - from, (left_t){errors, LONGEST_BLOCK, 1},
       (panels_t){packed + panel * PANEL * columns + from * PANEL, PANEL * columns},
       (product_t){weights + column, columns, PANEL, to - column}, gemm_subtract);
}
