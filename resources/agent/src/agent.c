#include "agent.h"

#include <string.h>

#include "memory.h"
#include "protocol.h"
#include "text.h"

#ifndef AGENT_BUILD
#error "AGENT_BUILD must be the first 8 bytes of the sources' SHA-256, as a brace list"
#endif

static const uint8_t agent_build[8] = AGENT_BUILD;

/* Decodes one request and writes its response. 0 or a DEVICE_ERROR_ code; then what was written is dropped. */
typedef uint8_t handler(agent *self, wire_reader *in, wire_writer *out);

static uint8_t handle_hello(agent *self, wire_reader *in, wire_writer *out) {
    const port_description *port = self->port;
    hello_request request;
    hello_response_slots slots[STORE_SLOTS_MAX];
    if (!decode_hello_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    for (uint8_t i = 0; i < self->store.count; i++) {
        slots[i].kind = i == STORE_RAM_SLOT ? 0 : 1;
        slots[i].state = (uint8_t)((store_writable(&self->store, i) ? 1u : 0u) | (self->store.slots[i].valid ? 2u : 0u));
        slots[i].address = i == STORE_RAM_SLOT ? (uint32_t)(uintptr_t)port->pool : port->flash_slots[i - 1].address;
        slots[i].capacity = store_capacity(&self->store, i);
    }
    hello_response response = {
        .protocol = PROTOCOL_VERSION,
        .max_payload = FRAME_PAYLOAD_BYTES,
        .window = port->receive_bytes,
        .clock_hz = port->clock_hz,
        .counter = port->counter,
        .features = port->features,
        .agent_build = agent_build,
        .board = port->board,
        .core = port->core,
        .code_bytes = port->code_bytes,
        .static_bytes = port->static_bytes,
        .stack_bytes = port->stack_bytes,
        .pool_bytes = port->pool_bytes,
        .slots_count = self->store.count,
        .slots = slots,
    };
    encode_hello_response(out, &response);
    return 0;
}

/* The upload will overwrite what the current model lives on. */
static bool upload_hits_model(const agent *self, uint8_t slot, uint32_t size) {
    if (!self->model.open) return false;
    if (slot == self->model.slot) return true;
    return slot == STORE_RAM_SLOT && store_ram_data(&self->store, size) < self->port->pool + self->model.used_bytes;
}

static uint8_t handle_model_begin(agent *self, wire_reader *in, wire_writer *out) {
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

static uint8_t handle_model_chunk(agent *self, wire_reader *in, wire_writer *out) {
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

static void open_newest(agent *self) {
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

static uint8_t handle_model_commit(agent *self, wire_reader *in, wire_writer *out) {
    model_commit_request request;
    if (!decode_model_commit_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (request.slot >= self->store.count) return DEVICE_ERROR_BAD_SLOT;
    bool had_model = self->model.open;
    uint8_t before = self->model.slot;
    uint8_t error = commit(self, request.slot);
    if (error != 0) {
        /* The model there was before goes on, if its bytes are still whole. */
        int8_t ignored;
        bool back = had_model && !self->model.open && before != request.slot && self->store.slots[before].valid;
        if (back && model_open(&self->model, &self->store, before, &ignored) != 0) self->model.open = false;
        return error;
    }
    drop_covered(self);
    self->text_expected = 0;
    model_commit_response response = {self->model.arena_bytes, (uint16_t)model_operators(&self->model)};
    encode_model_commit_response(out, &response);
    return 0;
}

static uint8_t handle_model_info(agent *self, wire_reader *in, wire_writer *out) {
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

static uint8_t handle_input(agent *self, wire_reader *in, wire_writer *out) {
    input_request request;
    uint32_t length;
    if (!decode_input_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    uint8_t *input = model_input(&self->model, request.index, &length);
    if (input == NULL || request.offset > length || request.data.length > length - request.offset)
        return DEVICE_ERROR_BAD_RANGE;
    memcpy(input + request.offset, request.data.data, request.data.length);
    self->model.operators_run = MODEL_ARENA_UNKNOWN;
    input_response response = {request.offset + (uint32_t)request.data.length};
    encode_input_response(out, &response);
    return 0;
}

/* Counts one whole run. */
static uint8_t run_counted(agent *self, uint64_t *cycles) {
    model_restore(&self->model);
    uint64_t start = port_cycles();
    int8_t status = model_run(&self->model);
    *cycles = port_cycles() - start;
    self->detail = status;
    return status == 0 ? 0 : DEVICE_ERROR_RUN_FAILED;
}

static uint8_t handle_run(agent *self, wire_reader *in, wire_writer *out) {
    run_response response;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    uint8_t error = run_counted(self, &response.cycles);
    if (error != 0) return error;
    response.digest = model_digest(&self->model);
    encode_run_response(out, &response);
    return 0;
}

static uint8_t handle_output(agent *self, wire_reader *in, wire_writer *out) {
    output_request request;
    uint32_t length;
    if (!decode_output_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    const uint8_t *output = model_output(&self->model, request.index, &length);
    if (output == NULL || request.offset > length || request.length > length - request.offset)
        return DEVICE_ERROR_BAD_RANGE;
    output_response response = {{output + request.offset, request.length}};
    encode_output_response(out, &response);
    return 0;
}

static uint8_t handle_bench(agent *self, wire_reader *in, wire_writer *out) {
    bench_request request;
    bench_response_cycles cycles[BENCH_CYCLES_MAX];
    uint64_t ignored;
    if (!decode_bench_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    if (request.runs == 0 || request.runs > BENCH_CYCLES_MAX) return DEVICE_ERROR_BAD_RANGE;
    for (unsigned i = 0; i < request.warmup; i++) {
        uint8_t error = run_counted(self, &ignored);
        if (error != 0) return error;
    }
    for (unsigned i = 0; i < request.runs; i++) {
        uint8_t error = run_counted(self, &cycles[i].value);
        if (error != 0) return error;
    }
    bench_response response = {request.runs, cycles};
    encode_bench_response(out, &response);
    return 0;
}

static uint8_t profile_run(agent *self) {
    uint32_t *counts = model_counts(&self->model);
    model_restore(&self->model);
    for (uint32_t i = 0; i < model_operators(&self->model); i++) {
        uint64_t start = port_cycles();
        int8_t status = model_run_operator(&self->model, i);
        uint64_t cycles = port_cycles() - start;
        self->detail = status;
        if (status != 0) return DEVICE_ERROR_RUN_FAILED;
        counts[i] = cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)cycles;
    }
    return 0;
}

static uint8_t handle_profile(agent *self, wire_reader *in, wire_writer *out) {
    profile_request request;
    profile_response_cycles cycles[PROFILE_CYCLES_MAX];
    if (!decode_profile_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    uint32_t operators = model_operators(&self->model);
    if (request.first > operators) return DEVICE_ERROR_BAD_RANGE;
    if (request.first == 0) {
        uint8_t error = profile_run(self);
        if (error != 0) return error;
    }
    uint32_t count = operators - request.first;
    if (count > PROFILE_CYCLES_MAX) count = PROFILE_CYCLES_MAX;
    for (uint32_t i = 0; i < count; i++) cycles[i].value = model_counts(&self->model)[request.first + i];
    profile_response response = {(uint16_t)operators, (uint8_t)count, cycles};
    encode_profile_response(out, &response);
    return 0;
}

static uint8_t handle_memory(agent *self, wire_reader *in, wire_writer *out) {
    const port_description *port = self->port;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    memory_response response = {
        .arena_high = self->model.open ? memory_high(port->pool, self->model.arena_bytes) : 0,
        .stack_high = memory_stack_high(port->stack_limit, port->stack_bytes),
        .static_bytes = port->static_bytes,
        .pool_bytes = port->pool_bytes,
        .stack_bytes = port->stack_bytes,
    };
    encode_memory_response(out, &response);
    return 0;
}

static uint8_t handle_paint(agent *self, wire_reader *in, wire_writer *out) {
    (void)out;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    memory_paint_stack(self->port->stack_limit, self->port->stack_bytes);
    if (self->model.open) {
        memory_paint(self->port->pool, self->model.arena_bytes);
        self->model.operators_run = MODEL_ARENA_UNKNOWN;
    }
    return 0;
}

static uint8_t handle_reset(agent *self, wire_reader *in, wire_writer *out) {
    (void)out;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    self->reset_wanted = true;
    return 0;
}

static uint8_t handle_inspect(agent *self, wire_reader *in, wire_writer *out) {
    inspect_request request;
    uint32_t length;
    if (!decode_inspect_request(in, &request)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    if (request.op >= model_operators(&self->model)) return DEVICE_ERROR_BAD_RANGE;
    const uint8_t *tensor = model_tensor(&self->model, request.tensor, &length);
    if (tensor == NULL || request.offset > length || request.length > length - request.offset)
        return DEVICE_ERROR_BAD_RANGE;
    /* The next part of the same tensor, or a later operator, goes on from where the arena stands. */
    if (self->model.operators_run > request.op + 1u) model_restore(&self->model);
    while (self->model.operators_run <= request.op) {
        self->detail = model_run_operator(&self->model, self->model.operators_run);
        if (self->detail != 0) return DEVICE_ERROR_RUN_FAILED;
    }
    inspect_response response = {{tensor + request.offset, request.length}};
    encode_inspect_response(out, &response);
    return 0;
}

typedef struct {
    uint8_t id;
    handler *handle;
} route;

static const route routes[] = {
    {MESSAGE_HELLO, handle_hello},
    {MESSAGE_MODEL_BEGIN, handle_model_begin},
    {MESSAGE_MODEL_CHUNK, handle_model_chunk},
    {MESSAGE_MODEL_COMMIT, handle_model_commit},
    {MESSAGE_MODEL_INFO, handle_model_info},
    {MESSAGE_INPUT, handle_input},
    {MESSAGE_RUN, handle_run},
    {MESSAGE_OUTPUT, handle_output},
    {MESSAGE_BENCH, handle_bench},
    {MESSAGE_PROFILE, handle_profile},
    {MESSAGE_MEMORY, handle_memory},
    {MESSAGE_PAINT, handle_paint},
    {MESSAGE_RESET, handle_reset},
    {MESSAGE_INSPECT, handle_inspect},
};

static handler *find_handler(uint8_t id) {
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (routes[i].id == id) return routes[i].handle;
    return NULL;
}

static const char *const error_notes[] = {
    [DEVICE_ERROR_UNKNOWN_REQUEST] = "this agent does not know the request",
    [DEVICE_ERROR_BAD_PAYLOAD] = "the payload is not of the request's form",
    [DEVICE_ERROR_NO_MODEL] = "no model is open",
    [DEVICE_ERROR_TOO_LARGE] = "the pack is larger than the slot",
    [DEVICE_ERROR_BAD_SLOT] = "there is no such slot",
    [DEVICE_ERROR_NOT_WRITABLE] = "the agent cannot write this slot",
    [DEVICE_ERROR_FLASH_FAILED] = "erasing or programming flash failed",
    [DEVICE_ERROR_CRC_MISMATCH] = "the pack is incomplete or its CRC is wrong",
    [DEVICE_ERROR_BAD_PACK] = "the runtime refused the pack",
    [DEVICE_ERROR_ARENA] = "arena, inputs and RAM model do not fit the pool",
    [DEVICE_ERROR_BAD_RANGE] = "an index, offset or length is outside its range",
    [DEVICE_ERROR_RUN_FAILED] = "the runtime stopped with an error",
    [DEVICE_ERROR_NOT_BEGUN] = "no upload to this slot was begun",
};

static void respond(agent *self, uint8_t type, uint16_t seq, size_t payload_length) {
    self->response[0] = type;
    self->response[1] = (uint8_t)seq;
    self->response[2] = (uint8_t)(seq >> 8);
    frame_send(self->response, FRAME_HEADER_BYTES + payload_length);
}

static void handle_frame(agent *self, const frame *request) {
    uint8_t *payload = self->response + FRAME_HEADER_BYTES;
    uint8_t id = request->type & 0x3fu;
    /* Other types are no requests; answering them could make two devices on one line talk for ever. */
    if ((request->type & 0xc0u) != PROTOCOL_REQUEST) return;
    wire_reader in = {request->payload, request->payload + request->length, false};
    wire_writer out = {payload, payload + FRAME_PAYLOAD_BYTES, false};
    self->detail = 0;
    handler *handle = find_handler(id);
    uint8_t error = handle == NULL ? DEVICE_ERROR_UNKNOWN_REQUEST : handle(self, &in, &out);
    if (error == 0 && out.failed) error = DEVICE_ERROR_BAD_RANGE;
    if (error == 0) {
        respond(self, (uint8_t)(id | PROTOCOL_RESPONSE), request->seq, (size_t)(out.at - payload));
    } else {
        wire_writer again = {payload, payload + FRAME_PAYLOAD_BYTES, false};
        error_response response = {id, error, self->detail, error_notes[error]};
        encode_error_response(&again, &response);
        respond(self, PROTOCOL_ERROR_ID | PROTOCOL_RESPONSE, request->seq, (size_t)(again.at - payload));
    }
    if (self->reset_wanted) {
        self->reset_wanted = false;
        port_reset();
    }
}

void agent_start(agent *self) {
    memset(self, 0, sizeof *self);
    self->port = port_describe();
    frame_reset(&self->decoder);
    store_open(&self->store, self->port);
    memory_paint_stack(self->port->stack_limit, self->port->stack_bytes);
    open_newest(self);
    text_greet();
}

bool agent_step(agent *self) {
    int byte = port_receive();
    if (byte < 0) return false;
    switch (frame_push(&self->decoder, (uint8_t)byte)) {
        case FRAME_READY: {
            frame request = frame_read(&self->decoder);
            handle_frame(self, &request);
            break;
        }
        case FRAME_TEXT:
            text_command(self);
            break;
        default:
            break;
    }
    return true;
}
