/* The MLPerf Tiny text protocol on the same stream: name, profile, timestamp, help, db, infer, results. */
#ifndef AGENT_TEXT_H
#define AGENT_TEXT_H

#include "agent.h"

/* What a device says after start. */
void text_greet(void);

/* Runs the command in the decoder's text buffer and ends with m-ready. */
void text_command(agent *self);

#endif
