#include "coding.h"

enum { HEADER_BYTES = 8, STATE_ALIGN = sizeof(void *) };

/* Bytes of the header with its optional fields. */
static uint32_t header_bytes(const shoe_view *view, uint32_t table_bytes) {
    return HEADER_BYTES + (table_bytes > 0 ? 4u : 0u) + (view->storage == SHOE_RESIDENT ? 4u : 0u);
}

/* Rows of the leading dimensions that byte 1 of the header counts; none counted: the last dimension's. */
static void shape_rows(const shoe_view *view, uint32_t row_dims, shoe_coding *coding) {
    shoe_coded_t *coded = &coding->coded;
    coding->channel_major = row_dims == 0;
    coded->rows = row_dims == 0 ? shoe_last_dim(view) : 1;
    for (uint32_t d = 0; d < row_dims; ++d) coded->rows *= view->dims[d];
    coded->row_elements = view->elements / coded->rows;
    coded->inner = row_dims == 0 ? coded->row_elements : shoe_last_dim(view);
}

void shoe_coding_load(const shoe_model *model, const shoe_view *view, shoe_coding *coding) {
    const uint8_t *at = model->weights + view->offset;
    shoe_coded_t *coded = &coding->coded;
    coding->codec = at[0];
    coded->table_bytes = shoe_u16(at + 2);
    coded->payload_bytes = shoe_u32(at + 4);
    coded->payload = at + header_bytes(view, coded->table_bytes);
    shape_rows(view, at[1], coding);
    at += HEADER_BYTES;
    coded->table = model->tables;
    coding->resident_offset = 0;
    if (coded->table_bytes > 0) {
        coded->table += shoe_u32(at);
        at += 4;
    }
    if (view->storage == SHOE_RESIDENT) coding->resident_offset = shoe_u32(at);
}

static int within(uint32_t offset, uint32_t bytes, uint32_t available) {
    return offset <= available && bytes <= available - offset;
}

shoe_status shoe_check_coding(const shoe_model *model, const shoe_view *view) {
    if (view->wide || view->offset % 4 != 0 || !within(view->offset, HEADER_BYTES, model->weights_bytes)) return SHOE_ERR_CODEC;
    const uint8_t *at = model->weights + view->offset;
    const uint32_t table_bytes = shoe_u16(at + 2);
    const uint32_t header = header_bytes(view, table_bytes);
    const uint32_t room = model->weights_bytes - view->offset;
    if (at[1] >= view->rank || header > room || shoe_u32(at + 4) > room - header) return SHOE_ERR_CODEC;
    if (table_bytes > 0 && !within(shoe_u32(at + HEADER_BYTES), table_bytes, model->tables_bytes)) return SHOE_ERR_CODEC;
    if (view->storage != SHOE_RESIDENT) return SHOE_OK;
    return within(shoe_u32(at + header - 4), view->elements, model->arena_bytes) ? SHOE_OK : SHOE_ERR_CODEC;
}

uint32_t shoe_coding_room(const shoe_coding *coding) {
    const uint32_t state = shoe_decoder_bytes(coding->codec, &coding->coded);
    const uint32_t row = coding->channel_major ? coding->coded.row_elements : 0;
    /* Both are below 2^30: a tensor is, and so are its decoder's tables. */
    return state == 0 || state > SHOE_MAX_ELEMENTS ? 0 : state + row + STATE_ALIGN - 1;
}

shoe_status shoe_rows_open(shoe_row_reader *reader, const shoe_coding *coding, uint8_t *room) {
    const uintptr_t past = (uintptr_t)room % STATE_ALIGN;
    uint8_t *state = past ? room + (STATE_ALIGN - past) : room;
    reader->state = state;
    reader->row = (int8_t *)state + shoe_decoder_bytes(coding->codec, &coding->coded);
    reader->row_elements = coding->coded.row_elements;
    reader->channel_major = coding->channel_major;
    return shoe_decoder_open(state, coding->codec, &coding->coded) == SHOE_OK ? SHOE_OK : SHOE_ERR_DECODE;
}

shoe_status shoe_rows_read(shoe_row_reader *reader, int8_t *out, uint32_t count) {
    const uint32_t elements = reader->row_elements;
    if (!reader->channel_major)
        return shoe_decoder_read(reader->state, out, count * elements) == SHOE_OK ? SHOE_OK : SHOE_ERR_DECODE;
    for (uint32_t r = 0; r < count; ++r) {
        if (shoe_decoder_read(reader->state, reader->row, elements) != SHOE_OK) return SHOE_ERR_DECODE;
        for (uint32_t i = 0; i < elements; ++i) out[i * count + r] = reader->row[i];
    }
    return SHOE_OK;
}
