/* Vector table and start. The stack is the lowest part of RAM: an overflow leaves RAM and faults instead of changing data. */
#include "cortex-m.h"

extern uint8_t linker_stack_end[];
extern uint32_t linker_data_start[], linker_data_end[], linker_data_load[];
extern uint32_t linker_bss_start[], linker_bss_end[];

int main(void);
void counter_handler(void);
void uart_handler(void);
void reset_handler(void);

#define VECTOR_TABLE REGISTER(0xe000ed08u)
#define COPROCESSOR_ACCESS REGISTER(0xe000ed88u)

typedef void (*vector)(void);

#define SYSTEM_VECTORS 16u

/* UART_INTERRUPT is the port's, and COUNTER_INTERRUPT where the counter is not SysTick; every other interrupt stays off. */
#define UART_VECTOR (SYSTEM_VECTORS + UART_INTERRUPT)
#ifdef COUNTER_INTERRUPT
#define COUNTER_VECTOR (SYSTEM_VECTORS + COUNTER_INTERRUPT)
#else
#define COUNTER_VECTOR 15u
#endif

#ifndef VECTORS_IN_FLASH
/* In RAM, so that interrupts go on while flash is written. */
static vector vectors_in_ram[UART_VECTOR + 1u] __attribute__((aligned(256)));
#endif

/* A fault must not leave a silent board: starting again makes the host see that its model is gone. The stack may be what
 * is at fault, so it starts afresh. */
__attribute__((naked)) static void fault_handler(void) {
    __asm volatile(
        "ldr r0, =linker_stack_end\n"
        "mov sp, r0\n"
        "ldr r0, =board_reset\n"
        "bx r0\n"
        ".ltorg");
}

__attribute__((section(".vectors"), used)) static const vector vectors[] = {
    [0] = (vector)(uintptr_t)linker_stack_end,
    [1] = reset_handler,
    [2] = fault_handler,
    [3] = fault_handler,
    [4] = fault_handler,
    [5] = fault_handler,
    [6] = fault_handler,
    [11] = fault_handler,
    [12] = fault_handler,
    [14] = fault_handler,
    [COUNTER_VECTOR] = counter_handler,
    [UART_VECTOR] = uart_handler,
};

void reset_handler(void) {
    const uint32_t *from = linker_data_load;
    for (uint32_t *to = linker_data_start; to < linker_data_end;) *to++ = *from++;
    for (uint32_t *to = linker_bss_start; to < linker_bss_end;) *to++ = 0;
#ifdef __ARM_FP
    COPROCESSOR_ACCESS |= 0xfu << 20;
    __asm volatile("dsb\nisb");
#endif
#ifndef VECTORS_IN_FLASH
    for (unsigned i = 0; i <= UART_VECTOR; i++) vectors_in_ram[i] = vectors[i];
    VECTOR_TABLE = (uint32_t)(uintptr_t)vectors_in_ram;
#endif
    (void)main();
    board_reset();
}
