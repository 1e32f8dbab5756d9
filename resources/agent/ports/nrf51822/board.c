/* nRF51822 at 16 MHz: BBC micro:bit v1, and QEMU's microbit. UART0 on P0.24 (transmit) and P0.25 (receive), which the
 * board's USB chip shows as a serial port, 115200 8N1. Addresses and bits: nRF51 Series Reference Manual 3.0. */
#include "cortex-m.h"

#define CLOCK_START REGISTER(0x40000000u)
#define CLOCK_STARTED REGISTER(0x40000100u)

#define UART 0x40002000u
#define UART_START_RECEIVE REGISTER(UART)
#define UART_START_SEND REGISTER(UART + 0x008u)
#define UART_RECEIVED REGISTER(UART + 0x108u)
#define UART_SENT REGISTER(UART + 0x11cu)
#define UART_INTERRUPTS_ON REGISTER(UART + 0x304u)
#define UART_ENABLE REGISTER(UART + 0x500u)
#define UART_SEND_PIN REGISTER(UART + 0x50cu)
#define UART_RECEIVE_PIN REGISTER(UART + 0x514u)
#define UART_RECEIVE_DATA REGISTER(UART + 0x518u)
#define UART_SEND_DATA REGISTER(UART + 0x51cu)
#define UART_BAUD REGISTER(UART + 0x524u)
#define INTERRUPT_RECEIVED (1u << 2)
#define BAUD_115200 0x01d7e000u

#define PIN_SET REGISTER(0x50000508u)
#define PIN_IS_OUTPUT REGISTER(0x50000518u)
#define PIN_CONFIG(pin) REGISTER(0x50000700u + 4u * (pin))
#define PIN_PULLED_UP (3u << 2)
#define SEND_PIN 24u
#define RECEIVE_PIN 25u

#define TIMER 0x40008000u
#define TIMER_START REGISTER(TIMER)
#define TIMER_CLEAR REGISTER(TIMER + 0x00cu)
#define TIMER_CAPTURE(index) REGISTER(TIMER + 0x040u + 4u * (index))
#define TIMER_COMPARED(index) REGISTER(TIMER + 0x140u + 4u * (index))
#define TIMER_INTERRUPTS_ON REGISTER(TIMER + 0x304u)
#define TIMER_BIT_MODE REGISTER(TIMER + 0x508u)
#define TIMER_PRESCALER REGISTER(TIMER + 0x510u)
#define TIMER_VALUE(index) REGISTER(TIMER + 0x540u + 4u * (index))
#define BIT_MODE_32 3u
#define COMPARE_INTERRUPT(index) (1u << (16u + (index)))
#define CAPTURE 3u

#define FLASH_READY REGISTER(0x4001e400u)
#define FLASH_MODE REGISTER(0x4001e504u)
#define FLASH_ERASE_PAGE REGISTER(0x4001e508u)
#define FLASH_READS 0u
#define FLASH_WRITES 1u
#define FLASH_ERASES 2u

#define CLOCK_HZ 16000000u
#define ERASE_BYTES 1024u
#define SLOT 0x18000u
#define SLOT_BYTES 0x28000u

static port_description description;

/* The event is cleared before the byte is read: the next byte of the FIFO raises it again. */
void uart_handler(void) {
    while (UART_RECEIVED) {
        UART_RECEIVED = 0;
        receive_put((uint8_t)UART_RECEIVE_DATA);
    }
}

/* The core has no SysTick, so ticks are TIMER0's at 16 MHz, which are core cycles. Its 32 bits wrap after 268 s; the wrap is
 * seen as a value below the one before, so it has to be read more often than that: twice a round by interrupt. */
static uint32_t last_value;
static uint32_t wraps;

static uint64_t read_counter(void) {
    TIMER_CAPTURE(CAPTURE) = 1;
    uint32_t value = TIMER_VALUE(CAPTURE);
    if (value < last_value) wraps++;
    last_value = value;
    return (uint64_t)wraps << 32 | value;
}

void counter_handler(void) {
    TIMER_COMPARED(0) = 0;
    TIMER_COMPARED(1) = 0;
    (void)read_counter();
}

uint64_t port_cycles(void) {
    interrupts_off();
    uint64_t cycles = read_counter();
    interrupts_on();
    return cycles;
}

static void start_counter(void) {
    TIMER_BIT_MODE = BIT_MODE_32;
    TIMER_PRESCALER = 0;
    TIMER_VALUE(0) = 0x40000000u;
    TIMER_VALUE(1) = 0xc0000000u;
    TIMER_INTERRUPTS_ON = COMPARE_INTERRUPT(0) | COMPARE_INTERRUPT(1);
    TIMER_CLEAR = 1;
    TIMER_START = 1;
    NVIC_ENABLE = 1u << COUNTER_INTERRUPT;
}

static void start_uart(void) {
    PIN_SET = 1u << SEND_PIN;
    PIN_IS_OUTPUT = 1u << SEND_PIN;
    PIN_CONFIG(RECEIVE_PIN) = PIN_PULLED_UP;
    UART_SEND_PIN = SEND_PIN;
    UART_RECEIVE_PIN = RECEIVE_PIN;
    UART_BAUD = BAUD_115200;
    UART_ENABLE = 4;
    UART_RECEIVED = 0;
    UART_INTERRUPTS_ON = INTERRUPT_RECEIVED;
    NVIC_ENABLE = 1u << UART_INTERRUPT;
    UART_START_SEND = 1;
    UART_START_RECEIVE = 1;
}

void board_start(void) {
    CLOCK_STARTED = 0;
    CLOCK_START = 1;
    /* The crystal takes about 1 ms; without it the internal oscillator would be too far off for the UART. */
    while (!CLOCK_STARTED) continue;
    cortex_describe(&description);
    description.board = "microbit";
    description.core = "cortex-m0";
    description.clock_hz = CLOCK_HZ;
    description.counter = PORT_COUNTER_TIMER;
    description.features = 0;
    description.flash_slot_count = 1;
    port_flash_slot *slot = &description.flash_slots[0];
    slot->address = SLOT;
    slot->base = (const uint8_t *)(uintptr_t)SLOT;
    slot->bytes = SLOT_BYTES;
    /* The core stands still while a page is erased (22 ms) and would lose bytes, so all are erased before the first chunk
     * is asked for. A word is written in 46 us, less than a byte on the line takes. */
    slot->sector_bytes = SLOT_BYTES;
    slot->writable = true;
    start_uart();
    start_counter();
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
        UART_SENT = 0;
        UART_SEND_DATA = data[i];
        while (!UART_SENT) continue;
    }
}

static void flash_wait(void) {
    while (!FLASH_READY) continue;
}

static bool is_blank(uint32_t page) {
    const volatile uint32_t *words = (const volatile uint32_t *)(uintptr_t)page;
    for (uint32_t i = 0; i < ERASE_BYTES / 4u; i++)
        if (words[i] != UINT32_MAX) return false;
    return true;
}

/* Blank pages are left as they are: that saves most of the time and the wear. */
bool port_flash_erase(const uint8_t *to) {
    uint32_t start = (uint32_t)(uintptr_t)to;
    FLASH_MODE = FLASH_ERASES;
    flash_wait();
    for (uint32_t page = start; page < start + SLOT_BYTES; page += ERASE_BYTES) {
        if (is_blank(page)) continue;
        FLASH_ERASE_PAGE = page;
        flash_wait();
    }
    FLASH_MODE = FLASH_READS;
    flash_wait();
    return is_blank(start);
}

bool port_flash_program(const uint8_t *to, const uint8_t *page) {
    volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)to;
    FLASH_MODE = FLASH_WRITES;
    flash_wait();
    for (uint32_t i = 0; i < FLASH_PAGE_BYTES; i += 4) {
        *word++ = (uint32_t)page[i] | (uint32_t)page[i + 1] << 8 | (uint32_t)page[i + 2] << 16 |
                  (uint32_t)page[i + 3] << 24;
        flash_wait();
    }
    FLASH_MODE = FLASH_READS;
    flash_wait();
    for (uint32_t i = 0; i < FLASH_PAGE_BYTES; i++)
        if (to[i] != page[i]) return false;
    return true;
}

/* port_send waits until each byte is out. */
void port_reset(void) {
    cortex_reset();
}

void board_reset(void) {
    cortex_reset();
}
