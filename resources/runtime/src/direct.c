#include "direct.h"

#include "direct_kernels.h"
#include "stream.h"

int shoe_check_direct(const shoe_call *call) {
    shoe_coding coding;
    shoe_coding_load(call->model, &call->b, &coding);
    if (call->op.kind != SHOE_CONV_2D && call->op.kind != SHOE_FULLY_CONNECTED) return 0;
    if (coding.channel_major || coding.coded.rows != shoe_weight_rows(call)) return 0;
    /* Weights of several batches are for activations; constants have one. */
    if (call->op.kind == SHOE_FULLY_CONNECTED && coding.coded.rows != call->b.dims[call->b.rank - 2]) return 0;
    /* The decoder's own look at table and payload: packed fields are then all there. */
    if (shoe_decoder_bytes(coding.codec, &coding.coded) == 0) return 0;
    if (shoe_packed_codec(coding.codec)) return 1;
    shoe_filters filters;
    shoe_filters_load(call, &filters);
    if (!SHOE_HAS_SPARSE || !shoe_sparse_codec(coding.codec)) return 0;
    return shoe_check_sparse(&filters, call->op.kind == SHOE_CONV_2D, call->scratch.elements);
}

shoe_status shoe_direct(const shoe_call *call) {
    shoe_filters filters;
    shoe_coding coding;
    shoe_filters_load(call, &filters);
    shoe_coding_load(call->model, &call->b, &coding);
    if (SHOE_HAS_SPARSE && shoe_sparse_codec(coding.codec)) {
        uint8_t *scratch = call->op.kind == SHOE_CONV_2D ? call->arena + call->scratch.offset : NULL;
        return shoe_direct_sparse(&filters, &coding, scratch, call->scratch.elements);
    }
    if (SHOE_HAS_PACKED) shoe_direct_packed(&filters, &coding);
    return SHOE_OK;
}
