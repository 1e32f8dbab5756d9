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
    uint32_t origin; /* index in the image of channel 0 at tap (0, 0), which may be outside: modulo 2^32 */
} shoe_window;

/* call: conv2d or fullyConnected, checked */
void shoe_filters_load(const shoe_call *call, shoe_filters *filters);

/* Taps of one row are contiguous in input and weights alike. */
static inline int shoe_filters_solid(const shoe_filters *f) {
    return f->group_in == f->in_c && (f->dilation_w == 1 || f->taps_w == 1);
}

/* The window at output row y, before its first column. */
static inline shoe_window shoe_window_row(const shoe_filters *f, uint32_t y) {
    const int32_t origin_y = (int32_t)(y * f->stride_h) - (int32_t)f->pad_top;
    shoe_window w;
    w.rows = shoe_taps_inside(origin_y, f->taps_h, f->dilation_h, f->in_h);
    w.cols.first = w.cols.end = 0;
    /* Modulo 2^32: where a tap is inside the input, the sum that gives its index is exact. */
    w.origin = (uint32_t)origin_y * f->in_w * f->in_c;
    return w;
}

static inline shoe_window shoe_window_at(const shoe_filters *f, const shoe_window *row, uint32_t x) {
    const int32_t origin_x = (int32_t)(x * f->stride_w) - (int32_t)f->pad_left;
    shoe_window w = *row;
    w.cols = shoe_taps_inside(origin_x, f->taps_w, f->dilation_w, f->in_w);
    w.origin += (uint32_t)origin_x * f->in_c;
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
