/* Resizing height and width. */
#include "kernels.h"

/* Source rows, then source columns, of uint16 come from the pack: TFLite computes them in float32, which the host does. */
void shoe_resize_nearest(const shoe_call *call) {
    const uint8_t *rows = call->model->tables + shoe_u32(call->op.params + 4);
    const uint8_t *cols = rows + (size_t)call->out.dims[1] * 2;
    const uint32_t last_y = call->a.dims[1] - 1;
    const uint32_t last_x = call->a.dims[2] - 1;
    const uint32_t channels = call->a.dims[3];
    const int8_t *image = call->a.data;
    int8_t *out = call->out_data;
    for (uint32_t n = 0; n < call->a.dims[0]; ++n, image += call->a.dims[1] * call->a.dims[2] * channels)
        for (uint32_t y = 0; y < call->out.dims[1]; ++y) {
            const uint32_t from_y = shoe_u16(rows + y * 2) < last_y ? shoe_u16(rows + y * 2) : last_y;
            for (uint32_t x = 0; x < call->out.dims[2]; ++x, out += channels) {
                const uint32_t from_x = shoe_u16(cols + x * 2) < last_x ? shoe_u16(cols + x * 2) : last_x;
                shoe_copy_bytes(out, image + (from_y * call->a.dims[2] + from_x) * channels, channels);
            }
        }
}

/* Two neighbours of an output coordinate and their weights, which add up to 1024. */
typedef struct {
    uint32_t lower, upper;
    int32_t lower_weight, upper_weight;
} neighbours;

/* Input pixels per output pixel, in 1/1024 */
static int32_t scale_of(uint32_t in, uint32_t out, uint32_t flags) {
    const int aligned = (flags & SHOE_RESIZE_ALIGN_CORNERS) && out > 1;
    const uint32_t from = aligned ? in - 1 : in;
    const uint32_t to = aligned ? out - 1 : out;
    return (int32_t)((from * 1024 + to / 2) / to);
}

/* Integer form of TFLite's ComputeInterpolationValues. Coordinates past the end, which rounding of a long scale can give,
 * stay at the last pixel. */
static neighbours neighbours_of(uint32_t at, int32_t scale, uint32_t flags, uint32_t size) {
    const int64_t half = (flags & SHOE_RESIZE_HALF_PIXEL) ? scale / 2 - 512 : 0;
    const int64_t position = (int64_t)at * scale + half;
    const int64_t last = (int64_t)size - 1;
    int64_t lower = position / 1024;
    int64_t upper = (position + 1023) / 1024;
    lower = lower < 0 ? 0 : lower > last ? last : lower;
    upper = upper < 0 ? 0 : upper > last ? last : upper;
    int64_t weight = position - lower * 1024;
    if (weight > 1024) weight = 1024;
    const neighbours result = {(uint32_t)lower, (uint32_t)upper, (int32_t)(1024 - weight), (int32_t)weight};
    return result;
}

static int8_t blend(const int8_t *const corners[4], const int32_t weights[4], uint32_t c) {
    const int32_t sum = corners[0][c] * weights[0] + corners[1][c] * weights[1] + corners[2][c] * weights[2] +
                        corners[3][c] * weights[3];
    const int32_t half = (int32_t)1 << 19;
    return shoe_clamp((sum > 0 ? sum + half : sum - half) / (1 << 20), INT8_MIN, INT8_MAX);
}

static void bilinear_pixel(const shoe_call *call, const int8_t *image, neighbours y, neighbours x, int8_t *out) {
    const uint32_t channels = call->a.dims[3];
    const uint32_t width = call->a.dims[2];
    const int8_t *const corners[4] = {
        image + (y.lower * width + x.lower) * channels,
        image + (y.upper * width + x.lower) * channels,
        image + (y.lower * width + x.upper) * channels,
        image + (y.upper * width + x.upper) * channels,
    };
    const int32_t weights[4] = {
        y.lower_weight * x.lower_weight,
        y.upper_weight * x.lower_weight,
        y.lower_weight * x.upper_weight,
        y.upper_weight * x.upper_weight,
    };
    for (uint32_t c = 0; c < channels; ++c) out[c] = blend(corners, weights, c);
}

void shoe_resize_bilinear(const shoe_call *call) {
    const uint32_t flags = call->op.params[0];
    const int32_t scale_y = scale_of(call->a.dims[1], call->out.dims[1], flags);
    const int32_t scale_x = scale_of(call->a.dims[2], call->out.dims[2], flags);
    const int8_t *image = call->a.data;
    int8_t *out = call->out_data;
    for (uint32_t n = 0; n < call->a.dims[0]; ++n, image += call->a.dims[1] * call->a.dims[2] * call->a.dims[3])
        for (uint32_t y = 0; y < call->out.dims[1]; ++y) {
            const neighbours rows = neighbours_of(y, scale_y, flags, call->a.dims[1]);
            for (uint32_t x = 0; x < call->out.dims[2]; ++x, out += call->a.dims[3])
                bilinear_pixel(call, image, rows, neighbours_of(x, scale_x, flags, call->a.dims[2]), out);
        }
}
