#include "divergence.h"

#include "functions.h"
#include "grids.h"

/** Stands for a probability of 0. */
#define LEAST 1e-10

size_t divergence_bytes(size_t bins) { return (bins * sizeof(double) + 15) / 16 * 16; }

void divergence_counts(const float *x, size_t count, float low, float high, size_t bins, uint32_t *counts) {
  float per_unit = (float)((double)bins / ((double)high - (double)low));
  float last = (float)(bins - 1);
  for (size_t b = 0; b < bins; b++) counts[b] = 0;
  for (size_t i = 0; i < count; i++) {
    if (!(x[i] - x[i] == 0)) continue;
    float place = x[i] <= low ? 0 : x[i] >= high ? last : (x[i] - low) * per_unit;
    counts[place < last ? (size_t)place : bins - 1]++;
  }
}

static float centre_of(size_t bin, size_t bins, float low, float high) {
  return (float)((double)low + (((double)bin + 0.5) * ((double)high - (double)low)) / (double)bins);
}

/** Of one integer's bins [from, to) in P: what falls on it is spread over its bins that are not empty. */
static double spread_cost(const double *p, size_t from, size_t to, double mass, double total, double kept) {
  size_t filled = 0;
  for (size_t b = from; b < to; b++) filled += p[b] > 0;
  double spread = kept > 0 && filled > 0 ? mass / kept / (double)filled : 0, sum = 0;
  for (size_t b = from; b < to; b++) {
    double probability = p[b] / total;
    if (probability > 0) sum += probability * log_of(probability / (spread > LEAST ? spread : LEAST));
  }
  return sum;
}

double divergence_of(const uint32_t *counts, size_t bins, float low, float high, float scale, int32_t zero,
                     limits_t limits, void *work) {
  double lowest = (double)scale * (limits.min - zero - 0.5), highest = (double)scale * (limits.max - zero + 0.5);
  size_t first = 0, last = bins - 1;
  while (first < bins - 1 && centre_of(first, bins, low, high) < lowest) first++;
  while (last > first && centre_of(last, bins, low, high) > highest) last--;
  double *p = work, kept = 0, total = 0, sum = 0;
  for (size_t b = first; b <= last; b++) {
    p[b - first] = counts[b];
    kept += counts[b];
  }
  for (size_t b = 0; b < first; b++) p[0] += counts[b];
  for (size_t b = last + 1; b < bins; b++) p[last - first] += counts[b];
  for (size_t b = 0; b < bins; b++) total += counts[b];
  if (!(total > 0)) return 0;
  float steps_low = (float)(limits.min - zero), steps_high = (float)(limits.max - zero);
  for (size_t from = first; from <= last;) {
    float q = grid_steps(centre_of(from, bins, low, high), scale, steps_low, steps_high);
    double mass = 0;
    size_t to = from;
    for (; to <= last && grid_steps(centre_of(to, bins, low, high), scale, steps_low, steps_high) == q; to++)
      mass += counts[to];
    sum += spread_cost(p, from - first, to - first, mass, total, kept);
    from = to;
  }
  return sum;
}
