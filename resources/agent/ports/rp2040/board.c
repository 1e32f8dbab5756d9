/* Raspberry Pi Pico: RP2040 at 125 MHz from a crystal of 12 MHz, UART0 on GP0 and GP1 at 115200 8N1, flash through the
 * boot ROM. Addresses and bits: RP2040 datasheet. */
#include "cortex-m.h"

/* Writing at these distances from a register sets or clears the bits given (datasheet 2.1.2). */
#define SET_BITS 0x2000u
#define CLEAR_BITS 0x3000u

#define RESETS 0x4000c000u
#define RESETS_DONE REGISTER(RESETS + 8u)
#define RESET_IO (1u << 5)
#define RESET_PADS (1u << 8)
#define RESET_PLL_SYS (1u << 12)
#define RESET_UART0 (1u << 22)

#define CLOCKS 0x40008000u
#define CLOCK_REF_CONTROL (CLOCKS + 0x30u)
#define CLOCK_REF_DIVIDER REGISTER(CLOCKS + 0x34u)
#define CLOCK_REF_SELECTED REGISTER(CLOCKS + 0x38u)
#define CLOCK_SYS_CONTROL (CLOCKS + 0x3cu)
#define CLOCK_SYS_DIVIDER REGISTER(CLOCKS + 0x40u)
#define CLOCK_SYS_SELECTED REGISTER(CLOCKS + 0x44u)
#define CLOCK_PERI_CONTROL REGISTER(CLOCKS + 0x48u)
#define CLOCK_RESUS_CONTROL REGISTER(CLOCKS + 0x78u)

#define CRYSTAL_CONTROL REGISTER(0x40024000u)
#define CRYSTAL_STATUS REGISTER(0x40024004u)
#define CRYSTAL_STARTUP REGISTER(0x4002400cu)
#define CRYSTAL_STABLE (1u << 31)

#define PLL 0x40028000u
#define PLL_CONTROL REGISTER(PLL)
#define PLL_POWER (PLL + 4u)
#define PLL_FEEDBACK REGISTER(PLL + 8u)
#define PLL_DIVIDERS REGISTER(PLL + 12u)
#define PLL_LOCKED (1u << 31)

#define PIN_FUNCTION(pin) REGISTER(0x40014004u + 8u * (pin))
#define PIN_IS_UART 2u
/* Pad of GP1: as after reset, but pulled up, so that an open line is an idle one. */
#define RECEIVE_PAD REGISTER(0x4001c008u)
#define PAD_PULLED_UP 0x5au

#define UART_DATA REGISTER(0x40034000u)
#define UART_FLAGS REGISTER(0x40034018u)
#define UART_DIVIDER REGISTER(0x40034024u)
#define UART_FRACTION REGISTER(0x40034028u)
#define UART_LINE REGISTER(0x4003402cu)
#define UART_CONTROL REGISTER(0x40034030u)
#define UART_INTERRUPTS REGISTER(0x40034038u)
#define UART_BUSY (1u << 3)
#define UART_RECEIVE_EMPTY (1u << 4)
#define UART_SEND_FULL (1u << 5)

#define POWER_WATCHDOG_SELECT REGISTER(0x40010008u)
#define WATCHDOG 0x40058000u
#define WATCHDOG_TRIGGER (1u << 31)

#define SSI REGISTER(0x18000000u)
#define SSI_LENGTH REGISTER(0x18000004u)
#define SSI_ENABLE REGISTER(0x18000008u)
#define SSI_DIVIDER REGISTER(0x18000014u)
#define SSI_SPI REGISTER(0x180000f4u)

#define CLOCK_HZ 125000000u
#define BAUD 115200u
#define FLASH_BASE 0x10000000u
#define FIRST_SLOT 0x10080000u
#define SLOT_BYTES 0xc0000u
#define SECTOR_BYTES 4096u
#define ERASE_BLOCK_BYTES 0x10000u
#define ERASE_BLOCK_COMMAND 0xd8u

static port_description description;

/* Functions of the boot ROM, found by their two letters (datasheet 2.8.3). */
static struct {
    void (*connect)(void);
    void (*exit_xip)(void);
    void (*erase)(uint32_t offset, size_t count, uint32_t block_bytes, uint8_t block_command);
    void (*program)(uint32_t offset, const uint8_t *data, size_t count);
    void (*flush_cache)(void);
    void (*enter_xip)(void);
} rom;

typedef void rom_function(void);
typedef rom_function *rom_lookup(const uint16_t *table, uint32_t code);

static uint16_t rom_word(uint32_t address) {
    return *(volatile const uint16_t *)(uintptr_t)address;
}

static rom_function *rom_find(char first, char second) {
    rom_lookup *lookup = (rom_lookup *)(uintptr_t)rom_word(0x18);
    return lookup((const uint16_t *)(uintptr_t)rom_word(0x14), (uint32_t)first | (uint32_t)second << 8);
}

static bool find_rom(void) {
    rom.connect = rom_find('I', 'F');
    rom.exit_xip = rom_find('E', 'X');
    rom.erase = (void (*)(uint32_t, size_t, uint32_t, uint8_t))rom_find('R', 'E');
    rom.program = (void (*)(uint32_t, const uint8_t *, size_t))rom_find('R', 'P');
    rom.flush_cache = rom_find('F', 'C');
    rom.enter_xip = rom_find('C', 'X');
    return rom.connect && rom.exit_xip && rom.erase && rom.program && rom.flush_cache && rom.enter_xip;
}

IN_RAM void uart_handler(void) {
    while (!(UART_FLAGS & UART_RECEIVE_EMPTY)) receive_put((uint8_t)UART_DATA);
}

static void unreset(uint32_t blocks) {
    REGISTER(RESETS + CLEAR_BITS) = blocks;
    while ((RESETS_DONE & blocks) != blocks) continue;
}

/* 12 MHz x 125 = 1500 MHz, / 6 / 2 = 125 MHz. */
static void start_pll(void) {
    REGISTER(RESETS + SET_BITS) = RESET_PLL_SYS;
    unreset(RESET_PLL_SYS);
    PLL_CONTROL = 1;
    PLL_FEEDBACK = 125;
    REGISTER(PLL_POWER + CLEAR_BITS) = 1u | 1u << 5; /* main and oscillator on */
    while (!(PLL_CONTROL & PLL_LOCKED)) continue;
    PLL_DIVIDERS = 6u << 16 | 2u << 12;
    REGISTER(PLL_POWER + CLEAR_BITS) = 1u << 3; /* dividers on */
}

static void start_clocks(void) {
    CLOCK_RESUS_CONTROL = 0;
    CRYSTAL_CONTROL = 0xaa0u;
    CRYSTAL_STARTUP = 47; /* x 256 / 12 MHz = 1 ms */
    CRYSTAL_CONTROL = 0xfabu << 12 | 0xaa0u;
    while (!(CRYSTAL_STATUS & CRYSTAL_STABLE)) continue;
    /* Away from the PLL while it changes, should it run already. */
    REGISTER(CLOCK_SYS_CONTROL + CLEAR_BITS) = 1u;
    while (CLOCK_SYS_SELECTED != 1u) continue;
    start_pll();
    CLOCK_REF_DIVIDER = 1u << 8;
    REGISTER(CLOCK_REF_CONTROL) = 2u; /* crystal */
    while (CLOCK_REF_SELECTED != 1u << 2) continue;
    CLOCK_SYS_DIVIDER = 1u << 8;
    REGISTER(CLOCK_SYS_CONTROL + CLEAR_BITS) = 7u << 5; /* the other source is the PLL */
    REGISTER(CLOCK_SYS_CONTROL + SET_BITS) = 1u;
    while (CLOCK_SYS_SELECTED != 1u << 1) continue;
    CLOCK_PERI_CONTROL = 1u << 11; /* on, from the system clock */
}

static void start_uart(void) {
    unreset(RESET_IO | RESET_PADS | RESET_UART0);
    RECEIVE_PAD = PAD_PULLED_UP;
    PIN_FUNCTION(0) = PIN_IS_UART;
    PIN_FUNCTION(1) = PIN_IS_UART;
    /* Divider in 64ths. */
    uint32_t divider = (CLOCK_HZ * 4u + BAUD / 2u) / BAUD;
    UART_DIVIDER = divider >> 6;
    UART_FRACTION = divider & 63u;
    UART_LINE = 3u << 5 | 1u << 4; /* 8 bits, FIFOs */
    UART_CONTROL = 1u | 1u << 8 | 1u << 9;
    UART_INTERRUPTS = 1u << 4 | 1u << 6; /* receive, receive time-out */
    NVIC_ENABLE = 1u << UART_INTERRUPT;
}

void board_start(void) {
    start_clocks();
    cortex_describe(&description);
    description.board = "pico";
    description.core = "cortex-m0plus";
    description.clock_hz = CLOCK_HZ;
    description.counter = PORT_COUNTER_CORE;
    description.features = 0;
    description.flash_slot_count = 2;
    bool writable = find_rom();
    for (uint32_t i = 0; i < 2; i++) {
        port_flash_slot *slot = &description.flash_slots[i];
        slot->address = FIRST_SLOT + i * SLOT_BYTES;
        slot->base = (const uint8_t *)(uintptr_t)slot->address;
        slot->bytes = SLOT_BYTES;
        slot->sector_bytes = SECTOR_BYTES;
        slot->writable = writable;
    }
    start_uart();
    cortex_counter_start();
}

/* An interrupt between the check and WFE sets the event, so that WFE does not sleep. */
void board_idle(void) {
    if (receive_empty()) __asm volatile("wfe");
}

const port_description *port_describe(void) {
    return &description;
}

void port_send(const uint8_t *data, size_t length) {
    for (size_t i = 0; i < length; i++) {
        while (UART_FLAGS & UART_SEND_FULL) continue;
        UART_DATA = data[i];
    }
}

/* Between these two flash cannot be read: everything that runs, interrupts included, is in RAM or in the ROM. */
static IN_RAM void flash_open(void) {
    rom.connect();
    rom.exit_xip();
}

static IN_RAM void flash_close(void) {
    rom.flush_cache();
    rom.enter_xip();
    /* As boot2 set it: the ROM's own setting reads more slowly. */
    SSI_ENABLE = 0;
    SSI_DIVIDER = 4;
    SSI = 31u << 16 | 3u << 8;
    SSI_LENGTH = 0;
    SSI_SPI = 0x03u << 24 | 2u << 8 | 6u << 2;
    SSI_ENABLE = 1;
}

IN_RAM bool port_flash_erase(const uint8_t *to) {
    flash_open();
    rom.erase((uint32_t)(uintptr_t)to - FLASH_BASE, SECTOR_BYTES, ERASE_BLOCK_BYTES, ERASE_BLOCK_COMMAND);
    flash_close();
    return true;
}

IN_RAM bool port_flash_program(const uint8_t *to, const uint8_t *page) {
    flash_open();
    rom.program((uint32_t)(uintptr_t)to - FLASH_BASE, page, FLASH_PAGE_BYTES);
    flash_close();
    for (uint32_t i = 0; i < FLASH_PAGE_BYTES; i++)
        if (to[i] != page[i]) return false;
    return true;
}

void port_reset(void) {
    while (UART_FLAGS & UART_BUSY) continue;
    board_reset();
}

/* The watchdog resets the whole chip but the oscillators; the core's own reset request would leave the peripherals. */
IN_RAM void board_reset(void) {
    POWER_WATCHDOG_SELECT = 0x1fffcu;
    REGISTER(WATCHDOG + SET_BITS) = WATCHDOG_TRIGGER;
    for (;;) continue;
}
