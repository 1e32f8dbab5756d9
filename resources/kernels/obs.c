// One-shot pruning with weight update; src-main/kernels/reference/obs.ts tells how survivors are chosen.
#include "columns.h"
#include "masks.h"
#include "simd.h"

/** Columns that are chosen together. */
static size_t step_of(const obs_prune_t *a) {
  size_t step = a->m ? a->m : a->block;
  return step < 1 ? 1 : step < a->columns ? step : a->columns;
}

static size_t elements(const obs_prune_t *a) { return a->rows * step_of(a); }

static size_t band_floats(const obs_prune_t *a) {
  return TASK_ROWS * LONGEST_BLOCK + (a->m ? (a->m + 3) / 4 * 5 + 4 : 0);
}

/** Factors; what each thread needs; scores and mask of a step. */
double obs_prune_scratch(const obs_prune_t *a, uint32_t threads) {
  double step = a->m ? 0 : (double)elements(a) * 5;
  return ((double)packed_floats(a->groups, a->columns) + threads * (double)band_floats(a)) * sizeof(float) + step + 64;
}

static float score_of(const obs_prune_t *a, size_t group, size_t row, size_t column) {
  size_t n = a->columns;
  double share = (double)a->out[row * n + column] / (double)a->factor[(group * n + column) * n + column];
  return (float)(share * share);
}

static void prune_column(const obs_prune_t *a, const float *u_row, size_t row, size_t j, size_t to, float *error) {
  float *weights = a->out + row * a->columns;
  float step = weights[j] / u_row[j];
  *error = step;
  if (step != 0) compensate(weights, u_row, j + 1, to, step);
  weights[j] = 0;
}

/** Zeros before a column when a share of all is pruned. */
static size_t zeros_before(const obs_prune_t *a, size_t column) {
  double zeros = (double)(a->rows * column) * a->zeros + 0.5;
  return zeros > 0 ? (size_t)zeros : 0;
}

/** Survivors of the step [from, to) by score among all rows. */
static void choose(const obs_prune_t *a, size_t from, size_t to, const float *scores, uint8_t *mask) {
  size_t count = a->rows * (to - from), keep = count - (zeros_before(a, to) - zeros_before(a, from));
  cut_t cut = {0, 0};
  if (keep > 0 && keep < count) cut = score_cut(scores, count, keep);
  for (size_t i = 0; i < count; i++) {
    uint32_t key = score_key(scores[i]);
    int is_tie = key == cut.key && cut.ties > 0;
    if (is_tie) cut.ties--;
    mask[i] = keep == count || (keep > 0 && (key > cut.key || is_tie));
  }
}

static void prune_step(const obs_prune_t *a, rows_t rows, size_t from, size_t to, const uint8_t *mask,
                       const float *packed, float *errors) {
  size_t n = a->columns, width = to - from;
  const float *u = a->factor + rows.group * n * n;
  int is_packed = packed_floats(1, n) > 0;
  for (size_t first = from; first < to; first += LONGEST_BLOCK) {
    size_t last = to - first < LONGEST_BLOCK ? to : first + LONGEST_BLOCK, reach = is_packed ? last : n;
    for (size_t j = first; j < last; j++)
      for (size_t r = 0; r < rows.count; r++) {
        float *error = errors + r * LONGEST_BLOCK + j - first;
        *error = 0;
        if (!mask[(rows.first + r) * width + j - from]) prune_column(a, u + j * n, rows.first + r, j, reach, error);
      }
    if (is_packed) compensate_rest(a->out + rows.first * n, rows.count, n, errors, first, last, packed);
  }
}

static void prune_share(const obs_prune_t *a, const bands_t *bands, const float *packed, float *errors, float *scores,
                        team_t *team, uint32_t thread) {
  size_t step = step_of(a), task;
  uint8_t *mask = (uint8_t *)(scores + elements(a));
  for (size_t from = 0; from < a->columns; from += step) {
    size_t to = a->columns - from < step ? a->columns : from + step;
    while (team_take(team, bands->count, &task)) {
      rows_t rows = band_rows(bands, task);
      for (size_t r = rows.first; r < rows.first + rows.count; r++)
        for (size_t j = from; j < to; j++) scores[r * (to - from) + j - from] = score_of(a, rows.group, r, j);
    }
    team_wait(team);
    if (thread == 0) choose(a, from, to, scores, mask);
    team_wait(team);
    while (team_take(team, bands->count, &task)) {
      rows_t rows = band_rows(bands, task);
      prune_step(a, rows, from, to, mask, packed + rows.group * packed_floats(1, a->columns), errors);
    }
    team_wait(team);
  }
}

/** Columns of a block: whole groups of m, which may be more than LONGEST_BLOCK only when one m is. */
static size_t group_block(const obs_prune_t *a) {
  size_t groups = LONGEST_BLOCK / a->m;
  return (groups ? groups : 1) * a->m;
}

static void mark_group(const obs_prune_t *a, size_t group, size_t row, size_t from, size_t width, float *scores,
                       uint8_t *mask) {
  for (size_t i = 0; i < width; i++) scores[i] = score_of(a, group, row, from + i);
  mark_largest(scores, width, a->n, mask);
}

/** A row at a time within a block: groups of m are chosen when they are reached. */
static void prune_groups(const obs_prune_t *a, rows_t rows, const float *packed, float *errors) {
  size_t n = a->columns, block = group_block(a);
  int is_packed = packed_floats(1, n) > 0 && block <= LONGEST_BLOCK;
  const float *u = a->factor + rows.group * n * n;
  float *scores = errors + TASK_ROWS * LONGEST_BLOCK;
  uint8_t *mask = (uint8_t *)(scores + (a->m + 3) / 4 * 4);
  for (size_t from = 0; from < n; from += block) {
    size_t to = n - from < block ? n : from + block;
    for (size_t r = 0; r < rows.count; r++)
      for (size_t j = from; j < to; j++) {
        size_t place = (j - from) % a->m, row = rows.first + r;
        if (place == 0) mark_group(a, rows.group, row, j, to - j < a->m ? to - j : a->m, scores, mask);
        float error = 0, *kept = is_packed ? errors + r * LONGEST_BLOCK + j - from : &error;
        *kept = 0;
        if (!mask[place]) prune_column(a, u + j * n, row, j, is_packed ? to : n, kept);
      }
    if (is_packed) compensate_rest(a->out + rows.first * n, rows.count, n, errors, from, to, packed);
  }
}

void obs_prune_run(const obs_prune_t *a, team_t *team, uint32_t thread) {
  float *packed = a->scratch, *work = packed + packed_floats(a->groups, a->columns);
  float *errors = work + thread * band_floats(a), *scores = work + team->threads * band_floats(a);
  bands_t bands = bands_of(a->rows, a->groups, team->threads);
  size_t task;
  while (team_take(team, bands.count, &task)) {
    rows_t rows = band_rows(&bands, task);
    for (size_t i = rows.first * a->columns; i < (rows.first + rows.count) * a->columns; i++) a->out[i] = a->w[i];
  }
  team_wait(team);
  pack_factors(a->factor, a->groups, a->columns, packed, team);
  if (a->m == 0) {
    prune_share(a, &bands, packed, errors, scores, team, thread);
    return;
  }
  while (team_take(team, bands.count, &task)) {
    rows_t rows = band_rows(&bands, task);
    prune_groups(a, rows, packed + rows.group * packed_floats(1, a->columns), errors);
  }
}
