/* Average and maximum over a window (reference_integer_ops::AveragePool and MaxPool). */
#include "kernels.h"

typedef void fold(const int8_t *x, uint32_t count, int32_t *values);
typedef struct {
    shoe_taps rows, cols;
    uint32_t row_step, col_step;
    const int8_t *corner; /* input at the first tap inside */
} window;

static void fold_sum(const int8_t *x, uint32_t count, int32_t *values) {
    for (uint32_t i = 0; i < count; ++i) values[i] = shoe_add(values[i], x[i]);
}

static void fold_max(const int8_t *x, uint32_t count, int32_t *values) {
    for (uint32_t i = 0; i < count; ++i) values[i] = x[i] > values[i] ? x[i] : values[i];
}

static void fold_window(const window *w, uint32_t first, uint32_t count, fold *step, int32_t *values) {
    const int8_t *line = w->corner + first;
    for (uint32_t ky = w->rows.first; ky < w->rows.end; ++ky, line += w->row_step) {
        const int8_t *x = line;
        for (uint32_t kx = w->cols.first; kx < w->cols.end; ++kx, x += w->col_step) step(x, count, values);
    }
}

/* Rounds half away from zero. A window with nothing in it gives 0 of nothing: the zero point. */
static int32_t average(int32_t sum, int32_t count, int32_t zero) {
    if (count == 0) return zero;
    return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

static void average_position(const shoe_call *call, const window *w, int8_t *out) {
    const uint8_t *p = call->op.params;
    const uint32_t area = (uint32_t)shoe_u16(p + 8) * shoe_u16(p + 10);
    const uint32_t inside = (w->rows.end - w->rows.first) * (w->cols.end - w->cols.first);
    const uint32_t divisor = p[14] ? area : inside;
    const int32_t padding = shoe_mul((int32_t)(divisor - inside), call->a.zero);
    for (uint32_t first = 0; first < call->out.dims[3]; first += SHOE_TILE) {
        const uint32_t left = call->out.dims[3] - first;
        const uint32_t count = left < SHOE_TILE ? left : SHOE_TILE;
        int32_t sums[SHOE_TILE];
        for (uint32_t i = 0; i < SHOE_TILE; ++i) sums[i] = padding;
        fold_window(w, first, count, fold_sum, sums);
        for (uint32_t i = 0; i < count; ++i)
            out[first + i] = shoe_clamp(average(sums[i], (int32_t)divisor, call->a.zero), shoe_i8(p + 12), shoe_i8(p + 13));
    }
}

static void max_position(const shoe_call *call, const window *w, int8_t *out) {
    const uint8_t *p = call->op.params;
    for (uint32_t first = 0; first < call->out.dims[3]; first += SHOE_TILE) {
        const uint32_t left = call->out.dims[3] - first;
        const uint32_t count = left < SHOE_TILE ? left : SHOE_TILE;
        int32_t largest[SHOE_TILE];
        for (uint32_t i = 0; i < SHOE_TILE; ++i) largest[i] = INT8_MIN;
        fold_window(w, first, count, fold_max, largest);
        for (uint32_t i = 0; i < count; ++i) out[first + i] = shoe_clamp(largest[i], shoe_i8(p + 12), shoe_i8(p + 13));
    }
}

typedef void position(const shoe_call *call, const window *w, int8_t *out);

static void pool_row(const shoe_call *call, const int8_t *image, uint32_t y, position *at, int8_t *out) {
    const uint8_t *p = call->op.params;
    const uint32_t in_w = call->a.dims[2];
    const uint32_t channels = call->a.dims[3];
    const int32_t origin_y = (int32_t)(y * shoe_u16(p)) - shoe_u16(p + 4);
    int32_t origin_x = -(int32_t)shoe_u16(p + 6);
    window w = {shoe_taps_inside(origin_y, shoe_u16(p + 8), 1, call->a.dims[1]), {0, 0}, in_w * channels, channels, image};
    for (uint32_t x = 0; x < call->out.dims[2]; ++x, origin_x += (int32_t)shoe_u16(p + 2), out += channels) {
        w.cols = shoe_taps_inside(origin_x, shoe_u16(p + 10), 1, in_w);
        const uint32_t first_y = (uint32_t)origin_y + w.rows.first;
        const uint32_t first_x = (uint32_t)origin_x + w.cols.first;
        const int empty = w.rows.first == w.rows.end || w.cols.first == w.cols.end;
        w.corner = empty ? image : image + (first_y * in_w + first_x) * channels;
        at(call, &w, out);
    }
}

static void pool(const shoe_call *call, position *at) {
    const int8_t *image = call->a.data;
    int8_t *out = call->out_data;
    const uint32_t image_size = call->a.dims[1] * call->a.dims[2] * call->a.dims[3];
    const uint32_t line = call->out.dims[2] * call->out.dims[3];
    for (uint32_t n = 0; n < call->a.dims[0]; ++n, image += image_size)
        for (uint32_t y = 0; y < call->out.dims[1]; ++y, out += line) pool_row(call, image, y, at, out);
}

void shoe_average_pool_2d(const shoe_call *call) {
    pool(call, average_position);
}

void shoe_max_pool_2d(const shoe_call *call) {
    pool(call, max_position);
}
