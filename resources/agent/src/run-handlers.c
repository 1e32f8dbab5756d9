/* Inputs, runs, outputs, and what is measured of them. */
#include <string.h>

#include "handlers.h"
#include "memory.h"
#include "protocol.h"

uint8_t handle_input(agent *self, wire_reader *in, wire_writer *out) {
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

uint8_t handle_run(agent *self, wire_reader *in, wire_writer *out) {
    run_response response;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    if (!self->model.open) return DEVICE_ERROR_NO_MODEL;
    uint8_t error = run_counted(self, &response.cycles);
    if (error != 0) return error;
    response.digest = model_digest(&self->model);
    encode_run_response(out, &response);
    return 0;
}

uint8_t handle_output(agent *self, wire_reader *in, wire_writer *out) {
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

uint8_t handle_bench(agent *self, wire_reader *in, wire_writer *out) {
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

uint8_t handle_profile(agent *self, wire_reader *in, wire_writer *out) {
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

uint8_t handle_memory(agent *self, wire_reader *in, wire_writer *out) {
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

uint8_t handle_paint(agent *self, wire_reader *in, wire_writer *out) {
    (void)out;
    if (!wire_read_done(in)) return DEVICE_ERROR_BAD_PAYLOAD;
    memory_paint_stack(self->port->stack_limit, self->port->stack_bytes);
    if (!self->model.open) return 0;
    memory_paint(self->port->pool, self->model.arena_bytes);
    self->detail = model_load(&self->model);
    return self->detail == 0 ? 0 : DEVICE_ERROR_RUN_FAILED;
}

uint8_t handle_inspect(agent *self, wire_reader *in, wire_writer *out) {
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
