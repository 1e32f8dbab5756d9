// Rounding up or down learned by gradient descent; src-main/kernels/reference/rounding.ts tells what is made small.
#include "columns.h"
#include "functions.h"
#include "grids.h"

#define STRETCH_LOW (-0.1f)
#define STRETCH (1.2f)
#define BETA1 (0.9f)
#define BETA2 (0.999f)
#define EPSILON (1e-8f)

/** Of one task: row-major, `stride` floats a row, what is beyond the columns is 0 and stays out of everything. */
typedef struct {
  size_t stride;
  rows_t rows;
  float *weight, *variable, *moment, *square, *difference, *gradient, *whole;
  /** 1 where the rounding is learned. */
  float *active;
} work_t;

#define ARRAYS ((size_t)8)

static size_t stride_of(const optimize_rounding_t *a) { return panels_of(a->columns) * PANEL; }
static size_t work_floats(const optimize_rounding_t *a) { return ARRAYS * TASK_ROWS * stride_of(a); }
static size_t gram_floats(const optimize_rounding_t *a) { return stride_of(a) * a->columns; }

double optimize_rounding_scratch(const optimize_rounding_t *a, uint32_t threads) {
  return ((double)a->groups * (double)gram_floats(a) + threads * (double)work_floats(a)) * sizeof(float);
}

static work_t work_at(const optimize_rounding_t *a, rows_t rows, float *memory) {
  size_t size = TASK_ROWS * stride_of(a);
  return (work_t){stride_of(a),       rows,
                  memory,             memory + size,     memory + 2 * size, memory + 3 * size,
                  memory + 4 * size,  memory + 5 * size, memory + 6 * size, memory + 7 * size};
}

/** The variable whose stretched sigmoid is the fraction of w / scale, so that the start is the weight itself. */
static void start_element(const optimize_rounding_t *a, const work_t *w, size_t r, size_t c) {
  size_t at = r * w->stride + c;
  int is_column = c < a->columns;
  float weight = is_column ? a->w[(w->rows.first + r) * a->columns + c] : 0;
  float quotient = weight / a->scale[w->rows.first + r], whole = __builtin_floorf(quotient);
  double fraction = (double)(quotient - whole);
  w->weight[at] = weight;
  w->whole[at] = whole;
  w->active[at] = is_column && !(a->keep_zeros && weight == 0) ? 1 : 0;
  w->variable[at] = (float)-log_of((double)STRETCH / (fraction - (double)STRETCH_LOW) - 1);
  w->moment[at] = w->square[at] = w->difference[at] = w->gradient[at] = 0;
}

typedef struct {
  f4 scale, low, high;
} grid_t;

static grid_t grid_of(const optimize_rounding_t *a, size_t row) {
  int32_t zero = a->zero_point[row];
  return (grid_t){f4_splat(a->scale[row]), f4_splat((float)(a->limits.min - zero)), f4_splat((float)(a->limits.max - zero))};
}

static inline f4 sigmoid(f4 v) { return f4_splat(1) / (f4_splat(1) + f4_exp(-v)); }
static inline f4 stretched(f4 s) { return f4_splat(STRETCH) * s + f4_splat(STRETCH_LOW); }

static void differences(const optimize_rounding_t *a, const work_t *w) {
  for (size_t r = 0; r < w->rows.count; r++) {
    grid_t grid = grid_of(a, w->rows.first + r);
    for (size_t i = r * w->stride, end = i + w->stride; i < end; i += 4) {
      f4 h = f4_min(f4_max(stretched(sigmoid(f4_load(w->variable + i))), f4_splat(0)), f4_splat(1));
      f4 steps = f4_min(f4_max(f4_load(w->whole + i) + h, grid.low), grid.high);
      f4_store(w->difference + i, f4_load(w->active + i) * (grid.scale * steps - f4_load(w->weight + i)));
    }
  }
}

static void times_gram(const optimize_rounding_t *a, const work_t *w, const float *gram) {
  gemm(w->rows.count, a->columns, a->columns, (left_t){w->difference, w->stride, 1},
       (panels_t){gram, PANEL * a->columns}, (product_t){w->gradient, w->stride, PANEL, 0}, gemm_set);
}

typedef struct {
  float exponent, first_correction, second_correction;
} iteration_t;

/** Derivative of 1 - |2h - 1|^exponent. */
static inline f4 pull(f4 h, float exponent) {
  f4 x = h + h - f4_splat(1), size = f4_power(f4_abs(x), f4_splat(exponent - 1));
  f4 sign = (f4)(((i4)x & i4_splat(INT32_MIN)) | (i4)f4_splat(1));
  return f4_splat(-2 * exponent) * sign * size;
}

static void descend(const optimize_rounding_t *a, const work_t *w, iteration_t now) {
  f4 rate = f4_splat(a->learning_rate / now.first_correction), correction = f4_splat(1 / now.second_correction);
  for (size_t r = 0; r < w->rows.count; r++) {
    grid_t grid = grid_of(a, w->rows.first + r);
    f4 factor = grid.scale * f4_splat((float)(2 / a->samples));
    for (size_t i = r * w->stride, end = i + w->stride; i < end; i += 4) {
      f4 v = f4_load(w->variable + i), s = sigmoid(v), h = stretched(s), steps = f4_load(w->whole + i) + h;
      f4 g = (f4)((i4)(f4_load(w->gradient + i) * factor) & (steps >= grid.low) & (steps <= grid.high));
      if (now.exponent > 0) g += f4_splat(a->regularization) * pull(h, now.exponent);
      g *= f4_splat(STRETCH) * s * (f4_splat(1) - s);
      g = (f4)((i4)g & (h > f4_splat(0)) & (h < f4_splat(1)));
      f4 m = f4_splat(BETA1) * f4_load(w->moment + i) + f4_splat(1 - BETA1) * g;
      f4 q = f4_splat(BETA2) * f4_load(w->square + i) + f4_splat(1 - BETA2) * g * g;
      f4_store(w->moment + i, m);
      f4_store(w->square + i, q);
      f4 step = rate * m / (f4_sqrt(q * correction) + f4_splat(EPSILON));
      f4_store(w->variable + i, v - f4_load(w->active + i) * step);
    }
  }
}

/** Grid steps of the learned rounding (else of rounding to nearest) into `gradient`, what they lose into `difference`. */
static void settle(const optimize_rounding_t *a, const work_t *w, int is_learned, float *steps) {
  for (size_t r = 0; r < w->rows.count; r++) {
    size_t row = w->rows.first + r;
    float scale = a->scale[row];
    float low = (float)(a->limits.min - a->zero_point[row]), high = (float)(a->limits.max - a->zero_point[row]);
    for (size_t c = 0; c < a->columns; c++) {
      size_t i = r * w->stride + c;
      f4 h = stretched(sigmoid(f4_splat(w->variable[i])));
      float learned = w->whole[i] + (h[0] >= 0.5f ? 1.0f : 0.0f);
      float bounded = learned < low ? low : learned > high ? high : learned;
      float q = is_learned ? bounded : grid_steps(w->weight[i], scale, low, high);
      if (w->active[i] == 0) q = is_learned ? 0 : q;
      steps[i] = q;
      w->difference[i] = w->weight[i] - scale * q;
    }
  }
}

/** What the rows lose by `difference`, into every second of `errors`. */
static void row_errors(const optimize_rounding_t *a, const work_t *w, const float *gram, double *errors) {
  times_gram(a, w, gram);
  for (size_t r = 0; r < w->rows.count; r++) {
    double sum = 0;
    for (size_t c = 0; c < a->columns; c++)
      sum += (double)w->difference[r * w->stride + c] * (double)w->gradient[r * w->stride + c];
    errors[2 * r] = sum / a->samples;
  }
}

static void finish(const optimize_rounding_t *a, const work_t *w, const float *gram) {
  double *errors = a->errors + 2 * w->rows.first;
  // The moments have done their work and hold the two candidates.
  settle(a, w, 1, w->moment);
  row_errors(a, w, gram, errors + 1);
  settle(a, w, 0, w->square);
  row_errors(a, w, gram, errors);
  for (size_t r = 0; r < w->rows.count; r++) {
    size_t row = w->rows.first + r;
    int is_better = errors[2 * r + 1] <= errors[2 * r];
    if (!is_better) errors[2 * r + 1] = errors[2 * r];
    const float *steps = (is_better ? w->moment : w->square) + r * w->stride;
    for (size_t c = 0; c < a->columns; c++) a->integers[row * a->columns + c] = (int32_t)steps[c] + a->zero_point[row];
  }
}

static void learn(const optimize_rounding_t *a, const work_t *w, const float *gram, const team_t *team) {
  double first = 1, second = 1;
  for (size_t r = 0; r < w->rows.count; r++)
    for (size_t c = 0; c < w->stride; c++) start_element(a, w, r, c);
  for (size_t t = 0; t < a->iterations && !__atomic_load_n(&team->stop, __ATOMIC_RELAXED); t++) {
    first *= (double)BETA1;
    second *= (double)BETA2;
    differences(a, w);
    times_gram(a, w, gram);
    descend(a, w, (iteration_t){a->exponents[t], (float)(1 - first), (float)(1 - second)});
  }
  finish(a, w, gram);
}

void optimize_rounding_run(const optimize_rounding_t *a, team_t *team, uint32_t thread) {
  size_t n = a->columns, panels = panels_of(n), task;
  float *packed = a->scratch, *memory = packed + a->groups * gram_floats(a) + thread * work_floats(a);
  while (team_take(team, a->groups * panels, &task))
    pack_panel(a->gram + task / panels * n * n, n, n, task % panels * PANEL, n, packed + task * PANEL * n);
  team_wait(team);
  bands_t bands = bands_of(a->rows, a->groups, team->threads);
  while (team_take(team, bands.count, &task)) {
    rows_t rows = band_rows(&bands, task);
    work_t work = work_at(a, rows, memory);
    learn(a, &work, packed + rows.group * gram_floats(a), team);
  }
}
