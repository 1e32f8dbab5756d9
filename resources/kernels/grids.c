// Integers of a grid and back.
#include "grids.h"

#define TASK ((size_t)1 << 14)

/** Rows, or parts of long rows, so that a task has about TASK elements. */
typedef struct {
  size_t rows_per_task, parts, part, count;
} split_t;

static split_t split_of(size_t rows, size_t columns) {
  if (columns > TASK) {
    size_t parts = (columns + TASK - 1) / TASK;
    return (split_t){1, parts, TASK, rows * parts};
  }
  size_t per_task = columns ? TASK / columns : rows + 1;
  return (split_t){per_task, 1, columns, (rows + per_task - 1) / per_task};
}

static void quantize_span(const quantize_t *a, size_t row, size_t from, size_t to) {
  float s = a->scale[row];
  int32_t zero = a->zero_point[row];
  float lowest = (float)(a->limits.min - zero), highest = (float)(a->limits.max - zero);
  f4 scale = f4_splat(s), low = f4_splat(lowest), high = f4_splat(highest);
  const float *x = a->x + row * a->columns;
  int32_t *out = a->integers + row * a->columns;
  size_t c = from;
  for (; c + 4 <= to; c += 4) i4_store(out + c, i4_of(f4_grid_steps(f4_load(x + c), scale, low, high)) + i4_splat(zero));
  for (; c < to; c++) out[c] = (int32_t)grid_steps(x[c], s, lowest, highest) + zero;
}

static void dequantize_span(const dequantize_t *a, size_t row, size_t from, size_t to) {
  float s = a->scale[row];
  int32_t zero = a->zero_point[row];
  const int32_t *q = a->integers + row * a->columns;
  float *out = a->real + row * a->columns;
  size_t c = from;
  for (; c + 4 <= to; c += 4) f4_store(out + c, f4_splat(s) * f4_of(i4_load(q + c) - i4_splat(zero)));
  for (; c < to; c++) out[c] = s * (float)(q[c] - zero);
}

double quantize_scratch(const quantize_t *a, uint32_t threads) {
  (void)a;
  (void)threads;
  return 0;
}

double dequantize_scratch(const dequantize_t *a, uint32_t threads) {
  (void)a;
  (void)threads;
  return 0;
}

#define RUN_SPANS(span)                                                                                  \
  (void)thread;                                                                                          \
  split_t split = split_of(a->rows, a->columns);                                                         \
  size_t task;                                                                                           \
  while (team_take(team, split.count, &task)) {                                                          \
    size_t row = task / split.parts * split.rows_per_task, from = task % split.parts * split.part;       \
    size_t to = a->columns - from < split.part ? a->columns : from + split.part;                         \
    for (size_t i = 0; i < split.rows_per_task && row + i < a->rows; i++) span(a, row + i, from, to);    \
  }

void quantize_run(const quantize_t *a, team_t *team, uint32_t thread) { RUN_SPANS(quantize_span) }
void dequantize_run(const dequantize_t *a, team_t *team, uint32_t thread) { RUN_SPANS(dequantize_span) }
