#include "stream.h"

#include "coding.h"

/* Rows that fit into the scratch beside the decoder. */
static uint32_t tile_rows(const shoe_call *call, const shoe_coding *coding) {
    const uint32_t room = shoe_coding_room(coding);
    if (room == 0 || room >= call->scratch.elements) return 0;
    return (call->scratch.elements - room) / coding->coded.row_elements;
}

int shoe_check_stream(const shoe_call *call) {
    shoe_coding coding;
    shoe_coding_load(call->model, &call->b, &coding);
    if (coding.channel_major != (call->op.kind == SHOE_DEPTHWISE_CONV_2D)) return 0;
    return coding.coded.rows == shoe_weight_rows(call) && tile_rows(call, &coding) > 0;
}

shoe_status shoe_stream(const shoe_call *call, shoe_weighted_kernel *kernel) {
    shoe_coding coding;
    shoe_row_reader reader;
    shoe_coding_load(call->model, &call->b, &coding);
    uint8_t *scratch = call->arena + call->scratch.offset;
    shoe_status status = shoe_rows_open(&reader, &coding, scratch);
    const uint32_t most = tile_rows(call, &coding);
    int8_t *weights = (int8_t *)scratch + shoe_coding_room(&coding);
    shoe_tile tile = {0, 0, weights};
    for (; status == SHOE_OK && tile.first < coding.coded.rows; tile.first += tile.count) {
        const uint32_t left = coding.coded.rows - tile.first;
        tile.count = left < most ? left : most;
        status = shoe_rows_read(&reader, weights, tile.count);
        if (status == SHOE_OK) kernel(call, &tile);
    }
    return status;
}
