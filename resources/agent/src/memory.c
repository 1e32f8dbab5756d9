#include "memory.h"

/* Left alone below the painting function's own frame. */
#define STACK_MARGIN 64u

/* The pattern follows the address, so that data of one repeated value is not taken for paint. */
static uint8_t paint_at(const uint8_t *at) {
    return (uint8_t)(0xa5u ^ ((uintptr_t)at * 0x1du));
}

__attribute__((noinline)) void memory_paint_stack(uint8_t *limit, uint32_t stack_bytes) {
    volatile uint8_t here = 0;
    uintptr_t end = (uintptr_t)&here - STACK_MARGIN;
    /* On a host the stack measured is not the one in use. */
    if (end > (uintptr_t)limit + stack_bytes) end = (uintptr_t)limit + stack_bytes;
    for (volatile uint8_t *at = limit; (uintptr_t)at < end; at++) *at = paint_at((const uint8_t *)(uintptr_t)at);
}

uint32_t memory_stack_high(const uint8_t *limit, uint32_t stack_bytes) {
    uint32_t unused = 0;
    while (unused < stack_bytes && limit[unused] == paint_at(limit + unused)) unused++;
    return stack_bytes - unused;
}

void memory_paint(uint8_t *start, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) start[i] = paint_at(start + i);
}

uint32_t memory_high(const uint8_t *start, uint32_t length) {
    uint32_t high = length;
    while (high > 0 && start[high - 1u] == paint_at(start + high - 1u)) high--;
    return high;
}
