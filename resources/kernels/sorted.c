#include "sorted.h"

#include "masks.h"
#include "simd.h"

typedef struct {
  uint32_t key;
  float weight;
} item_t;

size_t sorted_bytes(size_t count) {
  return count * (2 * sizeof(item_t) + sizeof(float)) + 3 * (count + 1) * sizeof(double) + 64;
}

/** By the digits of the keys, lowest first: 11, 11 and 10 bits. Gives where the result is. */
static item_t *radix_sort(item_t *items, item_t *other, size_t count) {
  for (uint32_t shift = 0; shift < 32; shift += 11) {
    uint32_t counts[2048] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++) counts[(items[i].key >> shift) & 2047]++;
    for (size_t b = 0; b < 2048; b++) {
      uint32_t here = counts[b];
      counts[b] = sum;
      sum += here;
    }
    for (size_t i = 0; i < count; i++) other[counts[(items[i].key >> shift) & 2047]++] = items[i];
    item_t *held = items;
    items = other;
    other = held;
  }
  return items;
}

static float value_of(uint32_t key) {
  union {
    uint32_t bits;
    float value;
  } u = {key & 0x80000000u ? key & 0x7fffffffu : ~key};
  return u.value;
}

sorted_t sort_values(const float *x, const float *weights, size_t count, void *memory) {
  double *weight = memory, *first = weight + count + 1, *second = first + count + 1;
  item_t *items = (item_t *)(second + count + 1), *other = items + count;
  float *values = (float *)(other + count);
  for (size_t i = 0; i < count; i++) items[i] = (item_t){score_key(x[i]), weights ? weights[i] : 1};
  items = radix_sort(items, other, count);
  size_t distinct = 0;
  double mass = 0;
  for (size_t i = 0; i < count; i++) {
    mass += (double)items[i].weight;
    if (i + 1 < count && items[i + 1].key == items[i].key) continue;
    values[distinct] = value_of(items[i].key);
    weight[++distinct] = mass;
    mass = 0;
  }
  double centre = distinct ? values[distinct / 2] : 0;
  weight[0] = first[0] = second[0] = 0;
  for (size_t i = 0; i < distinct; i++) {
    double d = (double)values[i] - centre, own = weight[i + 1];
    weight[i + 1] = weight[i] + own;
    first[i + 1] = first[i] + own * d;
    second[i + 1] = second[i] + own * d * d;
  }
  return (sorted_t){distinct, values, centre, weight, first, second};
}

double mean_between(const sorted_t *s, size_t from, size_t to) {
  double mass = s->weight[to] - s->weight[from];
  if (mass > 0) return s->centre + (s->first[to] - s->first[from]) / mass;
  return ((double)s->values[from] + (double)s->values[to - 1]) / 2;
}

typedef struct {
  double error;
  size_t at;
} beginning_t;

static beginning_t error_from(const sorted_t *s, const double *before, size_t m, size_t to) {
  double mass = s->weight[to] - s->weight[m], sum = s->first[to] - s->first[m];
  double spread = mass > 0 ? s->second[to] - s->second[m] - (sum * sum) / mass : 0;
  return (beginning_t){before[m] + (spread > 0 ? spread : 0), m};
}

static d2 d2_select(d2 a, d2 b, d2 smaller, d2 larger) {
  return (d2)(((l2)a & (smaller < larger)) | ((l2)b & ~(smaller < larger)));
}

/** Two at a time; of equal ones the first. */
size_t best_beginning(const sorted_t *s, const double *before, size_t first, size_t last, size_t to, double *least) {
  d2 zero = {0, 0}, infinite = {__builtin_inf(), __builtin_inf()}, best = infinite, best_at = zero;
  d2 weight = {s->weight[to], s->weight[to]}, one = {s->first[to], s->first[to]}, two = {s->second[to], s->second[to]};
  size_t m = first;
  d2 at = {(double)first, (double)first + 1}, step = {2, 2};
  for (; m + 1 <= last; m += 2, at += step) {
    d2 mass = weight - d2_load(s->weight + m), sum = one - d2_load(s->first + m);
    d2 spread = two - d2_load(s->second + m) - (sum * sum) / mass;
    spread = d2_select(d2_select(spread, zero, zero, spread), zero, zero, mass);
    d2 error = d2_load(before + m) + spread;
    best_at = d2_select(at, best_at, error, best);
    best = d2_select(error, best, error, best);
  }
  beginning_t found = {best[0], best[0] < __builtin_inf() ? (size_t)best_at[0] : first};
  if (best[1] < found.error || (best[1] == found.error && best[1] < __builtin_inf() && (size_t)best_at[1] < found.at))
    found = (beginning_t){best[1], (size_t)best_at[1]};
  if (m == last) {
    beginning_t rest = error_from(s, before, m, to);
    if (rest.error < found.error) found = rest;
  }
  *least = found.error;
  return found.at;
}

double spread_around(const sorted_t *s, size_t to, double centroid) {
  double d = centroid - s->centre;
  return s->second[to] - 2 * d * s->first[to] + d * d * s->weight[to];
}

size_t count_up_to(const sorted_t *s, double limit) {
  size_t low = 0, high = s->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if ((double)s->values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
