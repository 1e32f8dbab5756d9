/*
 * Sums of (x - zero) * w, the inner loop of nearly everything: for one filter, or for two that share the input, which
 * saves loading and offsetting it twice. Exact, so the order of the terms does not matter and all versions agree.
 */
#ifndef SHOE_DOT_H
#define SHOE_DOT_H

#include <stdint.h>

/* Sums for two filters; added to what is there. */
typedef struct {
    uint32_t a, b;
} shoe_pair;

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>

/* 16 inputs, offset and widened */
typedef struct {
    v128_t low, high;
} shoe_lanes;

static inline shoe_lanes shoe_lanes_at(const int8_t *x, v128_t zeros) {
    const v128_t xs = wasm_v128_load(x);
    const shoe_lanes lanes = {wasm_i16x8_sub(wasm_i16x8_extend_low_i8x16(xs), zeros),
                              wasm_i16x8_sub(wasm_i16x8_extend_high_i8x16(xs), zeros)};
    return lanes;
}

static inline v128_t shoe_lanes_add(v128_t sums, shoe_lanes x, const int8_t *w) {
    const v128_t ws = wasm_v128_load(w);
    const v128_t low = wasm_i32x4_dot_i16x8(x.low, wasm_i16x8_extend_low_i8x16(ws));
    const v128_t high = wasm_i32x4_dot_i16x8(x.high, wasm_i16x8_extend_high_i8x16(ws));
    return wasm_i32x4_add(sums, wasm_i32x4_add(low, high));
}

static inline uint32_t shoe_lanes_sum(v128_t sums) {
    return (uint32_t)wasm_i32x4_extract_lane(sums, 0) + (uint32_t)wasm_i32x4_extract_lane(sums, 1) +
           (uint32_t)wasm_i32x4_extract_lane(sums, 2) + (uint32_t)wasm_i32x4_extract_lane(sums, 3);
}

static inline shoe_pair shoe_dot2(shoe_pair sum, const int8_t *x, const int8_t *a, const int8_t *b, uint32_t count, int32_t zero) {
    const v128_t zeros = wasm_i16x8_splat((int16_t)zero);
    v128_t a_sums = wasm_i32x4_splat(0);
    v128_t b_sums = wasm_i32x4_splat(0);
    uint32_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const shoe_lanes lanes = shoe_lanes_at(x + i, zeros);
        a_sums = shoe_lanes_add(a_sums, lanes, a + i);
        b_sums = shoe_lanes_add(b_sums, lanes, b + i);
    }
    if (i > 0) {
        sum.a += shoe_lanes_sum(a_sums);
        sum.b += shoe_lanes_sum(b_sums);
    }
    for (; i < count; ++i) {
        sum.a += (uint32_t)((x[i] - zero) * a[i]);
        sum.b += (uint32_t)((x[i] - zero) * b[i]);
    }
    return sum;
}

static inline uint32_t shoe_dot(uint32_t sum, const int8_t *x, const int8_t *w, uint32_t count, int32_t zero) {
    const v128_t zeros = wasm_i16x8_splat((int16_t)zero);
    v128_t sums = wasm_i32x4_splat(0);
    uint32_t i = 0;
    for (; i + 16 <= count; i += 16) sums = shoe_lanes_add(sums, shoe_lanes_at(x + i, zeros), w + i);
    if (i > 0) sum += shoe_lanes_sum(sums);
    for (; i < count; ++i) sum += (uint32_t)((x[i] - zero) * w[i]);
    return sum;
}

#else

#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && !defined(SHOE_PORTABLE)

/* Four int8 from any address: these cores load unaligned words. */
static inline uint32_t shoe_word(const int8_t *at) {
    uint32_t word;
    __builtin_memcpy(&word, at, 4);
    return word;
}

/* Bytes 0 and 2 of `word` as int16, added to the halves of `base`. */
static inline uint32_t shoe_even(uint32_t base, uint32_t word) {
    uint32_t halves;
    __asm__("sxtab16 %0, %1, %2" : "=r"(halves) : "r"(base), "r"(word));
    return halves;
}

/* The same for bytes 1 and 3. */
static inline uint32_t shoe_odd(uint32_t base, uint32_t word) {
    uint32_t halves;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(halves) : "r"(base), "r"(word));
    return halves;
}

/* sum + x0 w0 + x1 w1, modulo 2^32 */
static inline uint32_t shoe_smlad(uint32_t x, uint32_t w, uint32_t sum) {
    __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(w));
    return sum;
}

static inline uint32_t shoe_four(uint32_t sum, uint32_t even, uint32_t odd, const int8_t *w) {
    const uint32_t word = shoe_word(w);
    return shoe_smlad(odd, shoe_odd(0, word), shoe_smlad(even, shoe_even(0, word), sum));
}

/* The zero point, negated, in both halves */
static inline uint32_t shoe_offsets(int32_t zero) {
    return ((uint32_t)-zero & 0xffffu) * 0x10001u;
}

#define SHOE_HALVES

/* The low halves of `a` and `b`; the high halves of them. */
static inline uint32_t shoe_low_halves(uint32_t a, uint32_t b) {
    uint32_t halves;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(halves) : "r"(a), "r"(b));
    return halves;
}

static inline uint32_t shoe_high_halves(uint32_t a, uint32_t b) {
    uint32_t halves;
    __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(halves) : "r"(a), "r"(b));
    return halves;
}

#define SHOE_FOURS(x, zero) \
    const uint32_t offsets = shoe_offsets(zero); \
    for (; count >= 4; count -= 4, x += 4)

#elif defined(__ARM_ARCH_6M__) && defined(__GNUC__) && defined(__OPTIMIZE__) && !defined(SHOE_PORTABLE)

/* Cortex-M0 has eight registers for arithmetic and no load that increments. One index for all three streams, which counts up to
 * zero, keeps the loop in registers: 12 cycles for two products on a core with a fast multiplier, where C takes 17. */
#define SHOE_TERM                       \
    "ldrsb %[v], [%[x], %[i]]\n"        \
    "add   %[v], %[offset]\n"           \
    "ldrsb %[t], [%[a], %[i]]\n"        \
    "muls  %[t], %[v], %[t]\n"          \
    "adds  %[s], %[s], %[t]\n"          \
    "ldrsb %[t], [%[b], %[i]]\n"        \
    "muls  %[v], %[t], %[v]\n"          \
    "adds  %[u], %[u], %[v]\n"          \
    "adds  %[i], %[i], #1\n"

/* count: a multiple of 4, not 0 */
static inline shoe_pair shoe_dot2_fours(shoe_pair sum, const int8_t *x, const int8_t *a, const int8_t *b, uint32_t count,
                                        int32_t zero) {
    int32_t i = -(int32_t)count;
    int32_t v, t;
    __asm__(".syntax unified\n"
            "1:\n" SHOE_TERM SHOE_TERM SHOE_TERM SHOE_TERM "bne   1b\n"
            : [i] "+l"(i), [s] "+l"(sum.a), [u] "+l"(sum.b), [v] "=&l"(v), [t] "=&l"(t)
            : [x] "l"(x + count), [a] "l"(a + count), [b] "l"(b + count), [offset] "h"(-zero)
            : "cc", "memory");
    return sum;
}

#define SHOE_DOT2_FOURS

#endif

static inline shoe_pair shoe_dot2(shoe_pair sum, const int8_t *x, const int8_t *a, const int8_t *b, uint32_t count, int32_t zero) {
#if defined(SHOE_FOURS)
    SHOE_FOURS(x, zero) {
        const uint32_t even = shoe_even(offsets, shoe_word(x));
        const uint32_t odd = shoe_odd(offsets, shoe_word(x));
        sum.a = shoe_four(sum.a, even, odd, a);
        sum.b = shoe_four(sum.b, even, odd, b);
        a += 4;
        b += 4;
    }
#elif defined(SHOE_DOT2_FOURS)
    const uint32_t fours = count & ~(uint32_t)3;
    if (fours > 0) sum = shoe_dot2_fours(sum, x, a, b, fours, zero);
    x += fours;
    a += fours;
    b += fours;
    count -= fours;
#else
    for (; count >= 4; count -= 4, x += 4, a += 4, b += 4)
        for (int i = 0; i < 4; ++i) {
            const int32_t value = x[i] - zero;
            sum.a += (uint32_t)(value * a[i]);
            sum.b += (uint32_t)(value * b[i]);
        }
#endif
    for (; count > 0; --count, ++x) {
        sum.a += (uint32_t)((*x - zero) * *a++);
        sum.b += (uint32_t)((*x - zero) * *b++);
    }
    return sum;
}

static inline uint32_t shoe_dot(uint32_t sum, const int8_t *x, const int8_t *w, uint32_t count, int32_t zero) {
#if defined(SHOE_FOURS)
    SHOE_FOURS(x, zero) {
        sum = shoe_four(sum, shoe_even(offsets, shoe_word(x)), shoe_odd(offsets, shoe_word(x)), w);
        w += 4;
    }
#else
    for (; count >= 4; count -= 4, x += 4, w += 4)
        for (int i = 0; i < 4; ++i) sum += (uint32_t)((x[i] - zero) * w[i]);
#endif
    for (; count > 0; --count) sum += (uint32_t)((*x++ - zero) * *w++);
    return sum;
}

#endif
#endif
