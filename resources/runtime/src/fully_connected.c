/* Rows of the input times weights [batch..., O, I] (reference_integer_ops::FullyConnected). */
#include "dot.h"
#include "kernels.h"

/* Output channels [first, end) of one row of the input; w: of channel `first` */
static void row(const shoe_call *call, const shoe_requant *requant, const int8_t *x, const int8_t *w, uint32_t depth,
                uint32_t first, uint32_t end, int8_t *out) {
    const int32_t offset = shoe_row_offset(x, depth, call->a.zero, call->b.zero);
    const int32_t min = shoe_i8(call->op.params);
    const int32_t max = shoe_i8(call->op.params + 1);
    for (uint32_t channel = first; channel < end; ++channel, w += depth) {
        int32_t sum = shoe_sub((int32_t)shoe_dot(0, x, w, depth, call->a.zero), offset);
        if (call->op.input_count == 3) sum = shoe_add(sum, shoe_i32((const uint8_t *)call->c.data + (size_t)channel * 4));
        const int32_t scaled = shoe_requant_apply(requant, channel, sum);
        out[channel] = shoe_clamp(shoe_add(scaled, call->out.zero), min, max);
    }
}

void shoe_fully_connected(const shoe_call *call, const shoe_tile *tile) {
    const uint32_t depth = shoe_last_dim(&call->b);
    const uint32_t channels = call->b.dims[call->b.rank - 2];
    const uint32_t batches = call->b.elements / depth / channels;
    const uint32_t rows = call->a.elements / depth / batches;
    const shoe_requant requant = shoe_requant_at(call->model, shoe_u32(call->op.params + 4));
    const int8_t *w = tile->weights;
    uint32_t left = tile->count;
    uint32_t first = tile->first % channels;
    for (uint32_t batch = tile->first / channels; left > 0; ++batch, first = 0) {
        const uint32_t count = channels - first < left ? channels - first : left;
        const int8_t *x = call->a.data + batch * rows * depth;
        int8_t *out = call->out_data + batch * rows * channels;
        for (uint32_t i = 0; i < rows; ++i, x += depth, out += channels) row(call, &requant, x, w, depth, first, first + count, out);
        w += count * depth;
        left -= count;
    }
}
