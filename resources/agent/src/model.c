#include "model.h"

#include <string.h>

#include "protocol.h"

#define ALIGN 16u

static uint64_t aligned(uint64_t bytes) {
    return (bytes + ALIGN - 1u) & ~(uint64_t)(ALIGN - 1u);
}

/* Bytes of one input's copy; the runtime has checked that each is below 2^30. */
static uint32_t input_bytes(const model *self, uint32_t index) {
    uint32_t bytes = 0;
    (void)shoe_input(&self->shoe, (uint16_t)index, self->pool, &bytes);
    return bytes;
}

static uint64_t end_of_inputs(const model *self, uint32_t count) {
    uint64_t end = self->inputs_offset;
    for (uint32_t i = 0; i < count; i++) end = aligned(end + input_bytes(self, i));
    return end;
}

uint8_t model_open(model *self, const store *all, uint8_t slot, int8_t *detail) {
    const store_slot *state = &all->slots[slot];
    const port_description *port = all->port;
    memset(self, 0, sizeof *self);
    self->pool = port->pool;
    self->slot = slot;
    self->size = state->size;
    self->crc = state->crc;
    shoe_status status = shoe_open(&self->shoe, store_data(all, slot), state->size);
    *detail = (int8_t)status;
    if (status != SHOE_OK) return DEVICE_ERROR_BAD_PACK;
    self->arena_bytes = shoe_arena_bytes(&self->shoe);
    uint64_t limit = slot == STORE_RAM_SLOT ? (uint64_t)(store_data(all, slot) - port->pool) : port->pool_bytes;
    uint64_t inputs_offset = aligned(self->arena_bytes);
    if (inputs_offset > limit) return DEVICE_ERROR_ARENA;
    self->inputs_offset = (uint32_t)inputs_offset;
    uint64_t counts_offset = end_of_inputs(self, model_inputs(self));
    uint64_t used = counts_offset + 4u * (uint64_t)model_operators(self);
    if (used > limit) return DEVICE_ERROR_ARENA;
    self->counts_offset = (uint32_t)counts_offset;
    self->used_bytes = (uint32_t)used;
    memset(self->pool + self->inputs_offset, 0, self->used_bytes - self->inputs_offset);
    *detail = model_load(self);
    return *detail == SHOE_OK ? 0 : DEVICE_ERROR_BAD_PACK;
}

int8_t model_load(model *self) {
    shoe_status status = shoe_load(&self->shoe, self->pool, self->arena_bytes);
    self->open = status == SHOE_OK;
    self->operators_run = MODEL_ARENA_UNKNOWN;
    return (int8_t)status;
}

uint32_t model_operators(const model *self) {
    return shoe_op_count(&self->shoe);
}

uint32_t model_inputs(const model *self) {
    return shoe_input_count(&self->shoe);
}

uint32_t model_outputs(const model *self) {
    return shoe_output_count(&self->shoe);
}

uint8_t *model_input(const model *self, uint32_t index, uint32_t *length) {
    if (index >= model_inputs(self)) return NULL;
    *length = input_bytes(self, index);
    return self->pool + end_of_inputs(self, index);
}

const uint8_t *model_output(const model *self, uint32_t index, uint32_t *length) {
    if (index >= model_outputs(self)) return NULL;
    return (const uint8_t *)shoe_output(&self->shoe, (uint16_t)index, self->pool, length);
}

/* Records of SPEC.md: the ports' tensor indices follow the 12 bytes of the plan's header, inputs first; a tensor's record of
 * 12 bytes has its zero point at 1 and its scale at 8. */
model_quant model_output_quant(const model *self, uint32_t index) {
    const uint8_t *port = self->shoe.plan + 12 + 2u * (model_inputs(self) + index);
    const uint8_t *record = self->shoe.tensors + 12u * (port[0] | (uint32_t)port[1] << 8);
    model_quant quant = {0, record[1] < 128 ? record[1] : record[1] - 256};
    for (unsigned i = 0; i < 4; i++) quant.scale_bits |= (uint32_t)record[8 + i] << (8 * i);
    return quant;
}

const uint8_t *model_tensor(const model *self, uint32_t index, uint32_t *length) {
    if (index >= shoe_tensor_count(&self->shoe)) return NULL;
    return shoe_tensor(&self->shoe, (uint16_t)index, self->pool, length);
}

void model_restore(model *self) {
    for (uint32_t i = 0; i < model_inputs(self); i++) {
        uint32_t length = 0;
        int8_t *place = shoe_input(&self->shoe, (uint16_t)i, self->pool, &length);
        memcpy(place, self->pool + end_of_inputs(self, i), length);
    }
    self->operators_run = 0;
}

int8_t model_run(model *self) {
    shoe_status status = shoe_run(&self->shoe, self->pool, self->arena_bytes);
    self->operators_run = status == SHOE_OK ? model_operators(self) : MODEL_ARENA_UNKNOWN;
    return (int8_t)status;
}

int8_t model_run_operator(model *self, uint32_t index) {
    shoe_status status = shoe_run_op(&self->shoe, self->pool, (uint16_t)index);
    self->operators_run = status == SHOE_OK ? index + 1u : MODEL_ARENA_UNKNOWN;
    return (int8_t)status;
}

uint32_t model_digest(const model *self) {
    uint32_t digest = 0;
    for (uint32_t i = 0; i < model_outputs(self); i++) {
        uint32_t length = 0;
        const uint8_t *output = model_output(self, i, &length);
        digest = shoe_crc32(digest, output, length);
    }
    return digest;
}

uint32_t *model_counts(const model *self) {
    return (uint32_t *)(void *)(self->pool + self->counts_offset);
}
