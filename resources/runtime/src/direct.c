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
    const shoe_filters filters = shoe_filters_of(call);
    return shoe_sparse_codec(coding.codec) && shoe_filters_solid(&filters);
}

shoe_status shoe_direct(const shoe_call *call) {
    const shoe_filters filters = shoe_filters_of(call);
    shoe_coding coding;
    shoe_coding_load(call->model, &call->b, &coding);
    if (shoe_sparse_codec(coding.codec)) return shoe_direct_sparse(&filters, &coding);
    shoe_direct_packed(&filters, &coding);
    return SHOE_OK;
}
