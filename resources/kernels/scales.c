// Search of a scale and zero point for each row. What is searched is told in src-main/kernels/reference/scales.ts.
#include "divergence.h"
#include "functions.h"
#include "grids.h"

#define SLIDES ((size_t)5)
/** Powers of two between the smallest normal number and the largest finite one. */
#define MOST_POWERS ((size_t)254)

typedef struct {
  /** Times `unit`, a power of two that brings the row to about 1, so that no square overflows or vanishes. */
  float *row;
  float unit;
  double low, high;
  distribution_t distribution;
} cleaned_t;

static size_t most_scales(const search_scales_t *a) {
  if (a->is_power_of_two) return MOST_POWERS;
  return a->metric == metric_max || a->candidates < 1 ? 1 : a->candidates;
}

/** Floats of a row, up to whole vectors. */
static size_t padded(const search_scales_t *a) { return (a->columns + 3) / 4 * 4; }

/** Few long rows: all threads share the candidates of each row. */
static int is_wide(const search_scales_t *a, uint32_t threads) {
  return a->rows < 4 * (size_t)threads && a->columns > 4096 && a->metric == metric_power;
}

static size_t bins_of(const search_scales_t *a) { return a->metric == metric_divergence ? a->bins : 0; }

/** Of one cleaned row and its distribution. */
static size_t row_bytes(const search_scales_t *a) {
  return padded(a) * sizeof(float) + distribution_bytes(bins_of(a));
}

double search_scales_scratch(const search_scales_t *a, uint32_t threads) {
  double wide = (double)(most_scales(a) * SLIDES) * sizeof(double) + (double)a->rows * (double)row_bytes(a) +
                (double)a->rows * sizeof(cleaned_t) + 64;
  double narrow = (double)threads * (double)row_bytes(a);
  return (is_wide(a, threads) ? (double)a->rows * wide : narrow) + 64;
}

static double power_of_two(int exponent) {
  union {
    uint64_t bits;
    double value;
  } u = {(uint64_t)(exponent + 1023) << 52};
  return u.value;
}

static float unit_of(float low, float high) {
  union {
    float value;
    uint32_t bits;
  } u = {high > -low ? high : -low};
  int exponent = (int)(u.bits >> 23) - 127;
  return (float)power_of_two(exponent > 126 ? -126 : -exponent < 126 ? -exponent : 126);
}

/** The row with 0 for what is not finite (0 is on every grid, so it costs nothing), and its range. */
static cleaned_t clean(const search_scales_t *a, size_t row, void *memory) {
  const float *x = a->x + row * a->columns;
  float *to = memory;
  f4 low = {0}, high = {0};
  for (size_t i = 0; i < a->columns; i += 4) {
    size_t left = a->columns - i;
    f4 v = left >= 4 ? f4_load(x + i) : f4_load_some(x + i, left, 0);
    v = (f4)((i4)v & f4_is_finite(v));
    f4_store(to + i, v);
    low = f4_min(low, v);
    high = f4_max(high, v);
  }
  cleaned_t cleaned = {to, 1, f4_lowest_lane(low), f4_highest_lane(high), {0, 0, 0, 0, 0, 0}};
  cleaned.unit = unit_of((float)cleaned.low, (float)cleaned.high);
  for (size_t i = 0; i < a->columns; i += 4) f4_store(to + i, f4_load(to + i) * f4_splat(cleaned.unit));
  if (a->metric == metric_divergence)
    cleaned.distribution =
        distribution_of(x, a->columns, (float)cleaned.low, (float)cleaned.high, a->bins, to + padded(a));
  return cleaned;
}

static double full_scale(const search_scales_t *a, double low, double high) {
  double min = a->limits.min, max = a->limits.max;
  if (!a->is_symmetric) return (high - low) / (max - min);
  double above = max > 0 ? high / max : 0, below = min < 0 ? low / min : 0;
  return above > below ? above : below;
}

static float positive_float(double x) {
  if (x < 0x1p-126) x = 0x1p-126;
  if (x > 0x1.fffffep127) x = 0x1.fffffep127;
  return (float)x;
}

/** From the smallest power of two that is not below `full`, down to the last that is not below `smallest`. */
static size_t powers_of_two(double full, double smallest, float *scales) {
  int exponent = -126;
  while (exponent < 127 && power_of_two(exponent) < full) exponent++;
  size_t count = 0;
  do scales[count++] = (float)power_of_two(exponent--);
  while (exponent >= -126 && power_of_two(exponent) >= smallest);
  return count;
}

static float scale_at(const search_scales_t *a, double full, size_t i, size_t count) {
  size_t step = count - 1 - i;
  double share = count == 1 ? 1 : a->shrink_to + ((1 - a->shrink_to) * (double)step) / (double)(count - 1);
  return positive_float(full * share);
}

/** Candidate `i` from the largest scale on; powers of two come from a list. */
typedef struct {
  double full;
  size_t count;
  float powers[MOST_POWERS];
} candidates_t;

static void list_candidates(const search_scales_t *a, double full, candidates_t *list) {
  list->full = full;
  list->count = most_scales(a);
  if (a->is_power_of_two)
    list->count = powers_of_two(full, a->metric == metric_max ? full : full * a->shrink_to, list->powers);
}

static float candidate_scale(const search_scales_t *a, const candidates_t *list, size_t i) {
  return a->is_power_of_two ? list->powers[i] : scale_at(a, list->full, i, list->count);
}

static int32_t zero_point_at(const search_scales_t *a, float scale, double low, double high, size_t slide) {
  if (a->is_symmetric) return 0;
  double at_low = a->limits.min - low / (double)scale, at_high = a->limits.max - high / (double)scale;
  double x = at_low + 0.25 * (double)slide * (at_high - at_low);
  double min = a->limits.min, max = a->limits.max;
  double whole = __builtin_trunc(x), rest = x - whole;
  double q = rest >= 0.5 ? whole + 1 : rest <= -0.5 ? whole - 1 : whole;
  return (int32_t)(q < min ? min : q > max ? max : q);
}

/** Ties of the rounding cost the same either way, so they may go to even here. */
static inline f4 difference(f4 x, f4 scale, f4 low, f4 high) {
  f4 q = f4_min(f4_max(f4_nearest(x / scale), low), high);
  return f4_abs(x - scale * q);
}

static inline f4 cost_of(f4 d, float power) {
  if (power == 2) return d * d;
  if (power == 1) return d;
  return f4_power(d, f4_splat(power));
}

/** Elements whose costs are summed in float before they go to double. */
#define RUN ((size_t)256)

static inline double power_cost(const search_scales_t *a, const float *row, float scale, int32_t zero, float power) {
  f4 s = f4_splat(scale), low = f4_splat((float)(a->limits.min - zero)), high = f4_splat((float)(a->limits.max - zero));
  d2 total = {0};
  size_t end = padded(a);
  for (size_t from = 0; from < end; from += RUN) {
    f4 sum = {0};
    size_t to = end - from < RUN ? end : from + RUN;
    for (size_t i = from; i < to; i += 4) {
      f4 cost = cost_of(difference(f4_load(row + i), s, low, high), power);
      if (a->weights) {
        size_t left = a->columns - i;
        cost *= left >= 4 ? f4_load(a->weights + i) : f4_load_some(a->weights + i, left, 0);
      }
      sum += cost;
    }
    total += d2_low(sum) + d2_high(sum);
  }
  return total[0] + total[1];
}

/** Separate calls, so that the usual powers are compiled apart. */
static double grid_cost(const search_scales_t *a, const cleaned_t *row, float scale, int32_t zero) {
  if (a->metric == metric_divergence) return divergence_of(&row->distribution, scale, zero, a->limits);
  if (a->power == 2) return power_cost(a, row->row, scale * row->unit, zero, 2);
  if (a->power == 1) return power_cost(a, row->row, scale * row->unit, zero, 1);
  return power_cost(a, row->row, scale * row->unit, zero, a->power);
}

static size_t slides_of(const search_scales_t *a) { return a->is_symmetric ? 1 : SLIDES; }

static int32_t clamped_zero(limits_t limits) { return limits.min > 0 ? limits.min : limits.max < 0 ? limits.max : 0; }

/** Nothing to search: rows of zeros, and the full range alone. */
static int is_plain(const search_scales_t *a, const cleaned_t *row, double full, size_t r) {
  if (!(full > 0)) {
    a->scale[r] = 1;
    a->zero_point[r] = a->is_symmetric ? 0 : clamped_zero(a->limits);
    return 1;
  }
  if (a->metric != metric_max) return 0;
  candidates_t list;
  list_candidates(a, full, &list);
  a->scale[r] = candidate_scale(a, &list, 0);
  a->zero_point[r] = zero_point_at(a, a->scale[r], row->low, row->high, 0);
  return 1;
}

static void search_row(const search_scales_t *a, const cleaned_t *row, size_t r) {
  double full = full_scale(a, row->low, row->high), best = __builtin_inf();
  if (is_plain(a, row, full, r)) return;
  candidates_t list;
  list_candidates(a, full, &list);
  for (size_t i = 0; i < list.count; i++) {
    float scale = candidate_scale(a, &list, i);
    for (size_t slide = 0; slide < slides_of(a); slide++) {
      int32_t zero = zero_point_at(a, scale, row->low, row->high, slide);
      double cost = grid_cost(a, row, scale, zero);
      if ((i > 0 || slide > 0) && cost >= best) continue;
      best = cost;
      a->scale[r] = scale;
      a->zero_point[r] = zero;
    }
  }
}

static void search_narrow(const search_scales_t *a, team_t *team, uint32_t thread) {
  char *memory = (char *)a->scratch + thread * row_bytes(a);
  size_t batch = a->columns < 64 ? 16 : 1, task;
  while (team_take(team, (a->rows + batch - 1) / batch, &task))
    for (size_t r = task * batch; r < a->rows && r < (task + 1) * batch; r++) {
      cleaned_t row = clean(a, r, memory);
      search_row(a, &row, r);
    }
}

static void search_wide(const search_scales_t *a, team_t *team, uint32_t thread) {
  size_t per_row = most_scales(a) * SLIDES, task;
  double *costs = a->scratch;
  cleaned_t *rows = (cleaned_t *)(costs + a->rows * per_row);
  char *memory = (char *)(((uintptr_t)(rows + a->rows) + 15) / 16 * 16);
  while (team_take(team, a->rows, &task)) rows[task] = clean(a, task, memory + task * row_bytes(a));
  team_wait(team);
  while (team_take(team, a->rows * per_row, &task)) {
    size_t r = task / per_row, i = task % per_row / SLIDES, slide = task % SLIDES;
    double full = full_scale(a, rows[r].low, rows[r].high);
    candidates_t list;
    if (!(full > 0) || slide >= slides_of(a)) continue;
    list_candidates(a, full, &list);
    if (i >= list.count) continue;
    float scale = candidate_scale(a, &list, i);
    costs[task] = grid_cost(a, rows + r, scale, zero_point_at(a, scale, rows[r].low, rows[r].high, slide));
  }
  team_wait(team);
  if (thread != 0) return;
  for (size_t r = 0; r < a->rows; r++) {
    double full = full_scale(a, rows[r].low, rows[r].high), best = __builtin_inf();
    if (is_plain(a, rows + r, full, r)) continue;
    candidates_t list;
    list_candidates(a, full, &list);
    for (size_t i = 0; i < list.count; i++)
      for (size_t slide = 0; slide < slides_of(a); slide++) {
        double cost = costs[r * per_row + i * SLIDES + slide];
        if ((i > 0 || slide > 0) && cost >= best) continue;
        best = cost;
        a->scale[r] = candidate_scale(a, &list, i);
        a->zero_point[r] = zero_point_at(a, a->scale[r], rows[r].low, rows[r].high, slide);
      }
  }
}

void search_scales_run(const search_scales_t *a, team_t *team, uint32_t thread) {
  if (is_wide(a, team->threads)) search_wide(a, team, thread);
  else search_narrow(a, team, thread);
}
