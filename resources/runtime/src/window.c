#include "window.h"

static void load_fully_connected(const shoe_call *call, shoe_filters *f) {
    const uint8_t *p = call->op.params;
    f->channels = f->group_out = call->b.dims[call->b.rank - 2];
    f->in_h = f->taps_h = f->taps_w = f->dilation_h = f->dilation_w = f->stride_h = f->stride_w = f->images = f->out_h = 1;
    f->pad_top = f->pad_left = 0;
    f->in_c = f->group_in;
    f->in_w = f->out_w = call->a.elements / f->in_c;
    f->weights_zero = call->b.zero;
    f->min = shoe_i8(p);
    f->max = shoe_i8(p + 1);
    f->requant = shoe_requant_at(call->model, shoe_u32(p + 4));
}

static void load_conv(const shoe_call *call, shoe_filters *f) {
    const uint8_t *p = call->op.params;
    f->images = call->a.dims[0];
    f->in_h = call->a.dims[1];
    f->in_w = call->a.dims[2];
    f->in_c = call->a.dims[3];
    f->taps_h = call->b.dims[1];
    f->taps_w = call->b.dims[2];
    f->out_h = call->out.dims[1];
    f->out_w = call->out.dims[2];
    f->channels = call->out.dims[3];
    f->stride_h = shoe_u16(p);
    f->stride_w = shoe_u16(p + 2);
    f->pad_top = shoe_u16(p + 4);
    f->pad_left = shoe_u16(p + 6);
    f->dilation_h = shoe_u16(p + 8);
    f->dilation_w = shoe_u16(p + 10);
    f->group_out = f->channels / shoe_u16(p + 12);
    f->weights_zero = 0;
    f->min = shoe_i8(p + 14);
    f->max = shoe_i8(p + 15);
    f->requant = shoe_requant_at(call->model, shoe_u32(p + 16));
}

void shoe_filters_load(const shoe_call *call, shoe_filters *f) {
    f->in = call->a.data;
    f->out = call->out_data;
    f->in_zero = call->a.zero;
    f->out_zero = call->out.zero;
    f->bias = call->op.input_count == 3 ? (const uint8_t *)call->c.data : NULL;
    f->group_in = shoe_last_dim(&call->b);
    if (call->op.kind == SHOE_FULLY_CONNECTED) load_fully_connected(call, f);
    else load_conv(call, f);
}
