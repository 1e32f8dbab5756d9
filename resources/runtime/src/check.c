/*
 * Operator records against their tensors. A kernel relies on exactly what is checked here: ranks, matching sizes, and
 * parameters small enough that index arithmetic stays within int32. Windows that hang over the edge are cut by the kernels.
 */
#include "coding.h"
#include "direct.h"
#include "stream.h"

/* Tensors and parameters of each kind; rank_bytes more for each dimension of the output. */
typedef struct {
    uint8_t min_inputs, max_inputs, param_bytes, rank_bytes;
} record_shape;

static const record_shape shapes[SHOE_KIND_END] = {
    [SHOE_CONV_2D] = {2, 3, 20, 0},
    [SHOE_DEPTHWISE_CONV_2D] = {2, 3, 20, 0},
    [SHOE_TRANSPOSE_CONV_2D] = {2, 3, 16, 0},
    [SHOE_FULLY_CONNECTED] = {2, 3, 8, 0},
    [SHOE_AVERAGE_POOL_2D] = {1, 1, 16, 0},
    [SHOE_MAX_POOL_2D] = {1, 1, 16, 0},
    [SHOE_ADD] = {2, 2, 16, 0},
    [SHOE_SUB] = {2, 2, 16, 0},
    [SHOE_MUL] = {2, 2, 8, 0},
    [SHOE_DIV] = {2, 2, 8, 0},
    [SHOE_TABLE] = {1, 1, 4, 0},
    [SHOE_REQUANTIZE] = {1, 1, 8, 0},
    [SHOE_PRELU] = {2, 2, 8, 0},
    [SHOE_SOFTMAX] = {1, 1, 12, 0},
    [SHOE_MEAN] = {1, 1, 8, 0},
    [SHOE_CONCAT] = {1, 255, 4, 0},
    [SHOE_SLICE] = {1, 1, 0, 8},
    [SHOE_PAD] = {1, 1, 4, 4},
    [SHOE_TRANSPOSE] = {1, 1, 8, 0},
    [SHOE_COPY] = {1, 1, 0, 0},
    [SHOE_RESIZE_NEAREST] = {1, 1, 8, 0},
    [SHOE_RESIZE_BILINEAR] = {1, 1, 4, 0},
};

/* Largest absolute value of an index or coordinate. */
#define LIMIT ((uint32_t)1 << 30)

static int within_limit(uint32_t a, uint32_t b) {
    return (uint64_t)a * b <= LIMIT;
}

static int requant_fits(const shoe_model *model, uint32_t reference, uint32_t channels) {
    const uint32_t first = reference & ~SHOE_PER_CHANNEL;
    const uint32_t count = (reference & SHOE_PER_CHANNEL) ? channels : 1;
    return first <= model->requant_count && count <= model->requant_count - first;
}

static int same_shape(const shoe_view *a, const shoe_view *b) {
    if (a->rank != b->rank) return 0;
    for (uint32_t d = 0; d < a->rank; ++d)
        if (a->dims[d] != b->dims[d]) return 0;
    return 1;
}

/* Whether `a` can be stretched to `to`, dimensions matched from the last. */
static int broadcasts(const shoe_view *a, const shoe_view *to) {
    if (a->rank > to->rank) return 0;
    for (uint32_t d = 0; d < a->rank; ++d) {
        const uint32_t dim = a->dims[a->rank - 1 - d];
        if (dim != 1 && dim != to->dims[to->rank - 1 - d]) return 0;
    }
    return 1;
}

static int images(const shoe_call *call) {
    return call->a.rank == 4 && call->out.rank == 4 && call->a.dims[0] == call->out.dims[0];
}

/* The optional third input: int32 constants, one for each output channel. */
static int bias_fits(const shoe_call *call, uint32_t channels) {
    return call->op.input_count < 3 || (call->c.wide && call->c.elements == channels);
}

/* params begin with strideH, strideW, padTop, padLeft */
static int window_fits(const shoe_call *call, uint32_t taps_h, uint32_t taps_w, uint32_t dilation_h, uint32_t dilation_w) {
    const uint8_t *p = call->op.params;
    const uint32_t stride_h = shoe_u16(p);
    const uint32_t stride_w = shoe_u16(p + 2);
    if (stride_h < 1 || stride_w < 1 || dilation_h < 1 || dilation_w < 1 || taps_h < 1 || taps_w < 1) return 0;
    return within_limit(call->out.dims[1], stride_h) && within_limit(call->out.dims[2], stride_w) &&
           within_limit(taps_h, dilation_h) && within_limit(taps_w, dilation_w);
}

static int check_conv(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const uint32_t groups = shoe_u16(p + 12);
    const shoe_view *w = &call->b;
    if (!images(call) || w->rank != 4 || groups < 1) return 0;
    const uint32_t channels = call->out.dims[3];
    if (w->dims[0] != channels || channels % groups != 0 || w->dims[3] != call->a.dims[3] / groups ||
        call->a.dims[3] % groups != 0)
        return 0;
    return window_fits(call, w->dims[1], w->dims[2], shoe_u16(p + 8), shoe_u16(p + 10)) && bias_fits(call, channels) &&
           requant_fits(call->model, shoe_u32(p + 16), channels);
}

static int check_depthwise(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const uint32_t multiplier = shoe_u16(p + 12);
    const shoe_view *w = &call->b;
    if (!images(call) || w->rank != 4 || w->dims[0] != 1 || multiplier < 1) return 0;
    const uint32_t channels = call->out.dims[3];
    if (w->dims[3] != channels || channels % multiplier != 0 || channels / multiplier != call->a.dims[3]) return 0;
    return window_fits(call, w->dims[1], w->dims[2], shoe_u16(p + 8), shoe_u16(p + 10)) && bias_fits(call, channels) &&
           requant_fits(call->model, shoe_u32(p + 16), channels);
}

static int check_transpose_conv(const shoe_call *call) {
    const shoe_view *w = &call->b;
    if (!images(call) || w->rank != 4) return 0;
    const uint32_t channels = call->out.dims[3];
    if (w->dims[0] != channels || w->dims[3] != call->a.dims[3]) return 0;
    return window_fits(call, w->dims[1], w->dims[2], 1, 1) && bias_fits(call, channels) &&
           requant_fits(call->model, shoe_u32(call->op.params + 12), channels);
}

/* Weights [batch..., O, I]; the input's rows are shared out evenly among the batches. */
static int check_fully_connected(const shoe_call *call) {
    const shoe_view *w = &call->b;
    if (w->rank < 2) return 0;
    const uint32_t depth = w->dims[w->rank - 1];
    const uint32_t channels = w->dims[w->rank - 2];
    const uint32_t batches = w->elements / depth / channels;
    if (call->a.elements % depth != 0) return 0;
    const uint32_t rows = call->a.elements / depth;
    if (rows % batches != 0 || (uint64_t)rows * channels != call->out.elements) return 0;
    return bias_fits(call, channels) && requant_fits(call->model, shoe_u32(call->op.params + 4), channels);
}

static int check_pool(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const uint32_t area = (uint32_t)shoe_u16(p + 8) * shoe_u16(p + 10);
    if (!images(call) || call->a.dims[3] != call->out.dims[3] || p[14] > 1 || area > SHOE_MAX_POOL) return 0;
    return window_fits(call, shoe_u16(p + 8), shoe_u16(p + 10), 1, 1);
}

static int check_add(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    return broadcasts(&call->a, &call->out) && broadcasts(&call->b, &call->out) && p[2] <= 22 &&
           requant_fits(call->model, shoe_u32(p + 4), 1) && requant_fits(call->model, shoe_u32(p + 8), 1) &&
           requant_fits(call->model, shoe_u32(p + 12), 1);
}

static int check_mul(const shoe_call *call) {
    return broadcasts(&call->a, &call->out) && broadcasts(&call->b, &call->out) &&
           requant_fits(call->model, shoe_u32(call->op.params + 4), 1);
}

static int check_table(const shoe_call *call) {
    const uint32_t offset = shoe_u32(call->op.params);
    return call->a.elements == call->out.elements && call->model->tables_bytes >= 256 &&
           offset <= call->model->tables_bytes - 256;
}

static int check_requantize(const shoe_call *call) {
    return call->a.elements == call->out.elements && requant_fits(call->model, shoe_u32(call->op.params + 4), 1);
}

static int check_prelu(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    return same_shape(&call->a, &call->out) && broadcasts(&call->b, &call->out) &&
           requant_fits(call->model, shoe_u32(p), 1) && requant_fits(call->model, shoe_u32(p + 4), 1);
}

/* diffMin bounds what is shifted left, so that the difference from the row's maximum stays within int32. */
static int check_softmax(const shoe_call *call) {
    const uint8_t *p = call->op.params;
    const int32_t multiplier = shoe_i32(p);
    const int64_t diff_min = shoe_i32(p + 4);
    if (!same_shape(&call->a, &call->out) || shoe_last_dim(&call->a) > SHOE_MAX_SOFTMAX) return 0;
    return multiplier >= 0 && diff_min <= 0 && p[8] <= 31 && -diff_min <= ((int64_t)1 << 31 >> p[8]);
}

static int check_mean(const shoe_call *call) {
    const uint32_t axes = call->op.params[0];
    uint32_t kept = 1;
    if (axes == 0 || axes >> call->a.rank != 0) return 0;
    for (uint32_t d = 0; d < call->a.rank; ++d)
        if (!(axes >> d & 1u)) kept *= call->a.dims[d];
    return kept == call->out.elements && requant_fits(call->model, shoe_u32(call->op.params + 4), 1);
}

static int check_concat(const shoe_call *call) {
    const uint32_t axis = call->op.params[0];
    if (axis >= call->out.rank) return 0;
    uint64_t joined = 0;
    for (uint32_t i = 0; i < call->op.input_count; ++i) {
        shoe_view part;
        shoe_view_load(call->model, shoe_u16(call->op.inputs + i * 2), &part);
        if (part.rank != call->out.rank) return 0;
        joined += part.dims[axis];
        part.dims[axis] = call->out.dims[axis];
        if (!same_shape(&part, &call->out)) return 0;
    }
    return joined == call->out.dims[axis];
}

static int check_slice(const shoe_call *call) {
    if (call->a.rank != call->out.rank) return 0;
    for (uint32_t d = 0; d < call->a.rank; ++d) {
        const int64_t begin = shoe_i32(call->op.params + d * 8);
        const int64_t stride = shoe_i32(call->op.params + d * 8 + 4);
        const int64_t last = begin + stride * ((int64_t)call->out.dims[d] - 1);
        if (begin < 0 || begin >= call->a.dims[d] || last < 0 || last >= call->a.dims[d]) return 0;
    }
    return 1;
}

static int check_pad(const shoe_call *call) {
    const uint32_t mode = call->op.params[0];
    if (mode >= SHOE_PAD_END || call->a.rank != call->out.rank) return 0;
    for (uint32_t d = 0; d < call->a.rank; ++d) {
        const uint32_t in = call->a.dims[d];
        const uint32_t before = shoe_u32(call->op.params + 4 + d * 4);
        if (call->out.dims[d] < in || before > call->out.dims[d] - in) return 0;
        const uint32_t after = call->out.dims[d] - in - before;
        if (mode == SHOE_PAD_REFLECT && (before >= in || after >= in)) return 0;
    }
    return 1;
}

static int check_transpose(const shoe_call *call) {
    uint32_t seen = 0;
    if (call->a.rank != call->out.rank) return 0;
    for (uint32_t d = 0; d < call->a.rank; ++d) {
        const uint32_t from = call->op.params[d];
        if (from >= call->a.rank || (seen >> from & 1u) || call->a.dims[from] != call->out.dims[d]) return 0;
        seen |= 1u << from;
    }
    return 1;
}

static int check_copy(const shoe_call *call) {
    return call->a.elements == call->out.elements;
}

/* Two bytes of table for each output row and column. */
static int check_resize_nearest(const shoe_call *call) {
    if (!images(call) || call->a.dims[3] != call->out.dims[3]) return 0;
    const uint32_t offset = shoe_u32(call->op.params + 4);
    const uint64_t bytes = ((uint64_t)call->out.dims[1] + call->out.dims[2]) * 2;
    return offset % 2 == 0 && offset <= call->model->tables_bytes && bytes <= call->model->tables_bytes - offset;
}

/* Positions are held in 1/1024 of a pixel. */
static int check_resize_bilinear(const shoe_call *call) {
    const uint32_t most = (uint32_t)1 << 18;
    return images(call) && call->a.dims[3] == call->out.dims[3] && call->a.dims[1] <= most && call->a.dims[2] <= most &&
           call->out.dims[1] <= most && call->out.dims[2] <= most;
}

/* A kind that is not linked is as good as unknown. */
#define CHECK(kind, check) \
    case kind: return SHOE_HAS_KIND(kind) && check(call)

static int check_kind(const shoe_call *call) {
    switch ((shoe_kind)call->op.kind) {
        CHECK(SHOE_CONV_2D, check_conv);
        CHECK(SHOE_DEPTHWISE_CONV_2D, check_depthwise);
        CHECK(SHOE_TRANSPOSE_CONV_2D, check_transpose_conv);
        CHECK(SHOE_FULLY_CONNECTED, check_fully_connected);
        CHECK(SHOE_AVERAGE_POOL_2D, check_pool);
        CHECK(SHOE_MAX_POOL_2D, check_pool);
        CHECK(SHOE_ADD, check_add);
        CHECK(SHOE_SUB, check_add);
        CHECK(SHOE_MUL, check_mul);
        CHECK(SHOE_DIV, check_mul);
        CHECK(SHOE_TABLE, check_table);
        CHECK(SHOE_REQUANTIZE, check_requantize);
        CHECK(SHOE_PRELU, check_prelu);
        CHECK(SHOE_SOFTMAX, check_softmax);
        CHECK(SHOE_MEAN, check_mean);
        CHECK(SHOE_CONCAT, check_concat);
        CHECK(SHOE_SLICE, check_slice);
        CHECK(SHOE_PAD, check_pad);
        CHECK(SHOE_TRANSPOSE, check_transpose);
        CHECK(SHOE_COPY, check_copy);
        CHECK(SHOE_RESIZE_NEAREST, check_resize_nearest);
        CHECK(SHOE_RESIZE_BILINEAR, check_resize_bilinear);
        case SHOE_KIND_END: break;
    }
    return 0;
}

/* In the arena, and apart from the output: a kernel writes that between two uses of the decoder in the scratch. */
static int load_scratch(shoe_call *call) {
    const uint16_t index = shoe_u16(call->op.inputs + call->op.input_count * 2u);
    if (index >= call->model->tensor_count) return 0;
    shoe_view_load(call->model, index, &call->scratch);
    const shoe_view *scratch = &call->scratch;
    if (scratch->constant || scratch->wide) return 0;
    return scratch->offset >= call->out.offset + call->out.elements || call->out.offset >= scratch->offset + scratch->elements;
}

/* Only a bias, which is the third input of the kinds that take three, is int32. Only weights, which are the second input of
 * the same kinds, may be there in coded form alone. */
static int load_tensors(shoe_call *call) {
    shoe_view *slots[3] = {&call->a, &call->b, &call->c};
    const int biased = shapes[call->op.kind].max_inputs == 3;
    if (call->op.has_scratch && !biased) return 0;
    for (uint32_t i = 0; i < call->op.input_count; ++i) {
        const uint16_t index = shoe_u16(call->op.inputs + i * 2);
        if (index >= call->model->tensor_count) return 0;
        shoe_view view;
        shoe_view_load(call->model, index, &view);
        if (view.wide && !(biased && i == 2)) return 0;
        const int coded = view.storage == SHOE_STREAMED || view.storage == SHOE_DIRECT;
        if (coded && !(biased && i == 1)) return 0;
        if (i < 3) *slots[i] = view;
    }
    if (call->op.output >= call->model->tensor_count) return 0;
    shoe_view_load(call->model, call->op.output, &call->out);
    if (call->out.constant || call->out.wide) return 0;
    return !call->op.has_scratch || load_scratch(call);
}

static shoe_status check_storage(const shoe_call *call) {
    if (call->op.input_count < 2 || call->b.storage == SHOE_PLAIN || call->b.storage == SHOE_RESIDENT) return SHOE_OK;
    int fits = 0;
    if (SHOE_HAS_STORAGE(SHOE_DIRECT) && call->b.storage == SHOE_DIRECT) fits = shoe_check_direct(call);
    if (SHOE_HAS_STORAGE(SHOE_STREAMED) && call->b.storage == SHOE_STREAMED) fits = shoe_check_stream(call);
    return fits ? SHOE_OK : SHOE_ERR_CODEC;
}

static uint64_t record_at(const shoe_model *model, uint32_t index) {
    return (uint64_t)shoe_u16(model->ops + (size_t)index * 2) * 4;
}

/* Offset in PLAN of the first byte after the record, as far as its kind and input count and `more` bytes say; 0 when its kind
 * or count is impossible or it leaves the section. */
static uint64_t record_end(const shoe_model *model, uint32_t index, uint32_t more) {
    const uint64_t offset = record_at(model, index);
    if (offset + 4 > model->plan_bytes) return 0;
    const uint8_t *record = model->plan + offset;
    const uint32_t kind = record[0] & ~SHOE_HAS_SCRATCH;
    const uint32_t scratch = record[0] / SHOE_HAS_SCRATCH;
    if (kind < 1 || kind >= SHOE_KIND_END) return 0;
    const record_shape *shape = &shapes[kind];
    if (record[1] < shape->min_inputs || record[1] > shape->max_inputs) return 0;
    const uint64_t end = offset + 4 + ((uint32_t)record[1] + scratch + 1) / 2 * 4 + shape->param_bytes + more;
    return end <= model->plan_bytes ? end : 0;
}

/* Records lie behind each other, so that all of them together are read in time linear in the section. */
shoe_status shoe_check_op(const shoe_model *model, uint16_t index) {
    shoe_call call = {0};
    call.model = model;
    if (!record_end(model, index, 0)) return SHOE_ERR_OP;
    shoe_op_load(model, index, &call.op);
    if (!load_tensors(&call)) return SHOE_ERR_OP;
    const uint64_t end = record_end(model, index, (uint32_t)shapes[call.op.kind].rank_bytes * call.out.rank);
    if (!end) return SHOE_ERR_OP;
    if (index + 1u < model->op_count && record_at(model, index + 1u) < end) return SHOE_ERR_OP;
    return check_kind(&call) ? check_storage(&call) : SHOE_ERR_OP;
}
