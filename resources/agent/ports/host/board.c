/* The agent as a program: its line is standard input and output. For tests under the sanitizers and for fuzzing; ends with
 * its input. Pool and slots are separate heap blocks, so that a byte outside any of them is seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "port.h"

#define POOL_BYTES 65536u
#define SLOT_BYTES 65536u
#define SECTOR_BYTES 4096u
#define STACK_BYTES 4096u

static port_description description;
static agent self;
static uint64_t ticks;
/* Stands for the stack's unused part: the real stack is the operating system's. */
static uint8_t unused_stack[STACK_BYTES];

static uint8_t *block(size_t bytes) {
    uint8_t *start = aligned_alloc(16, bytes);
    if (start == NULL) abort();
    memset(start, 0xff, bytes);
    return start;
}

static void describe(void) {
    description.board = "host";
    description.core = "host";
    description.clock_hz = 1000000u;
    description.counter = PORT_COUNTER_TIMER;
    description.stack_limit = unused_stack;
    description.stack_bytes = STACK_BYTES;
    description.pool = block(POOL_BYTES);
    description.pool_bytes = POOL_BYTES;
    description.receive_bytes = 4096;
    description.flash_slot_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        port_flash_slot *slot = &description.flash_slots[i];
        slot->base = block(SLOT_BYTES);
        slot->address = i * SLOT_BYTES;
        slot->bytes = SLOT_BYTES;
        slot->sector_bytes = SECTOR_BYTES;
        slot->writable = true;
    }
}

int main(void) {
    describe();
    agent_start(&self);
    while (agent_step(&self)) continue;
    free(description.pool);
    for (uint32_t i = 0; i < 2; i++) free((uint8_t *)(uintptr_t)description.flash_slots[i].base);
    return fflush(stdout) == 0 ? 0 : 1;
}

const port_description *port_describe(void) {
    return &description;
}

int port_receive(void) {
    int byte = getchar();
    return byte == EOF ? -1 : byte;
}

void port_send(const uint8_t *data, size_t length) {
    (void)fwrite(data, 1, length, stdout);
}

/* No time: the same input gives the same output. */
uint64_t port_cycles(void) {
    return ticks += 1000;
}

bool port_flash_erase(const uint8_t *to) {
    memset((uint8_t *)(uintptr_t)to, 0xff, SECTOR_BYTES);
    return true;
}

bool port_flash_program(const uint8_t *to, const uint8_t *page) {
    uint8_t *cell = (uint8_t *)(uintptr_t)to;
    for (size_t i = 0; i < FLASH_PAGE_BYTES; i++) cell[i] &= page[i];
    return memcmp(cell, page, FLASH_PAGE_BYTES) == 0;
}

void port_reset(void) {
    agent_start(&self);
}
