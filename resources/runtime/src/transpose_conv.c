/* Transposed convolution (reference_integer_ops::TransposeConv), gathered by output position, so that it needs no int32
 * scratch: output (y, x) takes input row (y + padTop - ky) / strideH for each tap ky where that is whole and inside. */
#include "dot.h"
#include "kernels.h"

/* Taps that reach an input: first, first + stride, ... below end; tap `first` reads input index `start`, the next start - 1. */
typedef struct {
    uint32_t first, end, start;
} gather;

/* position: of the output, in the uncut full output */
static gather gather_at(uint32_t position, uint32_t taps, uint32_t stride, uint32_t size) {
    gather g = {position % stride, taps, position / stride};
    if (g.start >= size) {
        const uint32_t skipped = g.start - (size - 1);
        g.start = size - 1;
        g.first = skipped > (taps + stride) / stride ? taps : g.first + skipped * stride;
    }
    if (g.end > position + 1) g.end = position + 1;
    if (g.first > g.end) g.first = g.end;
    return g;
}

typedef struct {
    gather rows, cols;
    uint32_t stride_h, stride_w;
} reach;

static int32_t reach_sum(const shoe_call *call, const reach *r, const int8_t *image, const int8_t *filter) {
    const uint32_t in_w = call->a.dims[2];
    const uint32_t depth = call->a.dims[3];
    const uint32_t taps_w = call->b.dims[2];
    uint32_t sum = 0;
    uint32_t y = r->rows.start;
    for (uint32_t ky = r->rows.first; ky < r->rows.end; ky += r->stride_h, --y) {
        uint32_t x = r->cols.start;
        for (uint32_t kx = r->cols.first; kx < r->cols.end; kx += r->stride_w, --x)
            sum = shoe_dot(sum, image + (y * in_w + x) * depth, filter + (ky * taps_w + kx) * depth, depth, call->a.zero);
    }
    return (int32_t)sum;
}

static void reach_position(const shoe_call *call, const shoe_tile *tile, const reach *r, const int8_t *image, int8_t *out) {
    const uint8_t *p = call->op.params;
    const uint32_t filter_size = call->b.dims[1] * call->b.dims[2] * call->b.dims[3];
    const int8_t *filter = tile->weights;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(p + 12));
    for (uint32_t channel = tile->first; channel < tile->first + tile->count; ++channel, filter += filter_size) {
        int32_t sum = reach_sum(call, r, image, filter);
        if (call->op.input_count == 3) sum = shoe_add(sum, shoe_i32((const uint8_t *)call->c.data + (size_t)channel * 4));
        const int32_t scaled = shoe_requant_apply(&requant, channel, sum);
        out[channel] = shoe_clamp(shoe_add(scaled, call->out.zero), shoe_i8(p + 8), shoe_i8(p + 9));
    }
}

void shoe_transpose_conv_2d(const shoe_call *call, const shoe_tile *tile) {
    const uint8_t *p = call->op.params;
    reach r = {{0, 0, 0}, {0, 0, 0}, shoe_u16(p), shoe_u16(p + 2)};
    const int8_t *image = call->a.data;
    int8_t *out = call->out_data;
    const uint32_t image_size = call->a.dims[1] * call->a.dims[2] * call->a.dims[3];
    for (uint32_t n = 0; n < call->a.dims[0]; ++n, image += image_size)
        for (uint32_t y = 0; y < call->out.dims[1]; ++y) {
            r.rows = gather_at(y + shoe_u16(p + 4), call->b.dims[1], r.stride_h, call->a.dims[1]);
            for (uint32_t x = 0; x < call->out.dims[2]; ++x, out += call->out.dims[3]) {
                r.cols = gather_at(x + shoe_u16(p + 6), call->b.dims[2], r.stride_w, call->a.dims[2]);
                reach_position(call, tile, &r, image, out);
            }
        }
}
