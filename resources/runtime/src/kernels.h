/* The kernels. Each computes one operator that shoe_check_op() accepted; the arithmetic is TFLite's (SPEC.md). */
#ifndef SHOE_KERNELS_H
#define SHOE_KERNELS_H

#include "model.h"

/* The part of the output that one call of a kernel with weights computes. */
typedef struct {
    uint32_t first, count; /* output channels (of all batches, fully connected) */
    const int8_t *weights; /* of channel `first`; depthwise: [taps, count] */
} shoe_tile;

typedef void shoe_weighted_kernel(const shoe_call *call, const shoe_tile *tile);

shoe_weighted_kernel shoe_conv_2d, shoe_depthwise_conv_2d, shoe_transpose_conv_2d, shoe_fully_connected;
void shoe_average_pool_2d(const shoe_call *call);
void shoe_max_pool_2d(const shoe_call *call);
void shoe_add_sub(const shoe_call *call);
void shoe_multiply(const shoe_call *call);
void shoe_divide(const shoe_call *call);
void shoe_lookup(const shoe_call *call);
void shoe_requantize(const shoe_call *call);
void shoe_prelu(const shoe_call *call);
void shoe_softmax(const shoe_call *call);
void shoe_mean(const shoe_call *call);
void shoe_concat(const shoe_call *call);
void shoe_slice(const shoe_call *call);
void shoe_pad(const shoe_call *call);
void shoe_transpose(const shoe_call *call);
void shoe_copy(const shoe_call *call);
void shoe_resize_nearest(const shoe_call *call);
void shoe_resize_bilinear(const shoe_call *call);

/* Channels that a kernel without scratch keeps in accumulators on the stack at once. */
enum { SHOE_TILE = 16 };

/* Where a sliding window meets the input: taps [first, end) of the kernel, in one dimension. */
typedef struct {
    uint32_t first, end;
} shoe_taps;

/* origin: input coordinate of tap 0, may be negative; size: of the input */
static inline shoe_taps shoe_taps_inside(int32_t origin, uint32_t count, uint32_t dilation, uint32_t size) {
    const uint32_t before = origin < 0 ? (uint32_t)-origin : 0;
    const int32_t room = (int32_t)size - origin;
    const uint32_t reach = room > 0 ? (uint32_t)room : 0;
    shoe_taps taps = {before, reach};
    if (dilation > 1) {
        taps.first = (before + dilation - 1) / dilation;
        taps.end = (reach + dilation - 1) / dilation;
    }
    if (taps.end > count) taps.end = count;
    if (taps.first > taps.end) taps.first = taps.end;
    return taps;
}

/* (x - x_zero) * (w - w_zero) summed as sum((x - x_zero) * w) - w_zero * sum(x - x_zero): equal modulo 2^32. */
static inline int32_t shoe_row_offset(const int8_t *x, uint32_t depth, int32_t x_zero, int32_t w_zero) {
    if (w_zero == 0) return 0;
    int32_t sum = 0;
    for (uint32_t i = 0; i < depth; ++i) sum = shoe_add(sum, x[i] - x_zero);
    return shoe_mul(sum, w_zero);
}

/* Bytes do not overlap, or are the same. */
static inline void shoe_copy_bytes(int8_t *to, const int8_t *from, uint32_t count) {
    if (to == from) return;
    for (uint32_t i = 0; i < count; ++i) to[i] = from[i];
}

static inline void shoe_fill_bytes(int8_t *to, int8_t value, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) to[i] = value;
}

#endif
