/* Weights that are decoded tile by tile, at each inference, into the operator's scratch. */
#ifndef SHOE_STREAM_H
#define SHOE_STREAM_H

#include "kernels.h"

/* Output channels, the batches of a fully connected layer counted apart. */
static inline uint32_t shoe_weight_rows(const shoe_call *call) {
    const shoe_view *w = &call->b;
    if (call->op.kind == SHOE_DEPTHWISE_CONV_2D) return w->dims[3];
    return call->op.kind == SHOE_FULLY_CONNECTED ? w->elements / shoe_last_dim(w) : w->dims[0];
}

/* Whether call->b, streamed, has the rows that the kernel takes, and the scratch holds the decoder and at least one of them. */
int shoe_check_stream(const shoe_call *call);

/* Decodes as many output channels as fit, runs the kernel on them, and goes on to the next. */
shoe_status shoe_stream(const shoe_call *call, shoe_weighted_kernel *kernel);

#endif
