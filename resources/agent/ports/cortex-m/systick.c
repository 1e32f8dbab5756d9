/* The counter of the ports whose core has SysTick: 24 bits at the core clock, wraps counted by its interrupt. */
#include "cortex-m.h"

#define SYSTICK_CONTROL REGISTER(0xe000e010u)
#define SYSTICK_RELOAD REGISTER(0xe000e014u)
#define SYSTICK_VALUE REGISTER(0xe000e018u)
#define INTERRUPT_STATE REGISTER(0xe000ed04u)
#define SYSTICK_PENDING (1u << 26)

#define SYSTICK_MASK 0xffffffu

static volatile uint32_t wraps;

void cortex_counter_start(void) {
    SYSTICK_RELOAD = SYSTICK_MASK;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7u; /* core clock, interrupt, on */
}

IN_RAM void counter_handler(void) {
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
