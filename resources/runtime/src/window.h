/* conv2d and fullyConnected as the same thing: filters over windows of images. A fully connected layer is a 1 x 1 convolution
 * over an image that has its rows of inputs side by side. */
#ifndef SHOE_WINDOW_H
#define SHOE_WINDOW_H

#include "coding.h"
#include "kernels.h"

typedef struct {
    uint32_t in_h, in_w, in_c, taps_h, taps_w, dilation_h, dilation_w, stride_h, stride_w, pad_top, pad_left;
    uint32_t group_in, group_out; /* input and output channels a group */
    uint32_t images, out_h, out_w, channels;
    int32_t in_zero, weights_zero, out_zero, min, max;
    const int8_t *in;
    const uint8_t *bias; /* null: none */
    int8_t *out;
    shoe_requant requant;
} shoe_filters;

/* Where the filters meet the input for one position of the output. */
typedef struct {
    shoe_taps rows, cols;
    int32_t origin; /* index in the image of channel 0 at tap (0, 0), which may be outside */
} shoe_window;

/* call: conv2d or fullyConnected, checked */
static inline shoe_filters shoe_filters_of(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const uint32_t depth = shoe_last_dim(&call->b);
    shoe_filters f = {0};
    f.in = call->a.data;
    f.out = call->out_data;
    f.in_zero = call->a.zero;
    f.out_zero = call->out.zero;
    f.bias = call->op.input_count == 3 ? (const uint8_t *)call->c.data : NULL;
    f.group_in = depth;
    f.channels = shoe_last_dim(&call->out);
    if (call->op.kind == SHOE_FULLY_CONNECTED) {
        f.channels = call->b.dims[call->b.rank - 2];
        f.in_h = f.taps_h = f.taps_w = f.dilation_h = f.dilation_w = f.stride_h = f.stride_w = f.images = f.out_h = 1;
        f.in_w = f.out_w = call->a.elements / depth;
        f.in_c = depth;
        f.group_out = f.channels;
        f.weights_zero = call->b.zero;
        f.min = shoe_i8(p);
        f.max = shoe_i8(p + 1);
        f.requant = shoe_requant_at(call->model, shoe_u32(p + 4));
        return f;
    }
    f.images = call->a.dims[0];
    f.in_h = call->a.dims[1];
    f.in_w = call->a.dims[2];
    f.in_c = call->a.dims[3];
    f.taps_h = call->b.dims[1];
    f.taps_w = call->b.dims[2];
    f.out_h = call->out.dims[1];
    f.out_w = call->out.dims[2];
    f.stride_h = shoe_u16(p);
    f.stride_w = shoe_u16(p + 2);
    f.pad_top = shoe_u16(p + 4);
    f.pad_left = shoe_u16(p + 6);
    f.dilation_h = shoe_u16(p + 8);
    f.dilation_w = shoe_u16(p + 10);
    f.group_out = f.channels / shoe_u16(p + 12);
    f.min = shoe_i8(p + 14);
    f.max = shoe_i8(p + 15);
    f.requant = shoe_requant_at(call->model, shoe_u32(p + 16));
    return f;
}

/* Taps of one row are contiguous in input and weights alike. */
static inline int shoe_filters_solid(const shoe_filters *f) {
    return f->group_in == f->in_c && (f->dilation_w == 1 || f->taps_w == 1);
}

static inline shoe_window shoe_window_at(const shoe_filters *f, uint32_t y, uint32_t x) {
    const int32_t origin_y = (int32_t)(y * f->stride_h) - (int32_t)f->pad_top;
    const int32_t origin_x = (int32_t)(x * f->stride_w) - (int32_t)f->pad_left;
    shoe_window w;
    w.rows = shoe_taps_inside(origin_y, f->taps_h, f->dilation_h, f->in_h);
    w.cols = shoe_taps_inside(origin_x, f->taps_w, f->dilation_w, f->in_w);
    /* Outside, the product may leave int32; no tap is inside then. Otherwise all sums below are indices of the image. */
    w.origin = (int32_t)(((uint32_t)origin_y * f->in_w + (uint32_t)origin_x) * f->in_c);
    if (w.cols.first == w.cols.end) w.rows.end = w.rows.first;
    return w;
}

/* sum: of (x - in_zero) * (w - weights_zero) */
static inline int8_t shoe_filters_finish(const shoe_filters *f, uint32_t channel, uint32_t sum) {
    const int32_t bias = f->bias ? shoe_i32(f->bias + (size_t)channel * 4) : 0;
    const int32_t scaled = shoe_requant_apply(&f->requant, channel, shoe_add((int32_t)sum, bias));
    return shoe_clamp(shoe_add(scaled, f->out_zero), f->min, f->max);
}

#endif
