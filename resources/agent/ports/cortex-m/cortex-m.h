/* What all Cortex-M ports share: start-up, the SysTick cycle counter (where the core has it), the receive ring, and the linker's symbols. */
#ifndef PORT_CORTEX_M_H
#define PORT_CORTEX_M_H

#include "port.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define NVIC_ENABLE REGISTER(0xe000e100u)

/* Code that must not fetch from flash. A port whose core stands still while flash is written gives an empty IN_RAM. */
#ifndef IN_RAM
#define IN_RAM __attribute__((section(".ramcode"), noinline))
#endif

/* From the linker script. Their addresses are their values. */
extern uint8_t linker_flash_start[], linker_flash_bytes[], linker_static_bytes[];
extern uint8_t linker_stack_start[], linker_stack_bytes[];
extern uint8_t linker_pool_start[], linker_pool_bytes[];

static inline uint32_t linker_value(const uint8_t *symbol) {
    return (uint32_t)(uintptr_t)symbol;
}

static inline void interrupts_off(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static inline void interrupts_on(void) {
    __asm volatile("cpsie i" ::: "memory");
}

/* Fills in what the linker knows. */
void cortex_describe(port_description *description);

/* Starts SysTick at the core clock. It wraps every 2^24 ticks; an interrupt counts the wraps. */
void cortex_counter_start(void);

/* Restarts through the core's reset request. */
void cortex_reset(void);

/* The receive ring: bytes go in from the UART's interrupt. A power of two; one place stays free. */
#ifndef RECEIVE_RING_BYTES
#define RECEIVE_RING_BYTES 4096u
#endif

void receive_put(uint8_t byte);
bool receive_empty(void);

/* From the port: clocks, UART and counter; called before the agent starts. */
void board_start(void);

/* From the port: sleeps until a byte came. May return early. */
void board_idle(void);

/* From the port: restarts at once. */
void board_reset(void);

#endif
