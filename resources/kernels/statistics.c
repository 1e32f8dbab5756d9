// Ranges, means and histograms.
#include <stddef.h>

#include "kernels.h"
#include "simd.h"

#define SEGMENT ((size_t)1 << 15)

typedef struct {
  float min, max;
  double sum, squares, count;
} summary_t;

static size_t segments_of(size_t columns) { return (columns + SEGMENT - 1) / SEGMENT; }

double row_statistics_scratch(const row_statistics_t *a, uint32_t threads) {
  (void)threads;
  return (double)(a->rows * segments_of(a->columns)) * sizeof(summary_t);
}

static summary_t summarize(const float *x, size_t count) {
  f4 low = f4_splat(__builtin_inff()), high = -low;
  d2 sum = {0}, squares = {0};
  i4 finite_count = {0};
  for (size_t i = 0; i < count; i += 4) {
    f4 v = count - i >= 4 ? f4_load(x + i) : f4_load_some(x + i, count - i, __builtin_inff());
    i4 is_finite = f4_is_finite(v);
    low = f4_min(low, f4_select(is_finite, v, f4_splat(__builtin_inff())));
    high = f4_max(high, f4_select(is_finite, v, f4_splat(-__builtin_inff())));
    f4 value = (f4)((i4)v & is_finite);
    d2 a = d2_low(value), b = d2_high(value);
    sum += a + b;
    squares += a * a + b * b;
    finite_count -= is_finite;
  }
  int32_t finite = finite_count[0] + finite_count[1] + finite_count[2] + finite_count[3];
  return (summary_t){f4_lowest_lane(low), f4_highest_lane(high), sum[0] + sum[1], squares[0] + squares[1], finite};
}

static void put_row(const row_statistics_t *a, size_t row, const summary_t *parts, size_t count) {
  summary_t all = {__builtin_inff(), -__builtin_inff(), 0, 0, 0};
  for (size_t i = 0; i < count; i++) {
    if (parts[i].min < all.min) all.min = parts[i].min;
    if (parts[i].max > all.max) all.max = parts[i].max;
    all.sum += parts[i].sum;
    all.squares += parts[i].squares;
    all.count += parts[i].count;
  }
  int is_empty = all.count <= 0;
  a->min[row] = is_empty ? 0 : all.min;
  a->max[row] = is_empty ? 0 : all.max;
  a->mean[row] = is_empty ? 0 : (float)(all.sum / all.count);
  a->mean_square[row] = is_empty ? 0 : (float)(all.squares / all.count);
}

void row_statistics_run(const row_statistics_t *a, team_t *team, uint32_t thread) {
  size_t segments = segments_of(a->columns), batch = a->columns < 2048 ? 2048 / (a->columns + 1) + 1 : 1, task;
  summary_t *parts = a->scratch;
  size_t batches = (a->rows + batch - 1) / batch;
  while (team_take(team, batches * (segments ? segments : 1), &task)) {
    size_t first = segments > 1 ? task / segments : task * batch, segment = segments > 1 ? task % segments : 0;
    for (size_t row = first; row < a->rows && row < first + batch; row++) {
      size_t from = segment * SEGMENT, length = a->columns - from < SEGMENT ? a->columns - from : SEGMENT;
      summary_t part = summarize(a->x + row * a->columns + from, length);
      if (segments > 1) parts[row * segments + segment] = part;
      else put_row(a, row, &part, 1);
    }
  }
  if (segments <= 1) return;
  team_wait(team);
  if (thread == 0)
    for (size_t row = 0; row < a->rows; row++) put_row(a, row, parts + row * segments, segments);
}

/** Tables that consecutive elements go to in turn, so that many equal elements do not wait for one counter. */
#define TABLES ((size_t)4)

double histogram_scratch(const histogram_t *a, uint32_t threads) {
  return (double)threads * (double)(TABLES * a->bins) * sizeof(uint32_t);
}

static void count_one(const histogram_t *a, float x, uint32_t *table) {
  if (!(x - x == 0)) return;
  if (x <= a->low) table[0]++;
  else if (x >= a->high) table[a->bins - 1]++;
  else {
    float place = (x - a->low) * a->per_unit;
    float last = (float)(a->bins - 1);
    table[place < last ? (size_t)place : a->bins - 1]++;
  }
}

static void count_segment(const histogram_t *a, const float *x, size_t count, uint32_t *tables) {
  f4 low = f4_splat(a->low), high = f4_splat(a->high), per_unit = f4_splat(a->per_unit);
  f4 last = f4_splat((float)(a->bins - 1));
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    f4 v = f4_load(x + i);
    if (!i4_all(f4_is_finite(v))) {
      for (size_t lane = 0; lane < 4; lane++) count_one(a, x[i + lane], tables);
      continue;
    }
    f4 place = f4_min(last, f4_max(f4_splat(0), (v - low) * per_unit));
    place = f4_select(v >= high, last, f4_select(v <= low, f4_splat(0), place));
    i4 bin = i4_of(place);
    tables[(size_t)bin[0]]++;
    tables[a->bins + (size_t)bin[1]]++;
    tables[2 * a->bins + (size_t)bin[2]]++;
    tables[3 * a->bins + (size_t)bin[3]]++;
  }
  for (; i < count; i++) count_one(a, x[i], tables);
}

void histogram_run(const histogram_t *a, team_t *team, uint32_t thread) {
  uint32_t *all = a->scratch, *tables = all + thread * TABLES * a->bins;
  for (size_t i = 0; i < TABLES * a->bins; i++) tables[i] = 0;
  size_t task;
  while (team_take(team, segments_of(a->count), &task)) {
    size_t from = task * SEGMENT, length = a->count - from < SEGMENT ? a->count - from : SEGMENT;
    count_segment(a, a->x + from, length, tables);
  }
  team_wait(team);
  if (thread != 0) return;
  for (size_t t = 0; t < team->threads * TABLES; t++)
    for (size_t b = 0; b < a->bins; b++) a->counts[b] += all[t * a->bins + b];
}
