// Powers, exponentials and logarithms. Within 3e-7 (float) and 1e-15 (double) of the value.
#ifndef SHOEHORN_KERNELS_FUNCTIONS_H
#define SHOEHORN_KERNELS_FUNCTIONS_H

#include "simd.h"

/** 2^x, 0 below 2^-126; x at most 127. Taylor series of e^(r ln 2) on [-1/2, 1/2]. */
static inline f4 f4_exp2(f4 x) {
  f4 bounded = f4_min(f4_max(x, f4_splat(-127)), f4_splat(127));
  f4 whole = f4_nearest(bounded);
  f4 r = (bounded - whole) * f4_splat(0.693147180559945f);
  f4 y = f4_splat(1.0f / 5040);
  y = y * r + f4_splat(1.0f / 720);
  y = y * r + f4_splat(1.0f / 120);
  y = y * r + f4_splat(1.0f / 24);
  y = y * r + f4_splat(1.0f / 6);
  y = y * r + f4_splat(0.5f);
  y = y * r + f4_splat(1);
  y = y * r + f4_splat(1);
  i4 exponent = (i4_of(whole) + i4_splat(127)) << 23;
  return f4_select(bounded > f4_splat(-126), y * (f4)exponent, f4_splat(0));
}

static inline f4 f4_exp(f4 x) { return f4_exp2(x * f4_splat(1.44269504088896f)); }

/** Of a normal positive x. Series of the area tangent on [sqrt(1/2), sqrt(2)]. */
static inline f4 f4_log2(f4 x) {
  i4 bits = (i4)x - i4_splat(0x3f3504f3);
  i4 exponent = bits >> 23;
  f4 m = (f4)((bits & i4_splat(0x007fffff)) + i4_splat(0x3f3504f3));
  f4 s = (m - f4_splat(1)) / (m + f4_splat(1));
  f4 s2 = s * s;
  f4 y = f4_splat(1.0f / 9);
  y = y * s2 + f4_splat(1.0f / 7);
  y = y * s2 + f4_splat(1.0f / 5);
  y = y * s2 + f4_splat(1.0f / 3);
  y = y * s2 + f4_splat(1);
  return f4_of(exponent) + y * s * f4_splat(2.88539008177793f);
}

/** x^p of x at least 0; 0 for what is below the normal numbers. */
static inline f4 f4_power(f4 x, f4 p) {
  i4 is_normal = x >= f4_splat(1.17549435e-38f);
  f4 y = f4_exp2(p * f4_log2(f4_select(is_normal, x, f4_splat(1))));
  return f4_select(is_normal, y, f4_splat(0));
}

/** Natural logarithm of a normal positive x. */
static inline double log_of(double x) {
  union {
    double value;
    int64_t bits;
  } u = {x};
  int64_t from = u.bits - 0x3fe6a09e667f3bcd;
  int64_t exponent = from >> 52;
  u.bits = (from & 0xfffffffffffff) + 0x3fe6a09e667f3bcd;
  double s = (u.value - 1) / (u.value + 1), s2 = s * s, y = 0;
  for (int i = 23; i > 0; i -= 2) y = y * s2 + 1.0 / i;
  return (double)exponent * 0.693147180559945309417 + 2 * s * y;
}

#endif
