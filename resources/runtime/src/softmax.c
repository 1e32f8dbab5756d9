/* Softmax over the last dimension (TFLite's reference_ops::Softmax, int8 to int8). The exponentials are computed twice
 * instead of being kept, so that it needs no scratch. */
#include "kernels.h"

/* Bits of the sum of exponentials before the binary point. */
enum { SUM_INTEGER_BITS = 12 };

typedef struct {
    int32_t multiplier, diff_min;
    uint32_t left_shift;
} softmax;

static int32_t exponential(const softmax *s, int32_t diff) {
    return shoe_exp_negative(shoe_high_mul(shoe_shl(diff, s->left_shift), s->multiplier));
}

static void softmax_row(const softmax *s, const int8_t *x, uint32_t depth, int8_t *out) {
    int32_t largest = INT8_MIN;
    for (uint32_t i = 0; i < depth; ++i)
        if (x[i] > largest) largest = x[i];
    int32_t sum = 0;
    for (uint32_t i = 0; i < depth; ++i)
        if (x[i] - largest >= s->diff_min) sum = shoe_add(sum, shoe_round_shift(exponential(s, x[i] - largest), SUM_INTEGER_BITS));
    int32_t bits_over_unit;
    const int32_t scale = shoe_reciprocal(sum, SUM_INTEGER_BITS, &bits_over_unit);
    for (uint32_t i = 0; i < depth; ++i) {
        const int32_t diff = x[i] - largest;
        if (diff < s->diff_min) {
            out[i] = INT8_MIN;
            continue;
        }
        const int32_t share = shoe_round_shift(shoe_high_mul(scale, exponential(s, diff)), (uint32_t)(bits_over_unit + 31 - 8));
        out[i] = shoe_clamp(share + INT8_MIN, INT8_MIN, INT8_MAX);
    }
}

void shoe_softmax(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const softmax s = {shoe_i32(p), shoe_i32(p + 4), p[8]};
    const uint32_t depth = shoe_last_dim(&call->a);
    for (uint32_t at = 0; at < call->a.elements; at += depth) softmax_row(&s, call->a.data + at, depth, call->out_data + at);
}
