/* Mean over some dimensions (TFLite's reference_ops::QuantizedMeanOrSum, which TensorFlow Lite Micro uses for all shapes):
 * the count is divided into the multiplier, so that the sum is rescaled and rounded once. */
#include "kernels.h"
#include "walk.h"

/* The input's dimensions that are reduced (or those that are not), all others set to 1. */
static void walk_dims(shoe_walk *walk, const shoe_view *view, uint32_t axes, int reduced) {
    const uint32_t missing = SHOE_MAX_RANK - (uint32_t)view->rank;
    shoe_walk_over(walk, view);
    shoe_walk_broadcast(walk, 0, view);
    for (uint32_t d = 0; d < view->rank; ++d)
        if ((int)(axes >> d & 1u) != reduced) {
            walk->dims[d + missing] = 1;
            walk->step[0][d + missing] = 0;
        }
    shoe_walk_join(walk);
}

static int32_t sum_from(const shoe_walk *reduced, const int8_t *first, int32_t zero) {
    shoe_walk walk = *reduced;
    const uint32_t count = walk.dims[SHOE_MAX_RANK - 1];
    const int32_t step = walk.step[0][SHOE_MAX_RANK - 1];
    int32_t sum = 0;
    do {
        const int8_t *x = first + walk.at[0];
        for (uint32_t i = 0; i < count; ++i, x += step) sum = shoe_add(sum, *x - zero);
    } while (shoe_walk_next(&walk));
    return sum;
}

/* Factors of 1 / count of what `reference` gives. The count's magnitude goes into the shift, which keeps the multiplier's
 * precision. count: 1 to 2^30 */
static void divide_factors(const shoe_model *model, uint32_t reference, uint32_t count, int32_t *multiplier, int32_t *shift) {
    const shoe_requant requant = shoe_requant_at(model, reference);
    const int32_t magnitude = 31 - (int32_t)shoe_leading_zeros(count);
    const int32_t room = 31 + requant.shift[0];
    const int32_t bits = magnitude < room ? magnitude : room;
    *multiplier = (int32_t)(((int64_t)shoe_i32(requant.multiplier) << bits) / (int64_t)count);
    *shift = requant.shift[0] - bits;
}

void shoe_mean(const shoe_call *call) {
    const uint32_t axes = call->op.params[0];
    const uint32_t count = call->a.elements / call->out.elements;
    int32_t multiplier, shift;
    divide_factors(call->model, shoe_u32(call->op.params + 4), count, &multiplier, &shift);
    shoe_walk kept, reduced;
    walk_dims(&kept, &call->a, axes, 0);
    walk_dims(&reduced, &call->a, axes, 1);
    const int32_t step = kept.step[0][SHOE_MAX_RANK - 1];
    int8_t *out = call->out_data;
    do {
        const int8_t *x = call->a.data + kept.at[0];
        for (uint32_t i = 0; i < kept.dims[SHOE_MAX_RANK - 1]; ++i, x += step) {
            const int32_t mean = shoe_rescale(sum_from(&reduced, x, call->a.zero), multiplier, shift);
            *out++ = shoe_clamp(shoe_add(mean, call->out.zero), INT8_MIN, INT8_MAX);
        }
    } while (shoe_walk_next(&kept));
}
