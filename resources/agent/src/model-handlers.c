/* Uploading a model and making it current. */
#include "handlers.h"
#include "protocol.h"

/* The upload will overwrite what the current model lives on. */
static bool upload_hits_model(const agent *self, uint8_t slot, uint32_t size) {
    if (!self->model.open) return false;
    if (slot == self->model.slot) return true;
    return slot == STORE_RAM_SLOT && store_ram_data(&self->store, size) < self->port->pool + self->model.used_bytes;
}

uint8_t handle_model_begin(agent *self, wire_reader *in, wire_writer *out) {
    model_begin_request request;
    model_begin_response response;
    if (!decode_model_begin_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (request.slot >= self->store.count) return DEVICE_ERROR_BAD_SLOT;
    uint8_t error = store_begin(&self->store, request.slot, request.size, request.crc, &response.offset);
    if (error != 0) return error;
    if (self->store.upload.active && upload_hits_model(self, request.slot, request.size)) self->model.open = false;
    encode_model_begin_response(out, &response);
    return 0;
}

uint8_t handle_model_chunk(agent *self, wire_reader *in, wire_writer *out) {
    model_chunk_request request;
    if (!decode_model_chunk_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    uint8_t error = store_append(&self->store, request.offset, request.data.data, request.data.length);
    if (error != 0) return error;
    model_chunk_response response = {self->store.upload.received};
    encode_model_chunk_response(out, &response);
    return 0;
}

/* Commits an upload, or takes a slot that is valid already. */
static uint8_t commit(agent *self, uint8_t slot) {
    bool uploaded = self->store.upload.active && self->store.upload.slot == slot;
    if (uploaded) {
        uint8_t error = store_finish(&self->store, slot);
        if (error != 0) return error;
    } else if (!self->store.slots[slot].valid) {
        return DEVICE_ERROR_NOT_BEGUN;
    } else if (!store_check(&self->store, slot)) {
        return DEVICE_ERROR_CRC_MISMATCH;
    }
    uint8_t error = model_open(&self->model, &self->store, slot, &self->detail);
    if (error == 0 && uploaded) error = store_seal(&self->store, slot);
    return error;
}

/* A model in flash needs its part of the pool: a RAM model or upload that lies there is gone. */
static void drop_covered(agent *self) {
    const uint8_t *end = self->port->pool + self->model.used_bytes;
    store *all = &self->store;
    if (self->model.slot == STORE_RAM_SLOT) return;
    if (all->slots[STORE_RAM_SLOT].valid && store_data(all, STORE_RAM_SLOT) < end) store_forget(all, STORE_RAM_SLOT);
    if (all->upload.active && all->upload.slot == STORE_RAM_SLOT && store_ram_data(all, all->upload.size) < end)
        all->upload.active = false;
}

void open_newest_model(agent *self) {
    int8_t detail;
    uint8_t slot = store_newest(&self->store);
    while (slot != STORE_RAM_SLOT) {
        if (store_check(&self->store, slot) && model_open(&self->model, &self->store, slot, &detail) == 0) {
            drop_covered(self);
            return;
        }
        store_forget(&self->store, slot);
        slot = store_newest(&self->store);
    }
}

/* The model there was before goes on if its bytes are whole, or else the newest in flash. */
static void reopen(agent *self, bool had_model, uint8_t before) {
    int8_t ignored;
    bool whole = had_model && self->store.slots[before].valid;
    if (!whole || model_open(&self->model, &self->store, before, &ignored) != 0) open_newest_model(self);
}

uint8_t handle_model_commit(agent *self, wire_reader *in, wire_writer *out) {
    model_commit_request request;
    if (!decode_model_commit_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (request.slot >= self->store.count) return DEVICE_ERROR_BAD_SLOT;
    bool had_model = self->model.open;
    uint8_t before = self->model.slot;
    uint8_t error = commit(self, request.slot);
    if (error != 0) {
        if (!self->model.open && !self->store.upload.active) reopen(self, had_model && before != request.slot, before);
        return error;
    }
    drop_covered(self);
    self->text_expected = 0;
    model_commit_response response = {self->model.arena_bytes, (uint16_t)model_operators(&self->model)};
    encode_model_commit_response(out, &response);
    return 0;
}

uint8_t handle_model_info(agent *self, wire_reader *in, wire_writer *out) {
    model_info_response response = {0};
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (self->model.open) {
        response.slot = self->model.slot;
        response.size = self->model.size;
        response.crc = self->model.crc;
        response.arena_bytes = self->model.arena_bytes;
        response.operators = (uint16_t)model_operators(&self->model);
        response.inputs = (uint8_t)model_inputs(&self->model);
        response.outputs = (uint8_t)model_outputs(&self->model);
    }
    encode_model_info_response(out, &response);
    return 0;
}
