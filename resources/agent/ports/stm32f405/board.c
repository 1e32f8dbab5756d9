/* STM32F405 at 168 MHz: Netduino Plus 2, and QEMU's netduinoplus2. USART1 on PA9 and PA10, 115200 8N1. */
#include "cortex-m.h"

#define RCC_CONTROL REGISTER(0x40023800u)
#define RCC_PLL REGISTER(0x40023804u)
#define RCC_CONFIG REGISTER(0x40023808u)
#define RCC_AHB1 REGISTER(0x40023830u)
#define RCC_APB2 REGISTER(0x40023844u)
#define HSI_READY (1u << 1)
#define HSE_ON (1u << 16)
#define HSE_READY (1u << 17)
#define PLL_ON (1u << 24)
#define PLL_READY (1u << 25)
#define PLL_FROM_HSE (1u << 22)
#define CLOCK_IS_PLL (2u << 2)

#define FLASH_ACCESS REGISTER(0x40023c00u)
#define FLASH_KEY REGISTER(0x40023c04u)
#define FLASH_STATUS REGISTER(0x40023c0cu)
#define FLASH_CONTROL REGISTER(0x40023c10u)
#define FLASH_DATA_CACHE (1u << 10)
#define FLASH_DATA_CACHE_CLEAR (1u << 12)
#define FLASH_ERRORS 0xf2u
#define FLASH_BUSY (1u << 16)
#define FLASH_PROGRAM 1u
#define FLASH_SECTOR_ERASE 2u
#define FLASH_BY_WORDS (2u << 8)
#define FLASH_START (1u << 16)
#define FLASH_LOCK (1u << 31)

#define GPIOA_MODE REGISTER(0x40020000u)
#define GPIOA_PULL REGISTER(0x4002000cu)
#define GPIOA_FUNCTION_HIGH REGISTER(0x40020024u)

#define UART_STATUS REGISTER(0x40011000u)
#define UART_DATA REGISTER(0x40011004u)
#define UART_BAUD REGISTER(0x40011008u)
#define UART_CONTROL REGISTER(0x4001100cu)
#define UART_RECEIVED (1u << 5)
#define UART_OVERRUN (1u << 3)
#define UART_SENT (1u << 6)
#define UART_SEND_EMPTY (1u << 7)

#define NVIC_ENABLE_HIGH REGISTER(0xe000e104u)

#define PLL_HZ 168000000u
#define BAUD 115200u
#define HSI_HZ 16000000u
/* Turns of a waiting loop: some milliseconds at 16 MHz, more than the crystal or the PLL need. */
#define CLOCK_PATIENCE 200000u

/* Sectors 5 to 11 are of equal size, RM0090, table 5: three for the first slot, four for the second. */
#define FIRST_SLOT 0x08020000u
#define SECTOR_BYTES 0x20000u
#define FIRST_SECTOR 5u
#define SLOTS 2u

static const uint8_t slot_sectors[SLOTS] = {3, 4};

static port_description description;

IN_RAM void uart_handler(void) {
    while (UART_STATUS & (UART_RECEIVED | UART_OVERRUN)) receive_put((uint8_t)UART_DATA);
}

static bool wait_for(volatile uint32_t *at, uint32_t bits, uint32_t value) {
    for (uint32_t i = 0; i < CLOCK_PATIENCE; i++)
        if ((*at & bits) == value) return true;
    return false;
}

/* 168 MHz from the crystal, or from the internal oscillator when there is none: source / M = 1 MHz, x 336, / 2.
 * Returns the clock that runs. */
static uint32_t start_clocks(void) {
    RCC_CONTROL |= HSE_ON;
    bool crystal = wait_for(&RCC_CONTROL, HSE_READY, HSE_READY);
    uint32_t divider = (crystal ? HSE_HZ : HSI_HZ) / 1000000u;
    RCC_PLL = divider | 336u << 6 | (crystal ? PLL_FROM_HSE : 0u) | 7u << 24;
    RCC_CONTROL |= PLL_ON;
    if (!wait_for(&RCC_CONTROL, PLL_READY, PLL_READY)) return HSI_HZ;
    FLASH_ACCESS = 5u | 7u << 8; /* 5 wait states; prefetch, instruction and data cache */
    RCC_CONFIG = 5u << 10 | 4u << 13; /* APB1 / 4, APB2 / 2 */
    RCC_CONFIG |= 2u;
    return wait_for(&RCC_CONFIG, 3u << 2, CLOCK_IS_PLL) ? PLL_HZ : HSI_HZ;
}

/* QEMU has no clock tree: even the internal oscillator is not ready there, and SysTick runs at 168 MHz of virtual time. */
static bool emulated(void) {
    return (RCC_CONTROL & HSI_READY) == 0;
}

/* The controller locks itself when told to; memory that only reads as 0 does not. */
static bool flash_answers(void) {
    FLASH_CONTROL = FLASH_LOCK;
    return (FLASH_CONTROL & FLASH_LOCK) != 0;
}

static void start_uart(uint32_t bus_hz) {
    RCC_AHB1 |= 1u;
    RCC_APB2 |= 1u << 4;
    GPIOA_FUNCTION_HIGH = (GPIOA_FUNCTION_HIGH & ~0xff0u) | 0x770u;
    GPIOA_PULL = (GPIOA_PULL & ~(3u << 20)) | 1u << 20;
    GPIOA_MODE = (GPIOA_MODE & ~(0xfu << 18)) | 0xau << 18;
    UART_BAUD = (bus_hz + BAUD / 2u) / BAUD;
    UART_CONTROL = 1u << 13 | 1u << 5 | 1u << 3 | 1u << 2; /* on, receive interrupt, send, receive */
    NVIC_ENABLE_HIGH = 1u << (UART_INTERRUPT - 32u);
}

void board_start(void) {
    bool simulated = emulated();
    uint32_t clock_hz = simulated ? PLL_HZ : start_clocks();
    cortex_describe(&description);
    description.board = "netduinoplus2";
    description.core = "cortex-m4";
    description.clock_hz = clock_hz;
    description.counter = simulated ? PORT_COUNTER_TIMER : PORT_COUNTER_CORE;
    description.features = PORT_FEATURE_FPU | PORT_FEATURE_DSP | PORT_FEATURE_DIVIDE;
    description.flash_slot_count = SLOTS;
    bool writable = flash_answers();
    uint32_t address = FIRST_SLOT;
    for (uint32_t i = 0; i < SLOTS; i++) {
        port_flash_slot *slot = &description.flash_slots[i];
        slot->address = address;
        slot->base = (const uint8_t *)(uintptr_t)address;
        slot->bytes = slot_sectors[i] * SECTOR_BYTES;
        address += slot->bytes;
        slot->sector_bytes = SECTOR_BYTES;
        slot->writable = writable;
    }
    start_uart(clock_hz == PLL_HZ ? clock_hz / 2u : clock_hz);
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
        while (!(UART_STATUS & UART_SEND_EMPTY)) continue;
        UART_DATA = data[i];
    }
}

static IN_RAM bool flash_wait(void) {
    while (FLASH_STATUS & FLASH_BUSY) continue;
    uint32_t errors = FLASH_STATUS & FLASH_ERRORS;
    FLASH_STATUS = errors;
    return errors == 0;
}

static IN_RAM void flash_unlock(void) {
    if (!(FLASH_CONTROL & FLASH_LOCK)) return;
    FLASH_KEY = 0x45670123u;
    FLASH_KEY = 0xcdef89abu;
}

/* The data cache does not follow what is erased or programmed (RM0090, 3.5.4); it is cleared while it is off. */
static IN_RAM void flash_lock(void) {
    FLASH_CONTROL = FLASH_LOCK;
    FLASH_ACCESS &= ~FLASH_DATA_CACHE;
    FLASH_ACCESS |= FLASH_DATA_CACHE_CLEAR;
    FLASH_ACCESS &= ~FLASH_DATA_CACHE_CLEAR;
    FLASH_ACCESS |= FLASH_DATA_CACHE;
}

/* Runs from RAM with its interrupts: fetching from flash would stop the core for the second an erase takes. */
IN_RAM bool port_flash_erase(const uint8_t *to) {
    uint32_t sector = FIRST_SECTOR + ((uint32_t)(uintptr_t)to - FIRST_SLOT) / SECTOR_BYTES;
    (void)flash_wait();
    flash_unlock();
    FLASH_CONTROL = FLASH_BY_WORDS | FLASH_SECTOR_ERASE | sector << 3;
    FLASH_CONTROL |= FLASH_START;
    bool done = flash_wait();
    flash_lock();
    return done;
}

IN_RAM bool port_flash_program(const uint8_t *to, const uint8_t *page) {
    volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)to;
    bool done = flash_wait();
    flash_unlock();
    FLASH_CONTROL = FLASH_BY_WORDS | FLASH_PROGRAM;
    for (uint32_t i = 0; done && i < FLASH_PAGE_BYTES; i += 4) {
        *word++ = (uint32_t)page[i] | (uint32_t)page[i + 1] << 8 | (uint32_t)page[i + 2] << 16 |
                  (uint32_t)page[i + 3] << 24;
        done = flash_wait();
    }
    flash_lock();
    return done;
}

void port_reset(void) {
    while (!(UART_STATUS & UART_SENT)) continue;
    cortex_reset();
}

void board_reset(void) {
    cortex_reset();
}
