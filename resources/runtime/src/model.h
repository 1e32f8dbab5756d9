/* A pack as the runtime sees it: field offsets of SPEC.md and decoded views of one tensor or operator at a time. */
#ifndef SHOE_MODEL_H
#define SHOE_MODEL_H

#include "bytes.h"
#include "fixed.h"
#include "linked.h"
#include "shoe.h"

#define SHOE_MAX_RANK 6

/* Elements of one tensor: keeps every index and byte offset within int32. */
#define SHOE_MAX_ELEMENTS ((uint32_t)1 << 30)

/* Row length beyond which softmax's 12-bit accumulator could overflow. */
#define SHOE_MAX_SOFTMAX 4095

/* Elements of a pooling window: keeps their sum within int32. */
#define SHOE_MAX_POOL ((uint32_t)1 << 22)

enum { SHOE_TENSOR_BYTES = 12 };

/* How a constant is stored: bits 5 to 7 of its record. */
enum {
    SHOE_PLAIN = 0,
    SHOE_DIRECT = 1,   /* coded; kernels compute from the coded form */
    SHOE_STREAMED = 2, /* coded; decoded tile by tile into the operator's scratch at each inference */
    SHOE_RESIDENT = 3, /* coded; decoded once, by shoe_load(), to the end of the arena */
    SHOE_STORAGE_END = 4
};

/* Bit 7 of an operator's kind: one more tensor follows its inputs, scratch memory in the arena. */
#define SHOE_HAS_SCRATCH 0x80u

typedef enum {
    SHOE_CONV_2D = 1,
    SHOE_DEPTHWISE_CONV_2D,
    SHOE_TRANSPOSE_CONV_2D,
    SHOE_FULLY_CONNECTED,
    SHOE_AVERAGE_POOL_2D,
    SHOE_MAX_POOL_2D,
    SHOE_ADD,
    SHOE_SUB,
    SHOE_MUL,
    SHOE_DIV,
    SHOE_TABLE,
    SHOE_REQUANTIZE,
    SHOE_PRELU,
    SHOE_SOFTMAX,
    SHOE_MEAN,
    SHOE_CONCAT,
    SHOE_SLICE,
    SHOE_PAD,
    SHOE_TRANSPOSE,
    SHOE_COPY,
    SHOE_RESIZE_NEAREST,
    SHOE_RESIZE_BILINEAR,
    SHOE_KIND_END
} shoe_kind;

enum { SHOE_PAD_CONSTANT = 0, SHOE_PAD_REFLECT = 1, SHOE_PAD_EDGE = 2, SHOE_PAD_END = 3 };
enum { SHOE_RESIZE_ALIGN_CORNERS = 1, SHOE_RESIZE_HALF_PIXEL = 2 };

/* One tensor, decoded. data is null until shoe_view_data(). */
typedef struct {
    const int8_t *data;
    uint32_t dims[SHOE_MAX_RANK];
    uint32_t elements;
    uint32_t offset; /* in the arena or in the WEIGHTS section, bytes; of a coded constant's block */
    int32_t zero;
    uint8_t rank;
    uint8_t wide;     /* int32 instead of int8 */
    uint8_t constant; /* in the pack instead of the arena */
    uint8_t storage;  /* SHOE_PLAIN ... */
} shoe_view;

/* One operator record. */
typedef struct {
    const uint8_t *inputs; /* uint16 tensor indices */
    const uint8_t *params; /* aligned to 4 */
    uint8_t kind;
    uint8_t input_count;
    uint8_t has_scratch; /* tensor index behind the inputs */
    uint16_t output;
} shoe_op;

/* What a kernel is given: the operator with its first three inputs and its output. */
typedef struct {
    const shoe_model *model;
    uint8_t *arena;
    shoe_op op;
    shoe_view a, b, c;
    shoe_view scratch; /* no elements: none */
    shoe_view out;
    int8_t *out_data;
} shoe_call;

/* Fixed-point factors: one for all channels (step 0) or one each (step 1). */
typedef struct {
    const uint8_t *multiplier;
    const int8_t *shift;
    uint32_t step;
} shoe_requant;

/* Bit 31 of a reference into REQUANT: one entry per output channel instead of a single one. */
#define SHOE_PER_CHANNEL 0x80000000u

/* index: below tensor_count; the record was checked, or is being checked by shoe_open(). */
void shoe_view_load(const shoe_model *model, uint16_t index, shoe_view *view);

/* Size of one tensor, bytes. */
static inline uint32_t shoe_view_bytes(const shoe_view *view) {
    return view->wide ? view->elements * 4 : view->elements;
}

static inline uint32_t shoe_last_dim(const shoe_view *view) {
    return view->dims[view->rank - 1];
}

/* Address of operator `index`'s record; the record's tensors follow its first 4 bytes, its parameters follow those. */
void shoe_op_load(const shoe_model *model, uint16_t index, shoe_op *op);

static inline shoe_requant shoe_requant_at(const shoe_model *model, uint32_t reference) {
    const uint32_t first = reference & ~SHOE_PER_CHANNEL;
    const shoe_requant requant = {model->multipliers + (size_t)first * 4, model->shifts + first,
                                  (reference & SHOE_PER_CHANNEL) ? 1u : 0u};
    return requant;
}

static inline int32_t shoe_requant_apply(const shoe_requant *requant, uint32_t channel, int32_t value) {
    const uint32_t i = channel * requant->step;
    return shoe_rescale(value, shoe_i32(requant->multiplier + (size_t)i * 4), requant->shift[i]);
}

/* Whether operator `index` can be run by its kernel without leaving any buffer. The tensors were checked before. */
shoe_status shoe_check_op(const shoe_model *model, uint16_t index);

#endif
