#include "cortex-m.h"

#include "agent.h"

#define RESET_CONTROL REGISTER(0xe000ed0cu)
#define RESET_REQUEST 0x05fa0004u

static uint8_t ring[RECEIVE_RING_BYTES];
static volatile uint32_t ring_head;
static volatile uint32_t ring_tail;
static agent self;

void cortex_describe(port_description *description) {
    description->code_bytes = linker_value(linker_flash_bytes);
    description->static_bytes = linker_value(linker_static_bytes);
    description->stack_limit = linker_stack_start;
    description->stack_bytes = linker_value(linker_stack_bytes);
    description->pool = linker_pool_start;
    description->pool_bytes = linker_value(linker_pool_bytes);
    description->receive_bytes = RECEIVE_RING_BYTES - 1u;
}

void cortex_reset(void) {
    __asm volatile("dsb" ::: "memory");
    RESET_CONTROL = RESET_REQUEST;
    for (;;) __asm volatile("dsb");
}

IN_RAM void receive_put(uint8_t byte) {
    uint32_t next = (ring_head + 1u) % RECEIVE_RING_BYTES;
    if (next == ring_tail) return;
    ring[ring_head] = byte;
    ring_head = next;
}

bool receive_empty(void) {
    return ring_head == ring_tail;
}

int port_receive(void) {
    if (receive_empty()) return -1;
    uint8_t byte = ring[ring_tail];
    ring_tail = (ring_tail + 1u) % RECEIVE_RING_BYTES;
    return byte;
}

int main(void) {
    board_start();
    agent_start(&self);
    for (;;)
        if (!agent_step(&self)) board_idle();
}
