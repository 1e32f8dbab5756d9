/* Depthwise convolution (reference_integer_ops::DepthwiseConvPerChannel): output channel = c * multiplier + m. */
#include "kernels.h"

typedef struct {
    uint32_t in_w, in_c, taps_w, dilation_h, dilation_w, multiplier, channels;
    int32_t in_zero;
    const shoe_tile *tile;
} depthwise;

/* sums[i] += (x of the input channel of output channel first + i) * w, for one tap. w: at output channel `first`. */
static void add_tap(const depthwise *d, const int8_t *pixel, const int8_t *w, uint32_t first, uint32_t count, int32_t *sums) {
    if (d->multiplier == 1) {
        const int8_t *x = pixel + first;
        for (uint32_t i = 0; i < count; ++i) sums[i] = shoe_add(sums[i], (x[i] - d->in_zero) * w[i]);
        return;
    }
    uint32_t left = d->multiplier - first % d->multiplier;
    const int8_t *x = pixel + first / d->multiplier;
    for (uint32_t i = 0; i < count; ++i) {
        sums[i] = shoe_add(sums[i], (*x - d->in_zero) * w[i]);
        if (--left == 0) {
            left = d->multiplier;
            ++x;
        }
    }
}

static void add_window(const depthwise *d, const int8_t *corner, shoe_taps rows, shoe_taps cols, uint32_t first,
                       uint32_t count, int32_t *sums) {
    for (uint32_t ky = rows.first; ky < rows.end; ++ky, corner += d->dilation_h * d->in_w * d->in_c) {
        const int8_t *w = d->tile->weights + (ky * d->taps_w + cols.first) * d->tile->count + (first - d->tile->first);
        const int8_t *pixel = corner;
        for (uint32_t kx = cols.first; kx < cols.end; ++kx, pixel += d->dilation_w * d->in_c, w += d->tile->count)
            add_tap(d, pixel, w, first, count, sums);
    }
}

static void start_sums(const shoe_call *call, uint32_t first, uint32_t count, int32_t *sums) {
    const uint8_t *bias = (const uint8_t *)call->c.data;
    for (uint32_t i = 0; i < count; ++i)
        sums[i] = call->op.input_count == 3 ? shoe_i32(bias + (size_t)(first + i) * 4) : 0;
}

static void depthwise_position(const shoe_call *call, const depthwise *d, const int8_t *corner, shoe_taps rows,
                               shoe_taps cols, int8_t *out) {
    const uint8_t *p = call->op.params;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p + 16));
    const int32_t min = shoe_i8(p + 14);
    const int32_t max = shoe_i8(p + 15);
    const uint32_t end = d->tile->first + d->tile->count;
    for (uint32_t first = d->tile->first; first < end; first += SHOE_TILE) {
        const uint32_t count = end - first < SHOE_TILE ? end - first : SHOE_TILE;
        int32_t sums[SHOE_TILE];
        start_sums(call, first, count, sums);
        if (count == SHOE_TILE) add_window(d, corner, rows, cols, first, SHOE_TILE, sums);
        else add_window(d, corner, rows, cols, first, count, sums);
        for (uint32_t i = 0; i < count; ++i) {
            const int32_t scaled = shoe_requant_apply(&requant, first + i, sums[i]);
            out[first + i] = shoe_clamp(shoe_add(scaled, call->out.zero), min, max);
        }
    }
}

static void depthwise_row(const shoe_call *call, const depthwise *d, const int8_t *image, uint32_t y, int8_t *out) {
    const uint8_t *p = call->op.params;
    const int32_t origin_y = (int32_t)(y * shoe_u16(p)) - shoe_u16(p + 4);
    const shoe_taps rows = shoe_taps_inside(origin_y, call->b.dims[1], d->dilation_h, call->a.dims[1]);
    const int32_t first_y = origin_y + (int32_t)(rows.first * d->dilation_h);
    const uint32_t stride_w = shoe_u16(p + 2);
    int32_t origin_x = -(int32_t)shoe_u16(p + 6);
    for (uint32_t x = 0; x < call->out.dims[2]; ++x, origin_x += (int32_t)stride_w, out += d->channels) {
        const shoe_taps cols = shoe_taps_inside(origin_x, d->taps_w, d->dilation_w, d->in_w);
        const int32_t first_x = origin_x + (int32_t)(cols.first * d->dilation_w);
        const int8_t *corner = image;
        if (rows.first < rows.end && cols.first < cols.end)
            corner += ((uint32_t)first_y * d->in_w + (uint32_t)first_x) * d->in_c;
        depthwise_position(call, d, corner, rows, cols, out);
    }
}

void shoe_depthwise_conv_2d(const shoe_call *call, const shoe_tile *tile) {
    const uint8_t *p = call->op.params;
    const depthwise d = {call->a.dims[2], call->a.dims[3],   call->b.dims[2],   shoe_u16(p + 8), shoe_u16(p + 10),
                         shoe_u16(p + 12), call->out.dims[3], call->a.zero, tile};
    const int8_t *image = call->a.data;
    int8_t *out = call->out_data;
    const uint32_t image_size = call->a.dims[1] * d.in_w * d.in_c;
    for (uint32_t n = 0; n < call->a.dims[0]; ++n, image += image_size)
        for (uint32_t y = 0; y < call->out.dims[1]; ++y, out += call->out.dims[2] * d.channels)
            depthwise_row(call, &d, image, y, out);
}
