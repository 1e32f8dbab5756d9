/* Operators that move elements without computing: concat, slice, transpose, pad, copy. */
#include "kernels.h"
#include "walk.h"

/* Product of the dimensions from `from` on. */
static uint32_t inner_size(const shoe_view *view, uint32_t from) {
    uint32_t size = 1;
    for (uint32_t d = from; d < view->rank; ++d) size *= view->dims[d];
    return size;
}

void shoe_concat(const shoe_call *call) {
    const uint32_t axis = call->op.params[0];
    const uint32_t line = inner_size(&call->out, axis);
    uint32_t offset = 0;
    for (uint32_t i = 0; i < call->op.input_count; ++i) {
        shoe_view part;
        shoe_view_load(call->model, shoe_u16(call->op.inputs + i * 2), &part);
        const int8_t *from = (const int8_t *)(part.constant ? call->model->weights : call->arena) + part.offset;
        const uint32_t bytes = inner_size(&part, axis);
        for (uint32_t at = offset; at < call->out.elements; at += line, from += bytes) shoe_copy_bytes(call->out_data + at, from, bytes);
        offset += bytes;
    }
}

/* Output row by row from operand 0. */
static void gather_rows(const shoe_call *call, shoe_walk *walk) {
    shoe_walk_join(walk);
    const uint32_t count = walk->dims[SHOE_MAX_RANK - 1];
    const int32_t step = walk->step[0][SHOE_MAX_RANK - 1];
    int8_t *out = call->out_data;
    do {
        const int8_t *from = call->a.data + walk->at[0];
        if (step == 1) shoe_copy_bytes(out, from, count);
        else
            for (uint32_t i = 0; i < count; ++i, from += step) out[i] = *from;
        out += count;
    } while (shoe_walk_next(walk));
}

void shoe_slice(const shoe_call *call) {
    shoe_walk walk;
    shoe_walk_over(&walk, &call->out);
    const uint32_t missing = SHOE_MAX_RANK - (uint32_t)call->a.rank;
    int32_t size = 1;
    for (uint32_t d = call->a.rank; d-- > 0;) {
        const uint8_t *p = call->op.params + d * 8;
        walk.at[0] += shoe_i32(p) * size;
        walk.step[0][d + missing] = call->out.dims[d] == 1 ? 0 : shoe_i32(p + 4) * size;
        size *= (int32_t)call->a.dims[d];
    }
    gather_rows(call, &walk);
}

void shoe_transpose(const shoe_call *call) {
    shoe_walk walk;
    shoe_walk_over(&walk, &call->out);
    const uint32_t missing = SHOE_MAX_RANK - (uint32_t)call->a.rank;
    for (uint32_t d = 0; d < call->a.rank; ++d) {
        const uint32_t from = call->op.params[d];
        walk.step[0][d + missing] = call->out.dims[d] == 1 ? 0 : (int32_t)inner_size(&call->a, from + 1);
    }
    gather_rows(call, &walk);
}

void shoe_copy(const shoe_call *call) {
    shoe_copy_bytes(call->out_data, call->a.data, call->out.elements);
}

/* Input index for output index `at` of a dimension, -1 for a place to fill. */
static int32_t pad_source(uint32_t mode, uint32_t at, uint32_t before, uint32_t size) {
    const int32_t last = (int32_t)size - 1;
    const int32_t from = (int32_t)at - (int32_t)before;
    if (from >= 0 && from <= last) return from;
    if (mode == SHOE_PAD_CONSTANT) return -1;
    if (mode == SHOE_PAD_EDGE) return from < 0 ? 0 : last;
    return from < 0 ? -from : 2 * last - from;
}

static void pad_row(const shoe_call *call, const int8_t *from, int8_t *out) {
    const uint32_t mode = call->op.params[0];
    const uint32_t d = (uint32_t)call->a.rank - 1;
    const uint32_t size = call->a.dims[d];
    const uint32_t before = shoe_u32(call->op.params + 4 + d * 4);
    const int8_t value = (int8_t)shoe_i8(call->op.params + 1);
    for (uint32_t i = 0; i < before; ++i) {
        const int32_t source = pad_source(mode, i, before, size);
        out[i] = source < 0 ? value : from[source];
    }
    shoe_copy_bytes(out + before, from, size);
    for (uint32_t i = before + size; i < call->out.dims[d]; ++i) {
        const int32_t source = pad_source(mode, i, before, size);
        out[i] = source < 0 ? value : from[source];
    }
}

/* Offset in the input of the row that output row `walk` takes, -1 for a row to fill. */
static int32_t pad_row_source(const shoe_call *call, const shoe_walk *walk) {
    const uint32_t missing = SHOE_MAX_RANK - (uint32_t)call->a.rank;
    int32_t stride = (int32_t)shoe_last_dim(&call->a);
    int32_t offset = 0;
    for (uint32_t d = (uint32_t)call->a.rank - 1; d-- > 0;) {
        const uint32_t before = shoe_u32(call->op.params + 4 + d * 4);
        const int32_t source = pad_source(call->op.params[0], walk->index[d + missing], before, call->a.dims[d]);
        if (source < 0) return -1;
        offset += source * stride;
        stride *= (int32_t)call->a.dims[d];
    }
    return offset;
}

void shoe_pad(const shoe_call *call) {
    shoe_walk walk;
    shoe_walk_over(&walk, &call->out);
    const uint32_t count = shoe_last_dim(&call->out);
    int8_t *out = call->out_data;
    do {
        const int32_t source = pad_row_source(call, &walk);
        if (source < 0) shoe_fill_bytes(out, (int8_t)shoe_i8(call->op.params + 1), count);
        else pad_row(call, call->a.data + source, out);
        out += count;
    } while (shoe_walk_next(&walk));
}
