#include "agent.h"

#include <string.h>

#include "handlers.h"
#include "memory.h"
#include "protocol.h"
#include "text.h"

#ifndef AGENT_BUILD
#error "AGENT_BUILD must be the first 8 bytes of the sources' SHA-256, as a brace list"
#endif

static const uint8_t agent_build[8] = AGENT_BUILD;

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

static uint8_t handle_reset(agent *self, wire_reader *in, wire_writer *out) {
    (void)out;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    self->reset_wanted = true;
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
    open_newest_model(self);
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
