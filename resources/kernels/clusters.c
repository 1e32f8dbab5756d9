// Weighted one-dimensional k-means; src-main/kernels/reference/clusters.ts tells the algorithms.
#include "kernels.h"
#include "simd.h"
#include "sorted.h"

#define TASK ((size_t)1 << 14)
/** Up to so many thresholds are compared one by one. */
#define FEW ((size_t)32)

typedef struct {
  const kmeans_t *a;
  sorted_t sorted;
  size_t free;
  /** Free centroids, ascending, room for k. */
  double *found;
  size_t found_count;
  void *work;
} search_t;

static double most_exact(const kmeans_t *a) {
  double limit = a->k ? a->exact_limit / (double)a->k : 0, count = (double)a->count;
  return limit < count ? limit : count;
}

/** Sorted values; costs and origins of the dynamic programme; lists of k; thresholds; partial errors. */
double kmeans_scratch(const kmeans_t *a, uint32_t threads) {
  (void)threads;
  double layers = (double)(a->fixed_count + 1), width = most_exact(a) + 2, k = (double)a->k + (double)a->fixed_count + 2;
  double exact = layers * width * (2 * sizeof(double) + k * sizeof(int32_t));
  double tasks = (double)(a->count / TASK + 1);
  return (double)sorted_bytes(a->count) + exact + k * 6 * sizeof(double) + tasks * sizeof(double) + 256;
}

/** Costs of a layer of the programme, and where its last cluster begins; of a fixed cluster -1 - that. */
typedef struct {
  double *cost;
  int32_t *origin;
} layer_t;

static void last_fixed(const search_t *s, const double *before, double centroid, layer_t to) {
  double least = __builtin_inf();
  size_t at = 0;
  for (size_t i = 0; i <= s->sorted.count; i++) {
    double around = spread_around(&s->sorted, i, centroid);
    if (before[i] - around < least) {
      least = before[i] - around;
      at = i;
    }
    if (least + around < to.cost[i]) {
      to.cost[i] = at == i ? before[i] : least + around;
      to.origin[i] = -1 - (int32_t)at;
    }
  }
}

typedef struct {
  size_t low, end, first, last;
} span_t;

static size_t settle_beginning(const search_t *s, const double *before, span_t span, size_t i, layer_t to) {
  double least;
  size_t last = i < span.last ? i : span.last, at = best_beginning(&s->sorted, before, span.first, last, i, &least);
  if (least < to.cost[i]) {
    to.cost[i] = least;
    to.origin[i] = (int32_t)at;
  }
  return at;
}

/** The best beginning does not go down as i goes up: halves, from the middle. [low, end) are the i still to do. */
static void last_free(const search_t *s, const double *before, layer_t to) {
  span_t stack[80] = {{0, s->sorted.count + 1, 0, s->sorted.count}};
  size_t depth = 1;
  while (depth > 0) {
    span_t span = stack[--depth];
    if (span.low >= span.end) continue;
    size_t i = (span.low + span.end - 1) / 2, at = settle_beginning(s, before, span, i, to);
    stack[depth++] = (span_t){i + 1, span.end, at, span.last};
    stack[depth++] = (span_t){span.low, i, span.first, at};
  }
}

static void trace(search_t *s, const int32_t *origins) {
  size_t width = s->sorted.count + 1, fixed = s->a->fixed_count;
  size_t f = s->free, j = fixed, i = s->sorted.count;
  while (f > 0 || j > 0) {
    int32_t origin = origins[(f * (fixed + 1) + j) * width + i];
    if (origin < 0) {
      j--;
      i = (size_t)(-1 - origin);
      continue;
    }
    if ((size_t)origin < i) s->found[s->found_count++] = mean_between(&s->sorted, (size_t)origin, i);
    f--;
    i = (size_t)origin;
  }
  for (size_t low = 0, high = s->found_count; low + 1 < high; low++) {
    double held = s->found[low];
    s->found[low] = s->found[--high];
    s->found[high] = held;
  }
}

static void search_exact(search_t *s) {
  size_t width = s->sorted.count + 1, fixed = s->a->fixed_count, layers = fixed + 1;
  double *costs = s->work;
  int32_t *origins = (int32_t *)(costs + 2 * layers * width);
  for (size_t f = 0; f <= s->free; f++)
    for (size_t j = 0; j < layers; j++) {
      layer_t layer = {costs + ((f % 2) * layers + j) * width, origins + (f * layers + j) * width};
      for (size_t i = 0; i < width; i++) {
        layer.cost[i] = __builtin_inf();
        layer.origin[i] = 0;
      }
      if (f == 0 && j == 0) layer.cost[0] = 0;
      if (j > 0) last_fixed(s, layer.cost - width, s->a->fixed[j - 1], layer);
      if (f > 0) last_free(s, costs + (((f - 1) % 2) * layers + j) * width, layer);
    }
  trace(s, origins);
}

/** Distinct values at equal steps of weight. */
static void quantiles(search_t *s) {
  const sorted_t *sorted = &s->sorted;
  size_t next = 0;
  for (size_t i = 0; i < s->free; i++, next++) {
    double goal = (((double)i + 0.5) / (double)s->free) * sorted->weight[sorted->count];
    while (next + s->free < sorted->count + i && sorted->weight[next + 1] < goal) next++;
    s->found[s->found_count++] = sorted->values[next];
  }
}

/** Free and fixed in ascending order; a free one that equals a fixed one is left out. */
static size_t merge(const search_t *s, double *all, uint8_t *is_fixed) {
  size_t i = 0, j = 0, count = 0;
  while (i < s->found_count || j < s->a->fixed_count) {
    double fixed = j < s->a->fixed_count ? (double)s->a->fixed[j] : __builtin_inf();
    double found = i < s->found_count ? s->found[i] : __builtin_inf();
    if (found == fixed) i++;
    is_fixed[count] = !(found < fixed);
    all[count++] = found < fixed ? found : fixed;
    if (found < fixed) i++;
    else j++;
  }
  return count;
}

/** Lloyd's algorithm over prefix sums: a step costs k searches. */
static void search_lloyd(search_t *s) {
  size_t most = s->a->k + s->a->fixed_count + 2;
  double *all = s->work;
  uint8_t *is_fixed = (uint8_t *)(all + most);
  quantiles(s);
  for (size_t t = 0; t < s->a->iterations; t++) {
    size_t count = merge(s, all, is_fixed), begin = 0, kept = 0;
    int is_same = 1;
    for (size_t i = 0; i < count; i++) {
      size_t end = i + 1 < count ? count_up_to(&s->sorted, (all[i] + all[i + 1]) / 2) : s->sorted.count;
      if (!is_fixed[i]) {
        double centroid = begin < end ? mean_between(&s->sorted, begin, end) : all[i];
        is_same &= centroid == s->found[kept];
        s->found[kept++] = centroid;
      }
      begin = end;
    }
    is_same &= kept == s->found_count;
    s->found_count = kept;
    if (is_same) break;
  }
}

/** The largest float that is not above x. */
static float float_below(double x) {
  union {
    float value;
    uint32_t bits;
  } u = {(float)x};
  if ((double)u.value <= x) return u.value;
  if (u.value > 0) u.bits--;
  else if (u.value < 0) u.bits++;
  else u.bits = 0x80000001u;
  return u.value;
}

/** Centroids as floats, and between two of them the largest float that still belongs to the lower. */
static size_t put_centroids(const search_t *s, float *thresholds) {
  const kmeans_t *a = s->a;
  double *all = s->work;
  size_t count = merge(s, all, (uint8_t *)(all + a->k + a->fixed_count + 2)), distinct = 0;
  for (size_t i = 0; i < count; i++) {
    float centroid = (float)all[i];
    if (distinct == 0 || a->centroids[distinct - 1] != centroid) a->centroids[distinct++] = centroid;
  }
  for (size_t i = 0; i + 1 < distinct; i++)
    thresholds[i] = float_below(((double)a->centroids[i] + (double)a->centroids[i + 1]) / 2);
  return distinct;
}

static void find_centroids(const kmeans_t *a, void *memory, float *thresholds) {
  search_t s = {a, sort_values(a->x, a->weights, a->count, memory), 0, 0, 0, 0};
  size_t wanted = a->k > a->fixed_count ? a->k - a->fixed_count : 0;
  s.free = wanted < s.sorted.count ? wanted : s.sorted.count;
  s.found = (double *)(thresholds + (a->k + a->fixed_count + 3) / 2 * 2);
  s.work = s.found + a->k + a->fixed_count + 2;
  if ((double)a->k * (double)s.sorted.count <= a->exact_limit) search_exact(&s);
  else search_lloyd(&s);
  *a->centroid_count = put_centroids(&s, thresholds);
}

static uint16_t place_of(float x, const float *thresholds, size_t count) {
  size_t low = 0, length = count;
  while (length > 0) {
    size_t half = length / 2, is_above = thresholds[low + half] < x;
    low = is_above ? low + half + 1 : low;
    length = is_above ? length - half - 1 : half;
  }
  return (uint16_t)low;
}

static void assign_span(const kmeans_t *a, const float *thresholds, size_t count, size_t from, size_t to) {
  size_t i = from;
  for (; count <= FEW && i + 4 <= to; i += 4) {
    f4 x = f4_load(a->x + i);
    i4 place = {0};
    for (size_t t = 0; t < count; t++) place -= f4_splat(thresholds[t]) < x;
    for (size_t lane = 0; lane < 4; lane++) a->assignment[i + lane] = (uint16_t)place[lane];
  }
  for (; i < to; i++) a->assignment[i] = place_of(a->x[i], thresholds, count);
}

void kmeans_run(const kmeans_t *a, team_t *team, uint32_t thread) {
  size_t tasks = (a->count + TASK - 1) / TASK, task;
  double *errors = a->scratch;
  char *memory = (char *)(errors + tasks + 1);
  float *thresholds = (float *)(memory + (sorted_bytes(a->count) + 15) / 16 * 16);
  if (thread == 0) find_centroids(a, memory, thresholds);
  team_wait(team);
  size_t count = *a->centroid_count;
  while (count > 0 && team_take(team, tasks, &task)) {
    size_t from = task * TASK, to = a->count - from < TASK ? a->count : from + TASK;
    assign_span(a, thresholds, count - 1, from, to);
    double sum = 0;
    for (size_t i = from; i < to; i++) {
      double d = (double)a->x[i] - (double)a->centroids[a->assignment[i]];
      sum += (a->weights ? (double)a->weights[i] : 1) * d * d;
    }
    errors[task] = sum;
  }
  team_wait(team);
  if (thread != 0) return;
  *a->error = 0;
  for (size_t i = 0; count > 0 && i < tasks; i++) *a->error += errors[i];
}
