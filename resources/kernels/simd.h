// Vectors of four floats, as WebAssembly and as native code.
#ifndef SHOEHORN_KERNELS_SIMD_H
#define SHOEHORN_KERNELS_SIMD_H

#include <stddef.h>
#include <stdint.h>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE4_1__)
#include <smmintrin.h>
#endif

typedef float f4 __attribute__((vector_size(16), may_alias));
typedef int32_t i4 __attribute__((vector_size(16), may_alias));
typedef uint32_t u4 __attribute__((vector_size(16), may_alias));
typedef double d2 __attribute__((vector_size(16), may_alias));
typedef int64_t l2 __attribute__((vector_size(16), may_alias));
typedef float f4_unaligned __attribute__((vector_size(16), may_alias, aligned(4)));
typedef int32_t i4_unaligned __attribute__((vector_size(16), may_alias, aligned(4)));
typedef double d2_unaligned __attribute__((vector_size(16), may_alias, aligned(8)));
typedef float f2 __attribute__((vector_size(8)));

static inline f4 f4_load(const float *p) { return *(const f4_unaligned *)p; }
static inline void f4_store(float *p, f4 x) { *(f4_unaligned *)p = x; }
static inline void i4_store(int32_t *p, i4 x) { *(i4_unaligned *)p = x; }
static inline i4 i4_load(const int32_t *p) { return *(const i4_unaligned *)p; }
static inline d2 d2_load(const double *p) { return *(const d2_unaligned *)p; }
static inline void d2_store(double *p, d2 x) { *(d2_unaligned *)p = x; }
static inline f4 f4_splat(float x) { return (f4){x, x, x, x}; }
static inline i4 i4_splat(int32_t x) { return (i4){x, x, x, x}; }

/** Lanes of a where the mask is all ones, of b where it is 0. */
static inline f4 f4_select(i4 mask, f4 a, f4 b) { return (f4)(((i4)a & mask) | ((i4)b & ~mask)); }
static inline f4 f4_abs(f4 x) { return (f4)((i4)x & i4_splat(0x7fffffff)); }

/** The smaller; a when b is not smaller, NaN included. */
static inline f4 f4_min(f4 a, f4 b) {
#if defined(__wasm_simd128__)
  return (f4)wasm_f32x4_pmin((v128_t)a, (v128_t)b);
#elif defined(__SSE4_1__)
  return (f4)_mm_min_ps((__m128)b, (__m128)a);
#else
  return f4_select(b < a, b, a);
#endif
}

/** The larger; a when b is not larger, NaN included. */
static inline f4 f4_max(f4 a, f4 b) {
#if defined(__wasm_simd128__)
  return (f4)wasm_f32x4_pmax((v128_t)a, (v128_t)b);
#elif defined(__SSE4_1__)
  return (f4)_mm_max_ps((__m128)b, (__m128)a);
#else
  return f4_select(a < b, b, a);
#endif
}

static inline f4 f4_truncate(f4 x) {
#if defined(__wasm_simd128__)
  return (f4)wasm_f32x4_trunc((v128_t)x);
#elif defined(__SSE4_1__)
  return (f4)_mm_round_ps((__m128)x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
#else
  for (int i = 0; i < 4; i++) x[i] = __builtin_truncf(x[i]);
  return x;
#endif
}

/** Nearest integer, ties to even. */
static inline f4 f4_nearest(f4 x) {
#if defined(__wasm_simd128__)
  return (f4)wasm_f32x4_nearest((v128_t)x);
#elif defined(__SSE4_1__)
  return (f4)_mm_round_ps((__m128)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  for (int i = 0; i < 4; i++) x[i] = __builtin_nearbyintf(x[i]);
  return x;
#endif
}

static inline f4 f4_sqrt(f4 x) {
#if defined(__wasm_simd128__)
  return (f4)wasm_f32x4_sqrt((v128_t)x);
#elif defined(__SSE4_1__)
  return (f4)_mm_sqrt_ps((__m128)x);
#else
  for (int i = 0; i < 4; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

/** Of |x| below 2^31. */
static inline i4 i4_of(f4 x) { return __builtin_convertvector(x, i4); }
static inline f4 f4_of(i4 x) { return __builtin_convertvector(x, f4); }
static inline d2 d2_low(f4 x) { return __builtin_convertvector(((f2){x[0], x[1]}), d2); }
static inline d2 d2_high(f4 x) { return __builtin_convertvector(((f2){x[2], x[3]}), d2); }

/** All ones in the lanes that are neither infinite nor NaN. */
static inline i4 f4_is_finite(f4 x) { return ((i4)x & i4_splat(0x7f800000)) != i4_splat(0x7f800000); }

/** Whether every lane of a comparison is true. */
static inline int i4_all(i4 mask) {
#if defined(__wasm_simd128__)
  return wasm_i32x4_all_true((v128_t)mask);
#else
  return (mask[0] & mask[1] & mask[2] & mask[3]) != 0;
#endif
}

static inline float f4_lowest_lane(f4 x) {
  float low = x[0];
  for (int i = 1; i < 4; i++)
    if (x[i] < low) low = x[i];
  return low;
}

static inline float f4_highest_lane(f4 x) {
  float high = x[0];
  for (int i = 1; i < 4; i++)
    if (x[i] > high) high = x[i];
  return high;
}

/** Nearest integers, ties away from zero; NaN stays. The fraction is exact, so no tie is missed. */
static inline f4 f4_round_away(f4 x) {
  f4 whole = f4_truncate(x);
  f4 one = (f4)(((i4)x & i4_splat(INT32_MIN)) | (i4)f4_splat(1));
  return f4_select(f4_abs(x - whole) >= f4_splat(0.5f), whole + one, whole);
}

static inline float round_away(float x) {
  float whole = __builtin_truncf(x);
  float rest = x - whole;
  return rest >= 0.5f ? whole + 1 : rest <= -0.5f ? whole - 1 : whole;
}

/** The first lanes of a row that ends within a vector; the others are `fill`. */
static inline f4 f4_load_some(const float *p, size_t lanes, float fill) {
  f4 x = f4_splat(fill);
  if (lanes > 0) x[0] = p[0];
  if (lanes > 1) x[1] = p[1];
  if (lanes > 2) x[2] = p[2];
  if (lanes > 3) x[3] = p[3];
  return x;
}

#endif
