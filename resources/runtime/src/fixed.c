#include "fixed.h"

/* x * 2^bits, saturated */
static int32_t shift_saturated(int32_t x, uint32_t bits) {
    const int32_t threshold = (int32_t)(((uint32_t)1 << (31 - bits)) - 1);
    if (x > threshold) return INT32_MAX;
    if (x < -threshold) return INT32_MIN;
    return shoe_shl(x, bits);
}

/* Newton and Raphson's division, three steps, on the mean of 1 and x; comments give the integer bits of each value. */
static int32_t one_over_one_plus(int32_t x) {
    const int64_t sum = (int64_t)x + INT32_MAX;
    const int32_t half_denominator = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);                    /* 0 */
    int32_t estimate = shoe_add(1515870810, shoe_high_mul(half_denominator, -1010580540));          /* 2: 48/17 - 32/17 d */
    for (int step = 0; step < 3; ++step) {
        const int32_t product = shoe_high_mul(half_denominator, estimate);                          /* 2 */
        const int32_t error = shoe_sub((int32_t)1 << 29, product);                                  /* 2 */
        estimate = shoe_add(estimate, shift_saturated(shoe_high_mul(estimate, error), 2));          /* 4 to 2 */
    }
    return shift_saturated(estimate, 1);
}

int32_t shoe_reciprocal(int32_t raw, int32_t integer_bits, int32_t *bits_over_unit) {
    const uint32_t headroom = shoe_leading_zeros((uint32_t)raw);
    *bits_over_unit = integer_bits - (int32_t)headroom;
    return one_over_one_plus((int32_t)(((uint32_t)raw << headroom) - 0x80000000u));
}

/* Taylor series of fourth order around -1/8, for x in [-1/4, 0) */
static int32_t exp_last_quarter(int32_t raw) {
    const int32_t x = shoe_add(raw, (int32_t)1 << 28);
    const int32_t x2 = shoe_high_mul(x, x);
    const int32_t x3 = shoe_high_mul(x2, x);
    const int32_t x4 = shoe_high_mul(x2, x2);
    const int32_t third = shoe_high_mul(shoe_add(shoe_round_shift(x4, 2), x3), 715827883);
    const int32_t tail = shoe_round_shift(shoe_add(third, x2), 1);
    return shoe_add(1895147668, shoe_high_mul(1895147668, shoe_add(x, tail)));
}

int32_t shoe_exp_negative(int32_t raw) {
    /* exp(-2^k) for k = -2 to 4, as fractions of 2^31 */
    static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = (int32_t)1 << 24;
    const int32_t last = (raw & (quarter - 1)) - quarter;
    const uint32_t remainder = (uint32_t)last - (uint32_t)raw;
    int32_t result = exp_last_quarter(shift_saturated(last, 5));
    for (uint32_t k = 0; k < 7; ++k)
        if (remainder & ((uint32_t)quarter << k)) result = shoe_high_mul(result, factors[k]);
    return raw == 0 ? INT32_MAX : result;
}
