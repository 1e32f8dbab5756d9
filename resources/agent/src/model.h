/* The current model: a pack opened by the runtime, with its arena at the start of the pool, resident weights at its end.
 *
 * Pool: arena | copies of the inputs | one u32 per operator for profiles | ... | pack of the RAM slot.
 * Inputs have places in the arena that later tensors overwrite; the copies are put back before each run. */
#ifndef AGENT_MODEL_H
#define AGENT_MODEL_H

#include "shoe.h"
#include "store.h"

typedef struct {
    bool open;
    uint8_t slot;
    uint32_t size;
    uint32_t crc;
    uint32_t arena_bytes;
    /* Offsets in the pool, and the end of all that the model needs there. */
    uint32_t inputs_offset;
    uint32_t counts_offset;
    uint32_t used_bytes;
    uint8_t *pool;
    /* Operators run since the inputs were put back; says what the arena holds. */
    uint32_t operators_run;
    shoe_model shoe;
} model;

/* model.operators_run: something else wrote to the arena. */
#define MODEL_ARENA_UNKNOWN UINT32_MAX

/* Opens the pack of `slot`. 0 or a DEVICE_ERROR_ code with the runtime's status in detail; closed after an error. */
uint8_t model_open(model *self, const store *all, uint8_t slot, int8_t *detail);

uint32_t model_operators(const model *self);
uint32_t model_inputs(const model *self);
uint32_t model_outputs(const model *self);

/* Copy of input `index`, with its length; NULL when there is no such input. */
uint8_t *model_input(const model *self, uint32_t index, uint32_t *length);

const uint8_t *model_output(const model *self, uint32_t index, uint32_t *length);

/* real = scale * (q - zero), scale as the bits of an IEEE 754 single. */
typedef struct {
    uint32_t scale_bits;
    int32_t zero;
} model_quant;

/* index: below model_outputs(). */
model_quant model_output_quant(const model *self, uint32_t index);

/* Tensor of the arena by its index in the pack; NULL when it is not there. */
const uint8_t *model_tensor(const model *self, uint32_t index, uint32_t *length);

/* Decodes resident weights again, after something else wrote to the arena. Runtime status; without success the model is closed. */
int8_t model_load(model *self);

/* Puts the inputs back. Call before model_run or the first model_run_operator. */
void model_restore(model *self);

/* Runtime status: 0, or negative. */
int8_t model_run(model *self);
int8_t model_run_operator(model *self, uint32_t index);

/* CRC-32 over all outputs in order. */
uint32_t model_digest(const model *self);

/* Cycle counts of the last profile, one per operator. */
uint32_t *model_counts(const model *self);

#endif
