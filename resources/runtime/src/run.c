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
    if (call->b.storage == SHOE_STREAMED) return shoe_stream(call, kernel);
    if (call->b.storage == SHOE_DIRECT) return shoe_direct(call);
    const shoe_tile all = {0, shoe_weight_rows(call), call->b.data};
    kernel(call, &all);
    return SHOE_OK;
}

static shoe_status launch(const shoe_call *call) {
    switch ((shoe_kind)call->op.kind) {
        case SHOE_CONV_2D: return weigh(call, shoe_conv_2d);
        case SHOE_DEPTHWISE_CONV_2D: return weigh(call, shoe_depthwise_conv_2d);
        case SHOE_TRANSPOSE_CONV_2D: return weigh(call, shoe_transpose_conv_2d);
        case SHOE_FULLY_CONNECTED: return weigh(call, shoe_fully_connected);
        case SHOE_AVERAGE_POOL_2D: shoe_average_pool_2d(call); break;
        case SHOE_MAX_POOL_2D: shoe_max_pool_2d(call); break;
        case SHOE_ADD:
        case SHOE_SUB: shoe_add_sub(call); break;
        case SHOE_MUL: shoe_multiply(call); break;
        case SHOE_DIV: shoe_divide(call); break;
        case SHOE_TABLE: shoe_lookup(call); break;
        case SHOE_REQUANTIZE: shoe_requantize(call); break;
        case SHOE_PRELU: shoe_prelu(call); break;
        case SHOE_SOFTMAX: shoe_softmax(call); break;
        case SHOE_MEAN: shoe_mean(call); break;
        case SHOE_CONCAT: shoe_concat(call); break;
        case SHOE_SLICE: shoe_slice(call); break;
        case SHOE_PAD: shoe_pad(call); break;
        case SHOE_TRANSPOSE: shoe_transpose(call); break;
        case SHOE_COPY: shoe_copy(call); break;
        case SHOE_RESIZE_NEAREST: shoe_resize_nearest(call); break;
        case SHOE_RESIZE_BILINEAR: shoe_resize_bilinear(call); break;
        case SHOE_KIND_END: break;
    }
    return SHOE_OK;
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
