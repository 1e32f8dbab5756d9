/* Rows of the input times weights [batch..., O, I] (reference_integer_ops::FullyConnected). */
#include "dot.h"
#include "kernels.h"

typedef struct {
    const shoe_call *call;
    shoe_requant requant;
    uint32_t depth;
} layer;

/* offset: of shoe_row_offset() */
static int8_t finish(const layer *l, uint32_t channel, uint32_t sum, int32_t offset) {
    const shoe_call *call = l->call;
    int32_t total = shoe_sub((int32_t)sum, offset);
    if (call->op.input_count == 3) total = shoe_add(total, shoe_i32((const uint8_t *)call->c.data + (size_t)channel * 4));
    const int32_t scaled = shoe_requant_apply(&l->requant, channel, total);
    return shoe_clamp(shoe_add(scaled, call->out.zero), shoe_i8(call->op.params), shoe_i8(call->op.params + 1));
}

/* Output channels [first, end) of one row of the input, in pairs; w: of channel `first` */
static void row(const layer *l, const int8_t *x, const int8_t *w, uint32_t first, uint32_t end, int8_t *out) {
    const int32_t zero = l->call->a.zero;
    const int32_t offset = shoe_row_offset(x, l->depth, zero, l->call->b.zero);
    uint32_t channel = first;
    for (; channel + 1 < end; channel += 2, w += 2 * l->depth) {
        const shoe_pair none = {0, 0};
        const shoe_pair sums = shoe_dot2(none, x, w, w + l->depth, l->depth, zero);
        out[channel] = finish(l, channel, sums.a, offset);
        out[channel + 1] = finish(l, channel + 1, sums.b, offset);
    }
    if (channel < end) out[channel] = finish(l, channel, shoe_dot(0, x, w, l->depth, zero), offset);
}

void shoe_fully_connected(const shoe_call *call, const shoe_tile *tile) {
    const uint32_t depth = shoe_last_dim(&call->b);
    const uint32_t channels = call->b.dims[call->b.rank - 2];
    const uint32_t batches = call->b.elements / depth / channels;
    const uint32_t rows = call->a.elements / depth / batches;
    const layer l = {call, shoe_requant_at(call->model, shoe_u32(call->op.params + 4)), depth};
    const int8_t *w = tile->weights;
    uint32_t left = tile->count;
    uint32_t first = tile->first % channels;
    for (uint32_t batch = tile->first / channels; left > 0; ++batch, first = 0) {
        const uint32_t count = channels - first < left ? channels - first : left;
        const int8_t *x = call->a.data + batch * rows * depth;
        int8_t *out = call->out_data + batch * rows * channels;
        for (uint32_t i = 0; i < rows; ++i, x += depth, out += channels) row(&l, x, w, first, first + count, out);
        w += count * depth;
        left -= count;
    }
}
