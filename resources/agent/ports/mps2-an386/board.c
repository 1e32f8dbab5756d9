/* Arm MPS2 with the Cortex-M4 image AN386, and QEMU's mps2-an386: CMSDK UART0, 25 MHz. */
#include <string.h>

#include "cortex-m.h"

#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u)
#define UART_CONTROL REGISTER(0x40004008u)
#define UART_INTERRUPT_CLEAR REGISTER(0x4000400cu)
#define UART_DIVIDER REGISTER(0x40004010u)
#define UART_SEND_FULL 1u
#define UART_RECEIVED 2u

#define CLOCK_HZ 25000000u
#define BAUD 115200u

#define SLOT_BYTES 0x100000u
#define FIRST_SLOT 0x200000u

#define DEBUG_CONTROL REGISTER(0xe000edfcu)
#define TRACE_ON (1u << 24)
#define CYCLE_CONTROL REGISTER(0xe0001000u)
#define CYCLE_COUNT REGISTER(0xe0001004u)

static port_description description;

IN_RAM void uart_handler(void) {
    UART_INTERRUPT_CLEAR = UART_RECEIVED;
    while (UART_STATE & UART_RECEIVED) receive_put((uint8_t)UART_DATA);
}

/* The core's own cycle counter stands still in QEMU, where SysTick follows virtual time and not the core. */
static bool core_counts(void) {
    DEBUG_CONTROL |= TRACE_ON;
    CYCLE_CONTROL |= 1u;
    uint32_t before = CYCLE_COUNT;
    for (volatile int i = 0; i < 10; i++) continue;
    return CYCLE_COUNT != before;
}

void board_start(void) {
    cortex_describe(&description);
    description.board = "mps2-an386";
    description.core = "cortex-m4";
    description.clock_hz = CLOCK_HZ;
    description.counter = core_counts() ? PORT_COUNTER_CORE : PORT_COUNTER_TIMER;
    description.features = PORT_FEATURE_FPU | PORT_FEATURE_DSP | PORT_FEATURE_DIVIDE;
    description.flash_slot_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        port_flash_slot *slot = &description.flash_slots[i];
        slot->address = FIRST_SLOT + i * SLOT_BYTES;
        slot->base = (const uint8_t *)(uintptr_t)slot->address;
        slot->bytes = SLOT_BYTES;
        slot->sector_bytes = 4096;
        slot->writable = true;
    }
    UART_DIVIDER = CLOCK_HZ / BAUD;
    UART_CONTROL = 1u | 2u | 8u; /* send, receive, receive interrupt */
    NVIC_ENABLE = 1u << UART_INTERRUPT;
    cortex_counter_start();
}

void board_idle(void) {
    interrupts_off();
    if (receive_empty()) __asm volatile("wfi");
    interrupts_on();
}

const port_description *port_describe(void) {
    return &description;
}

void port_send(const uint8_t *data, size_t length) {
    for (size_t i = 0; i < length; i++) {
        while (UART_STATE & UART_SEND_FULL) continue;
        UART_DATA = data[i];
    }
}

/* The slots are SRAM on this board. */
bool port_flash_erase(const uint8_t *to) {
    memset((uint8_t *)(uintptr_t)to, 0xff, 4096);
    return true;
}

bool port_flash_program(const uint8_t *to, const uint8_t *page) {
    memcpy((uint8_t *)(uintptr_t)to, page, FLASH_PAGE_BYTES);
    return true;
}

void port_reset(void) {
    while (UART_STATE & UART_SEND_FULL) continue;
    cortex_reset();
}

void board_reset(void) {
    cortex_reset();
}
