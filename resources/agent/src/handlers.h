/* One function a request. Each decodes its request and writes its response; it returns 0 or a DEVICE_ERROR_ code, and then
 * what it wrote is dropped. */
#ifndef AGENT_HANDLERS_H
#define AGENT_HANDLERS_H

#include "agent.h"
#include "wire.h"

typedef uint8_t handler(agent *self, wire_reader *in, wire_writer *out);

/* model-handlers.c */
handler handle_model_begin;
handler handle_model_chunk;
handler handle_model_commit;
handler handle_model_info;

/* Opens the flash model written last that is whole, if there is one. */
void open_newest_model(agent *self);

/* run-handlers.c */
handler handle_input;
handler handle_run;
handler handle_output;
handler handle_bench;
handler handle_profile;
handler handle_memory;
handler handle_paint;
handler handle_inspect;

#endif
