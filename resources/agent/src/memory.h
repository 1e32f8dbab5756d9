/* High-water marks: memory is painted with a pattern and later searched for the first place that changed. */
#ifndef AGENT_MEMORY_H
#define AGENT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Paints from the stack's lowest byte to just below what is in use now. */
void memory_paint_stack(uint8_t *limit, uint32_t stack_bytes);

/* Bytes of the stack used since it was painted. */
uint32_t memory_stack_high(const uint8_t *limit, uint32_t stack_bytes);

void memory_paint(uint8_t *start, uint32_t length);

/* One past the last byte that changed since `start` was painted; 0 when none did. */
uint32_t memory_high(const uint8_t *start, uint32_t length);

#endif
