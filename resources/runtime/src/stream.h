/* Weights that are decoded tile by tile, at each inference, into the operator's scratch. */
#ifndef SHOE_STREAM_H
#define SHOE_STREAM_H

#include "kernels.h"

/* Output channels, the batches of a fully connected layer counted apart. */
uint32_t shoe_weight_rows(const shoe_call *call);

/* Whether call->b, streamed, has the rows that the kernel takes, and the scratch holds the decoder and at least one of them. */
int shoe_check_stream(const shoe_call *call);

/* Decodes as many output channels as fit, runs the kernel on them, and goes on to the next. */
shoe_status shoe_stream(const shoe_call *call, shoe_weighted_kernel *kernel);

#endif
