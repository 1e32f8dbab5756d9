/* Convolution, grouped or not (TFLite's reference_integer_ops::ConvPerChannel). Taps outside the input add nothing. */
#include "dot.h"
#include "kernels.h"

typedef struct {
    uint32_t in_w, in_c, taps_h, taps_w, dilation_h, dilation_w;
    uint32_t group_in, group_out, channels; /* input channels a group, output channels a group and in all */
    uint32_t first, end, first_group;       /* output channels to compute, and the group of the first */
    int32_t in_zero, out_zero, min, max;
    const int8_t *weights; /* of output channel `first` */
    const uint8_t *bias; /* null: none */
    shoe_requant requant;
    uint8_t solid; /* taps of one row are contiguous in input and weights alike: one dot product does for all */
} conv;

static conv conv_of(const shoe_call *call, const shoe_tile *tile) {
    const uint8_t *p = call->op.params;
    const uint32_t groups = shoe_u16(p + 12);
    conv c;
    c.in_w = call->a.dims[2];
    c.in_c = call->a.dims[3];
    c.taps_h = call->b.dims[1];
    c.taps_w = call->b.dims[2];
    c.dilation_h = shoe_u16(p + 8);
    c.dilation_w = shoe_u16(p + 10);
    c.group_in = call->b.dims[3];
    c.channels = call->out.dims[3];
    c.group_out = c.channels / groups;
    c.in_zero = call->a.zero;
    c.out_zero = call->out.zero;
    c.min = shoe_i8(p + 14);
    c.max = shoe_i8(p + 15);
    c.first = tile->first;
    c.end = tile->first + tile->count;
    c.first_group = tile->first / c.group_out;
    c.weights = tile->weights;
    c.bias = call->op.input_count == 3 ? (const uint8_t *)call->c.data : NULL;
    c.requant = shoe_requant_at(call->model, shoe_u32(p + 16));
    c.solid = groups == 1 && (c.dilation_w == 1 || c.taps_w == 1);
    return c;
}

/* Sums over the window for the filters at `a` and, if there is one, `b`. corner: input at the first tap inside, first
 * channel of the group. */
static shoe_pair window_sums(const conv *c, const int8_t *corner, const int8_t *a, const int8_t *b, shoe_taps rows, shoe_taps cols) {
    const uint32_t row_step = c->dilation_h * c->in_w * c->in_c;
    const uint32_t col_step = c->dilation_w * c->in_c;
    const uint32_t taps = c->solid ? 1 : cols.end - cols.first;
    const uint32_t count = c->solid ? (cols.end - cols.first) * c->group_in : c->group_in;
    shoe_pair sum = {0, 0};
    for (uint32_t ky = rows.first; ky < rows.end; ++ky, corner += row_step) {
        uint32_t at = (ky * c->taps_w + cols.first) * c->group_in;
        const int8_t *x = corner;
        for (uint32_t k = 0; k < taps; ++k, x += col_step, at += c->group_in) {
            if (b) sum = shoe_dot2(sum, x, a + at, b + at, count, c->in_zero);
            else sum.a = shoe_dot(sum.a, x, a + at, count, c->in_zero);
        }
    }
    return sum;
}

static int8_t finish(const conv *c, uint32_t channel, uint32_t sum) {
    const int32_t bias = c->bias ? shoe_i32(c->bias + (size_t)channel * 4) : 0;
    const int32_t scaled = shoe_requant_apply(&c->requant, channel, shoe_add((int32_t)sum, bias));
    return shoe_clamp(shoe_add(scaled, c->out_zero), c->min, c->max);
}

/* The tile's output channels of one position, in pairs. corner: input at the first tap inside. */
static void conv_position(const conv *c, const int8_t *corner, shoe_taps rows, shoe_taps cols, int8_t *out) {
    const uint32_t filter = c->taps_h * c->taps_w * c->group_in;
    const int8_t *weights = c->weights;
    uint32_t channel = c->first;
    uint32_t group_end = (c->first_group + 1) * c->group_out;
    corner += c->first_group * c->group_in;
    while (channel < c->end) {
        const uint32_t end = group_end < c->end ? group_end : c->end;
        for (; channel + 1 < end; channel += 2, weights += 2 * filter) {
            const shoe_pair sums = window_sums(c, corner, weights, weights + filter, rows, cols);
            out[channel] = finish(c, channel, sums.a);
            out[channel + 1] = finish(c, channel + 1, sums.b);
        }
        if (channel < end) {
            out[channel] = finish(c, channel, window_sums(c, corner, weights, NULL, rows, cols).a);
            ++channel;
            weights += filter;
        }
        corner += c->group_in;
        group_end += c->group_out;
    }
}

static void conv_row(const shoe_call *call, const conv *c, const int8_t *image, uint32_t y, int8_t *out) {
    const uint8_t *p = call->op.params;
    const int32_t origin_y = (int32_t)(y * shoe_u16(p)) - shoe_u16(p + 4);
    const shoe_taps rows = shoe_taps_inside(origin_y, c->taps_h, c->dilation_h, call->a.dims[1]);
    const int32_t first_y = origin_y + (int32_t)(rows.first * c->dilation_h);
    const uint32_t stride_w = shoe_u16(p + 2);
    int32_t origin_x = -(int32_t)shoe_u16(p + 6);
    for (uint32_t x = 0; x < call->out.dims[2]; ++x, origin_x += (int32_t)stride_w, out += c->channels) {
        const shoe_taps cols = shoe_taps_inside(origin_x, c->taps_w, c->dilation_w, c->in_w);
        const int32_t first_x = origin_x + (int32_t)(cols.first * c->dilation_w);
        const int8_t *corner = image;
        if (rows.first < rows.end && cols.first < cols.end)
            corner += ((uint32_t)first_y * c->in_w + (uint32_t)first_x) * c->in_c;
        conv_position(c, corner, rows, cols, out);
    }
}

void shoe_conv_2d(const shoe_call *call, const shoe_tile *tile) {
    const conv c = conv_of(call, tile);
    const int8_t *image = call->a.data;
    int8_t *out = call->out_data;
    const uint32_t image_size = call->a.dims[1] * c.in_w * c.in_c;
    for (uint32_t n = 0; n < call->a.dims[0]; ++n, image += image_size)
        for (uint32_t y = 0; y < call->out.dims[1]; ++y, out += call->out.dims[2] * c.channels)
            conv_row(call, &c, image, y, out);
}
