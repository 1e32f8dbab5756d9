#include "coding.h"
#include "direct.h"
#include "kernels.h"
#include "stream.h"

static void load_call(shoe_call *call, const shoe_model *model, uint8_t *arena, uint16_t index) {
    shoe_view *slots[3] = {&call->a, &call->b, &call->c};
    call->model = model;
    call->arena = arena;
    shoe_op_load(model, index, &call->op);
    for (uint32_t i = 0; i < call->op.input_count && i < 3; ++i) {
        shoe_view_load(model, shoe_u16(call->op.inputs + i * 2), slots[i]);
        slots[i]->data = shoe_view_data(model, arena, slots[i]);
    }
    if (call->op.has_scratch) shoe_view_load(model, shoe_u16(call->op.inputs + call->op.input_count * 2u), &call->scratch);
    shoe_view_load(model, call->op.output, &call->out);
    call->out_data = (int8_t *)arena + call->out.offset;
}

/* Kernels with weights: all output channels at once where the weights lie as int8, tile by tile where they are streamed. */
static shoe_status weigh(const shoe_call *call, shoe_weighted_kernel *kernel) {
    if (SHOE_HAS_STORAGE(SHOE_STREAMED) && call->b.storage == SHOE_STREAMED) return shoe_stream(call, kernel);
    if (SHOE_HAS_STORAGE(SHOE_DIRECT) && call->b.storage == SHOE_DIRECT) return shoe_direct(call);
    const shoe_tile all = {0, shoe_weight_rows(call), call->b.data};
    kernel(call, &all);
    return SHOE_OK;
}

/* Kinds that are not linked were refused by shoe_open(). */
#define KERNEL(kind, kernel)                         \
    case kind:                                       \
        if (SHOE_HAS_KIND(kind)) kernel(call);       \
        return SHOE_OK
#define WEIGHTED(kind, kernel) \
    case kind: return SHOE_HAS_KIND(kind) ? weigh(call, kernel) : SHOE_ERR_OP

static shoe_status launch(const shoe_call *call) {
    switch ((shoe_kind)call->op.kind) {
        WEIGHTED(SHOE_CONV_2D, shoe_conv_2d);
        WEIGHTED(SHOE_DEPTHWISE_CONV_2D, shoe_depthwise_conv_2d);
        WEIGHTED(SHOE_TRANSPOSE_CONV_2D, shoe_transpose_conv_2d);
        WEIGHTED(SHOE_FULLY_CONNECTED, shoe_fully_connected);
        KERNEL(SHOE_AVERAGE_POOL_2D, shoe_average_pool_2d);
        KERNEL(SHOE_MAX_POOL_2D, shoe_max_pool_2d);
        KERNEL(SHOE_ADD, shoe_add_sub);
        KERNEL(SHOE_SUB, shoe_add_sub);
        KERNEL(SHOE_MUL, shoe_multiply);
        KERNEL(SHOE_DIV, shoe_divide);
        KERNEL(SHOE_TABLE, shoe_lookup);
        KERNEL(SHOE_REQUANTIZE, shoe_requantize);
        KERNEL(SHOE_PRELU, shoe_prelu);
        KERNEL(SHOE_SOFTMAX, shoe_softmax);
        KERNEL(SHOE_MEAN, shoe_mean);
        KERNEL(SHOE_CONCAT, shoe_concat);
        KERNEL(SHOE_SLICE, shoe_slice);
        KERNEL(SHOE_PAD, shoe_pad);
        KERNEL(SHOE_TRANSPOSE, shoe_transpose);
        KERNEL(SHOE_COPY, shoe_copy);
        KERNEL(SHOE_RESIZE_NEAREST, shoe_resize_nearest);
        KERNEL(SHOE_RESIZE_BILINEAR, shoe_resize_bilinear);
        case SHOE_KIND_END: break;
    }
    return SHOE_ERR_OP;
}

shoe_status shoe_run_op(const shoe_model *model, void *arena, uint16_t op) {
    if (op >= model->op_count) return SHOE_ERR_ARGUMENT;
    if (!arena) return SHOE_ERR_ARENA;
    shoe_call call = {0};
    load_call(&call, model, arena, op);
    return launch(&call);
}

shoe_status shoe_run(const shoe_model *model, void *arena, size_t arena_bytes) {
    if (!model->plan) return SHOE_ERR_ARGUMENT;
    if (!arena || arena_bytes < model->arena_bytes) return SHOE_ERR_ARENA;
    for (uint16_t op = 0; op < model->op_count; ++op) {
        const shoe_status status = shoe_run_op(model, arena, op);
        if (status != SHOE_OK) return status;
    }
    return SHOE_OK;
}
