/* Resident weights: decoded once, before the first run. */
#include "coding.h"

#if SHOE_HAS_RESIDENT
static shoe_status load_tensor(const shoe_model *model, const shoe_view *view, uint8_t *arena) {
    shoe_coding coding;
    shoe_row_reader reader;
    shoe_coding_load(model, view, &coding);
    const shoe_status status = shoe_rows_open(&reader, &coding, arena);
    return status == SHOE_OK ? shoe_rows_read(&reader, (int8_t *)arena + coding.resident_offset, coding.coded.rows) : status;
}

static shoe_status load_resident(const shoe_model *model, uint8_t *arena) {
    for (uint16_t i = 0; i < model->tensor_count; ++i) {
        shoe_view view;
        shoe_view_load(model, i, &view);
        if (view.storage != SHOE_RESIDENT) continue;
        const shoe_status status = load_tensor(model, &view, arena);
        if (status != SHOE_OK) return status;
    }
    return SHOE_OK;
}
#else
static shoe_status load_resident(const shoe_model *model, uint8_t *arena) {
    (void)model;
    (void)arena;
    return SHOE_OK;
}
#endif

shoe_status shoe_load(const shoe_model *model, void *arena, size_t arena_bytes) {
    if (!model->plan) return SHOE_ERR_ARGUMENT;
    if (!arena || arena_bytes < model->arena_bytes) return SHOE_ERR_ARENA;
    return load_resident(model, arena);
}
