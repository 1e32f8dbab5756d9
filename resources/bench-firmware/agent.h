/* Takes the place of the agent on the boards' ports: what their main loop calls. */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "port.h"

typedef struct {
    const port_description *port;
} agent;

/* Decodes every case that lies in the first flash slot, and says what each took. */
void agent_start(agent *self);

/* Nothing is left to do. */
bool agent_step(agent *self);

#endif
