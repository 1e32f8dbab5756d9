// Integers of a grid, one element at a time.
#ifndef SHOEHORN_KERNELS_GRIDS_H
#define SHOEHORN_KERNELS_GRIDS_H

#include "kernels.h"
#include "simd.h"

/** q - zeroPoint of the nearest integer q of the grid, as a float; NaN gives 0, as far as the limits let it. */
static inline float grid_steps(float x, float scale, float low, float high) {
  float q = round_away(x / scale);
  if (!(q == q)) q = 0;
  return q < low ? low : q > high ? high : q;
}

/** The same of four elements. */
static inline f4 f4_grid_steps(f4 x, f4 scale, f4 low, f4 high) {
  f4 q = f4_round_away(x / scale);
  q = (f4)((i4)q & (q == q));
  return f4_min(f4_max(q, low), high);
}

#endif
