#include "coding.h"

void shoe_view_load(const shoe_model *model, uint16_t index, shoe_view *view) {
    const uint8_t *record = model->tensors + (size_t)index * SHOE_TENSOR_BYTES;
    const uint8_t *dims = model->dims + (size_t)shoe_u16(record + 2) * 4;
    view->data = NULL;
    view->wide = record[0] & 1u;
    view->constant = (record[0] >> 1) & 1u;
    view->storage = record[0] >> 5;
    view->rank = (record[0] >> 2) & 7u;
    view->zero = shoe_i8(record + 1);
    view->offset = shoe_u32(record + 4);
    view->elements = 1;
    for (uint32_t d = 0; d < view->rank; ++d) {
        view->dims[d] = shoe_u32(dims + (size_t)d * 4);
        view->elements *= view->dims[d];
    }
}

void shoe_op_load(const shoe_model *model, uint16_t index, shoe_op *op) {
    const uint8_t *record = model->plan + (size_t)shoe_u16(model->ops + (size_t)index * 2) * 4;
    op->kind = record[0] & (uint8_t)~SHOE_HAS_SCRATCH;
    op->has_scratch = (record[0] & SHOE_HAS_SCRATCH) != 0;
    op->input_count = record[1];
    op->output = shoe_u16(record + 2);
    op->inputs = record + 4;
    op->params = record + 4 + ((size_t)op->input_count + op->has_scratch + 1) / 2 * 4;
}

const int8_t *shoe_view_data(const shoe_model *model, const uint8_t *arena, const shoe_view *view) {
    if (!view->constant) return (const int8_t *)arena + view->offset;
    if (view->storage == SHOE_PLAIN) return (const int8_t *)model->weights + view->offset;
    if (!SHOE_HAS_STORAGE(SHOE_RESIDENT) || view->storage != SHOE_RESIDENT) return NULL;
    shoe_coding coding;
    shoe_coding_load(model, view, &coding);
    return (const int8_t *)arena + coding.resident_offset;
}

uint32_t shoe_arena_bytes(const shoe_model *model) {
    return model->arena_bytes;
}

uint32_t shoe_resident_bytes(const shoe_model *model) {
    return model->arena_bytes - model->resident_at;
}

uint16_t shoe_input_count(const shoe_model *model) {
    return model->input_count;
}

uint16_t shoe_output_count(const shoe_model *model) {
    return model->output_count;
}

uint16_t shoe_op_count(const shoe_model *model) {
    return model->op_count;
}

uint16_t shoe_tensor_count(const shoe_model *model) {
    return model->tensor_count;
}

/* Tensor index of port `port`, inputs first, then outputs. */
static uint16_t port_tensor(const shoe_model *model, uint32_t port) {
    return shoe_u16(model->plan + 12 + (size_t)port * 2);
}

static shoe_view load_view(const shoe_model *model, uint16_t index, uint32_t *bytes) {
    shoe_view view;
    shoe_view_load(model, index, &view);
    if (bytes) *bytes = shoe_view_bytes(&view);
    return view;
}

int8_t *shoe_input(const shoe_model *model, uint16_t index, void *arena, uint32_t *bytes) {
    if (bytes) *bytes = 0;
    if (index >= model->input_count || !arena) return NULL;
    return (int8_t *)arena + load_view(model, port_tensor(model, index), bytes).offset;
}

const int8_t *shoe_output(const shoe_model *model, uint16_t index, const void *arena, uint32_t *bytes) {
    if (bytes) *bytes = 0;
    if (index >= model->output_count || !arena) return NULL;
    const uint32_t port = (uint32_t)model->input_count + index;
    return (const int8_t *)arena + load_view(model, port_tensor(model, port), bytes).offset;
}

const void *shoe_tensor(const shoe_model *model, uint16_t index, const void *arena, uint32_t *bytes) {
    if (bytes) *bytes = 0;
    if (index >= model->tensor_count || !arena) return NULL;
    const shoe_view view = load_view(model, index, bytes);
    const void *data = shoe_view_data(model, arena, &view);
    if (!data && bytes) *bytes = 0;
    return data;
}
