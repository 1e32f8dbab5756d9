/* The agent: takes requests from the port, answers them. All state is in one struct that the port's main owns. */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "frame.h"
#include "model.h"
#include "store.h"

typedef struct {
    const port_description *port;
    store store;
    model model;
    frame_decoder decoder;
    /* Response under construction: type, seq, payload, CRC. */
    uint8_t response[FRAME_BYTES];
    /* What an error response says besides its code. */
    int8_t detail;
    const char *note;
    bool reset_wanted;
    /* Text protocol: bytes of input 0 expected and loaded by `db`. */
    uint32_t text_expected;
    uint32_t text_loaded;
} agent;

/* Opens the newest model in flash, if any. */
void agent_start(agent *self);

/* Handles one received byte. False when there was none. */
bool agent_step(agent *self);

#endif
