#include "cortex-m.h"

#include "agent.h"

#define SYSTICK_CONTROL REGISTER(0xe000e010u)
#define SYSTICK_RELOAD REGISTER(0xe000e014u)
#define SYSTICK_VALUE REGISTER(0xe000e018u)
#define INTERRUPT_STATE REGISTER(0xe000ed04u)
#define SYSTICK_PENDING (1u << 26)
#define RESET_CONTROL REGISTER(0xe000ed0cu)
#define RESET_REQUEST 0x05fa0004u

#define SYSTICK_MASK 0xffffffu

static volatile uint32_t wraps;
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

void cortex_counter_start(void) {
    SYSTICK_RELOAD = SYSTICK_MASK;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7u; /* core clock, interrupt, on */
}

IN_RAM void systick_handler(void) {
    wraps++;
}

/* The interrupt comes when the value gets to 0, so a value of 0 belongs to the next wrap. */
uint64_t port_cycles(void) {
    interrupts_off();
    uint32_t value = SYSTICK_VALUE;
    uint64_t turns = wraps;
    if (INTERRUPT_STATE & SYSTICK_PENDING) {
        value = SYSTICK_VALUE;
        turns++;
    }
    interrupts_on();
    return (turns << 24) + ((SYSTICK_MASK + 1u - value) & SYSTICK_MASK);
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
