#include "divergence.h"

#include "functions.h"
#include "grids.h"

/** Stands for a probability of 0. */
#define LEAST 1e-10

static size_t whole_vectors(size_t bins) { return (bins + 3) / 4 * 4; }

size_t distribution_bytes(size_t bins) { return whole_vectors(bins) * (sizeof(uint32_t) + 2 * sizeof(float)); }

static double count_log(double count) { return count > 0 ? count * log_of(count) : 0; }

distribution_t distribution_of(const float *x, size_t count, float low, float high, size_t bins, void *memory) {
  size_t room = whole_vectors(bins);
  uint32_t *counts = memory;
  float *centres = (float *)(counts + room);
  float per_unit = (float)((double)bins / ((double)high - (double)low)), last = (float)(bins - 1);
  for (size_t b = 0; b < room; b++) {
    counts[b] = 0;
    centres[b] = (float)((double)low + (((double)b + 0.5) * ((double)high - (double)low)) / (double)bins);
  }
  for (size_t i = 0; i < count; i++) {
    if (!(x[i] - x[i] == 0)) continue;
    float place = x[i] <= low ? 0 : x[i] >= high ? last : (x[i] - low) * per_unit;
    counts[place < last ? (size_t)place : bins - 1]++;
  }
  distribution_t d = {bins, 0, 0, counts, centres, centres + room};
  for (size_t b = 0; b < bins; b++) {
    d.total += counts[b];
    d.entropy += count_log(counts[b]);
  }
  return d;
}

typedef struct {
  size_t first, last;
  /** What the grid cuts off. */
  double below, above;
} kept_t;

static kept_t kept_bins(const distribution_t *d, double lowest, double highest) {
  kept_t kept = {0, d->bins - 1, 0, 0};
  while (kept.first < d->bins - 1 && (double)d->centres[kept.first] < lowest) kept.below += d->counts[kept.first++];
  while (kept.last > kept.first && (double)d->centres[kept.last] > highest) kept.above += d->counts[kept.last--];
  return kept;
}

static double cut_at(const kept_t *kept, size_t bin) {
  return (bin == kept->first ? kept->below : 0) + (bin == kept->last ? kept->above : 0);
}

/** Sum of count * log(count) of P: that of the row, with the last bins on both sides changed and those beyond left out. */
static double kept_entropy(const distribution_t *d, const kept_t *kept) {
  double sum = d->entropy;
  for (size_t b = 0; b < kept->first; b++) sum -= count_log(d->counts[b]);
  for (size_t b = kept->last + 1; b < d->bins; b++) sum -= count_log(d->counts[b]);
  for (int side = 0; side < (kept->first == kept->last ? 1 : 2); side++) {
    size_t b = side ? kept->last : kept->first;
    sum += count_log(d->counts[b] + cut_at(kept, b)) - count_log(d->counts[b]);
  }
  return sum;
}

/** KL(P || Q) = sum of P log P - sum over integers of their share of P times the log of what Q spreads on each bin. */
double divergence_of(const distribution_t *d, float scale, int32_t zero, limits_t limits) {
  if (!(d->total > 0)) return 0;
  kept_t kept = kept_bins(d, (double)scale * (limits.min - zero - 0.5), (double)scale * (limits.max - zero + 0.5));
  f4 low = f4_splat((float)(limits.min - zero)), high = f4_splat((float)(limits.max - zero));
  for (size_t b = kept.first / 4 * 4; b <= kept.last; b += 4)
    f4_store(d->steps + b, f4_grid_steps(f4_load(d->centres + b), f4_splat(scale), low, high));
  double inside = d->total - kept.below - kept.above;
  double sum = kept_entropy(d, &kept) / d->total - log_of(d->total);
  for (size_t from = kept.first; from <= kept.last;) {
    double mass = 0, share = 0;
    size_t to = from, filled = 0;
    for (; to <= kept.last && d->steps[to] == d->steps[from]; to++) {
      double cut = to == kept.first || to == kept.last ? cut_at(&kept, to) : 0;
      mass += d->counts[to];
      share += cut;
      filled += d->counts[to] > 0 || cut > 0;
    }
    share += mass;
    double spread = inside > 0 && filled > 0 ? mass / inside / (double)filled : 0;
    if (share > 0) sum -= share / d->total * log_of(spread > LEAST ? spread : LEAST);
    from = to;
  }
  return sum;
}
