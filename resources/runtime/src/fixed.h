/*
 * Fixed-point arithmetic of TensorFlow Lite's int8 reference kernels (gemmlowp's fixedpoint.h; Jacob et al. 2018).
 * Sums wrap modulo 2^32: a pack from Shoehorn never gets there, a hostile one must not be undefined behaviour.
 * Right shifts of negative numbers are arithmetic, as on every compiler this is built with.
 */
#ifndef SHOE_FIXED_H
#define SHOE_FIXED_H

#include <stdint.h>

static inline int32_t shoe_add(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t shoe_sub(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

static inline int32_t shoe_mul(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a * (uint32_t)b);
}

/* bits: 0 to 31 */
static inline int32_t shoe_shl(int32_t a, uint32_t bits) {
    return (int32_t)((uint32_t)a << bits);
}

/* a * b / 2^31, ties upward. Equals gemmlowp's SaturatingRoundingDoublingHighMul except for a = b = -2^31, which no
 * caller can reach with a checked pack: multipliers are not negative. */
static inline int32_t shoe_high_mul(int32_t a, int32_t b) {
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* x / 2^bits rounded to nearest, ties away from zero; 0 beyond 31 bits. */
static inline int32_t shoe_round_shift(int32_t x, uint32_t bits) {
    if (bits > 31) return 0;
    const uint32_t mask = ((uint32_t)1 << bits) - 1;
    const uint32_t remainder = (uint32_t)x & mask;
    const uint32_t threshold = (mask >> 1) + (x < 0 ? 1u : 0u);
    return (x >> bits) + (remainder > threshold ? 1 : 0);
}

/* TFLite's MultiplyByQuantizedMultiplier with double rounding. shift: -31 to 30 */
static inline int32_t shoe_rescale(int32_t x, int32_t multiplier, int32_t shift) {
    if (shift > 0) return shoe_high_mul(shoe_shl(x, (uint32_t)shift), multiplier);
    return shoe_round_shift(shoe_high_mul(x, multiplier), (uint32_t)-shift);
}

static inline int8_t shoe_clamp(int32_t value, int32_t min, int32_t max) {
    return (int8_t)(value < min ? min : value > max ? max : value);
}

/* value: not 0 */
static inline uint32_t shoe_leading_zeros(uint32_t value) {
#if defined(__GNUC__)
    return (uint32_t)__builtin_clz(value);
#else
    uint32_t count = 0;
    for (; !(value & 0x80000000u); value <<= 1) ++count;
    return count;
#endif
}

/* 1 / x for x = raw / 2^(31 - integer_bits) >= 1, as a fraction of 2^31 to be shifted right by *bits_over_unit (TFLite's
 * GetReciprocal over gemmlowp's one_over_one_plus_x_for_x_in_0_1). raw: not 0 */
int32_t shoe_reciprocal(int32_t raw, int32_t integer_bits, int32_t *bits_over_unit);

/* exp(raw / 2^26) as a fraction of 2^31, raw <= 0 (gemmlowp's exp_on_negative_values with 5 integer bits). */
int32_t shoe_exp_negative(int32_t raw);

#endif
