/* One element in, one element out, with broadcasting where there are two inputs. The output may lie exactly on an input
 * of its own shape. */
#include "kernels.h"
#include "walk.h"

/* The output over both inputs, row by row; step 0 repeats an input along the row. */
typedef void pair_row(const shoe_call *call, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step, uint32_t count,
                      int8_t *out);

static void for_each_row(const shoe_call *call, pair_row *row) {
    shoe_walk walk;
    shoe_walk_over(&walk, &call->out);
    shoe_walk_broadcast(&walk, 0, &call->a);
    shoe_walk_broadcast(&walk, 1, &call->b);
    shoe_walk_join(&walk);
    const uint32_t count = walk.dims[SHOE_MAX_RANK - 1];
    int8_t *out = call->out_data;
    do {
        row(call, call->a.data + walk.at[0], walk.step[0][SHOE_MAX_RANK - 1], call->b.data + walk.at[1],
            walk.step[1][SHOE_MAX_RANK - 1], count, out);
        out += count;
    } while (shoe_walk_next(&walk));
}

static void add_row(const shoe_call *call, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step, uint32_t count,
                    int8_t *out) {
    const uint8_t *p = call->op.params;
    const shoe_requant a_requant = shoe_requant_at(call->model, shoe_u32(p + 4));
    const shoe_requant b_requant = shoe_requant_at(call->model, shoe_u32(p + 8));
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p + 12));
    const int32_t min = shoe_i8(p), max = shoe_i8(p + 1);
    const uint32_t left_shift = p[2];
    for (uint32_t i = 0; i < count; ++i, a += a_step, b += b_step) {
        const int32_t x = shoe_requant_apply(&a_requant, 0, shoe_shl(*a - call->a.zero, left_shift));
        const int32_t y = shoe_requant_apply(&b_requant, 0, shoe_shl(*b - call->b.zero, left_shift));
        const int32_t sum = call->op.kind == SHOE_SUB ? shoe_sub(x, y) : shoe_add(x, y);
        out[i] = shoe_clamp(shoe_add(shoe_requant_apply(&requant, 0, sum), call->out.zero), min, max);
    }
}

static void mul_row(const shoe_call *call, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step, uint32_t count,
                    int8_t *out) {
    const uint8_t *p = call->op.params;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p + 4));
    for (uint32_t i = 0; i < count; ++i, a += a_step, b += b_step) {
        const int32_t product = (*a - call->a.zero) * (*b - call->b.zero);
        const int32_t scaled = shoe_requant_apply(&requant, 0, product);
        out[i] = shoe_clamp(shoe_add(scaled, call->out.zero), shoe_i8(p), shoe_i8(p + 1));
    }
}

/* x: -255 to 255. Bits it can be shifted left without losing its sign. */
static uint32_t sign_headroom(int32_t x) {
    if (x == 0) return 31;
    return x > 0 ? shoe_leading_zeros((uint32_t)x) - 1 : shoe_leading_zeros(2 * (uint32_t)-x - 1);
}

/* TFLite's reference_ops::Div: reciprocal of the divisor, numerator shifted up to full width. What TFLite leaves undefined,
 * a division by zero, saturates; 0 / 0 is 0. */
static int32_t quotient(const shoe_requant *requant, int32_t x, int32_t y) {
    if (y == 0) return x == 0 ? 0 : x > 0 ? 512 : -512;
    int32_t bits_over_unit;
    const int32_t magnitude = shoe_reciprocal(y > 0 ? y : -y, 31, &bits_over_unit);
    const uint32_t headroom = sign_headroom(x);
    const int32_t unscaled = shoe_high_mul(shoe_shl(x, headroom), y > 0 ? magnitude : -magnitude);
    const int32_t shift = requant->shift[0] - bits_over_unit - (int32_t)headroom;
    if (shift < -31) return 0;
    return shoe_rescale(unscaled, shoe_i32(requant->multiplier), shift);
}

static void div_row(const shoe_call *call, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step, uint32_t count,
                    int8_t *out) {
    const uint8_t *p = call->op.params;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p + 4));
    for (uint32_t i = 0; i < count; ++i, a += a_step, b += b_step) {
        const int32_t scaled = quotient(&requant, *a - call->a.zero, *b - call->b.zero);
        out[i] = shoe_clamp(shoe_add(scaled, call->out.zero), shoe_i8(p), shoe_i8(p + 1));
    }
}

static void prelu_row(const shoe_call *call, const int8_t *a, int32_t a_step, const int8_t *b, int32_t b_step, uint32_t count,
                      int8_t *out) {
    const uint8_t *p = call->op.params;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p));
    const shoe_requant alpha_requant = shoe_requant_at(call->model, shoe_u32(p + 4));
    for (uint32_t i = 0; i < count; ++i, a += a_step, b += b_step) {
        const int32_t x = *a - call->a.zero;
        const int32_t scaled = x >= 0 ? shoe_requant_apply(&requant, 0, x)
                                      : shoe_requant_apply(&alpha_requant, 0, x * (*b - call->b.zero));
        out[i] = shoe_clamp(shoe_add(scaled, call->out.zero), INT8_MIN, INT8_MAX);
    }
}

void shoe_add_sub(const shoe_call *call) {
    for_each_row(call, add_row);
}

void shoe_multiply(const shoe_call *call) {
    for_each_row(call, mul_row);
}

void shoe_divide(const shoe_call *call) {
    for_each_row(call, div_row);
}

void shoe_prelu(const shoe_call *call) {
    for_each_row(call, prelu_row);
}

void shoe_lookup(const shoe_call *call) {
    const int8_t *table = (const int8_t *)call->model->tables + shoe_u32(call->op.params);
    for (uint32_t i = 0; i < call->out.elements; ++i) call->out_data[i] = table[call->a.data[i] + 128];
}

void shoe_requantize(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p + 4));
    for (uint32_t i = 0; i < call->out.elements; ++i) {
        const int32_t scaled = shoe_requant_apply(&requant, 0, call->a.data[i] - call->a.zero);
        call->out_data[i] = shoe_clamp(shoe_add(scaled, call->out.zero), shoe_i8(p), shoe_i8(p + 1));
    }
}
