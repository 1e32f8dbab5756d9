/* Sum of (x - zero) * w, the inner loop of nearly everything. Exact, so its order does not matter. */
#ifndef SHOE_DOT_H
#define SHOE_DOT_H

#include <stdint.h>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>

static inline int32_t shoe_dot(const int8_t *x, const int8_t *w, uint32_t count, int32_t zero) {
    const v128_t zeros = wasm_i16x8_splat((int16_t)zero);
    v128_t sums = wasm_i32x4_splat(0);
    uint32_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const v128_t xs = wasm_v128_load(x + i);
        const v128_t ws = wasm_v128_load(w + i);
        const v128_t low = wasm_i16x8_sub(wasm_i16x8_extend_low_i8x16(xs), zeros);
        const v128_t high = wasm_i16x8_sub(wasm_i16x8_extend_high_i8x16(xs), zeros);
        sums = wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(low, wasm_i16x8_extend_low_i8x16(ws)));
        sums = wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(high, wasm_i16x8_extend_high_i8x16(ws)));
    }
    uint32_t sum = (uint32_t)wasm_i32x4_extract_lane(sums, 0) + (uint32_t)wasm_i32x4_extract_lane(sums, 1) +
                   (uint32_t)wasm_i32x4_extract_lane(sums, 2) + (uint32_t)wasm_i32x4_extract_lane(sums, 3);
    for (; i < count; ++i) sum += (uint32_t)((x[i] - zero) * w[i]);
    return (int32_t)sum;
}

#else

static inline int32_t shoe_dot(const int8_t *x, const int8_t *w, uint32_t count, int32_t zero) {
    uint32_t sum = 0;
    for (; count >= 4; count -= 4, x += 4, w += 4) {
        sum += (uint32_t)((x[0] - zero) * w[0]);
        sum += (uint32_t)((x[1] - zero) * w[1]);
        sum += (uint32_t)((x[2] - zero) * w[2]);
        sum += (uint32_t)((x[3] - zero) * w[3]);
    }
    for (; count > 0; --count) sum += (uint32_t)((*x++ - zero) * *w++);
    return (int32_t)sum;
}

#endif
#endif
