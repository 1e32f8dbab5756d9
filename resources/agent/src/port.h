/* What a board gives to the agent. Each folder in ports/ implements these functions; nothing else of the agent knows the
 * hardware. Functions are called from the main loop only, never from an interrupt. */
#ifndef AGENT_PORT_H
#define AGENT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_FLASH_SLOTS_MAX 3u

/* hello_response.counter */
#define PORT_COUNTER_CORE 0
#define PORT_COUNTER_TIMER 1

/* hello_response.features */
#define PORT_FEATURE_FPU 1u
#define PORT_FEATURE_DSP 2u
#define PORT_FEATURE_MVE 4u
#define PORT_FEATURE_DIVIDE 8u
#define PORT_FEATURE_WASM_SIMD 16u

typedef struct {
    /* Readable in place; starts on an erase sector. */
    const uint8_t *base;
    /* What the host is told: the address on the device's bus. */
    uint32_t address;
    uint32_t bytes;
    uint32_t sector_bytes;
    bool writable;
} port_flash_slot;

typedef struct {
    const char *board;
    const char *core;
    uint32_t clock_hz;
    uint8_t counter;
    uint32_t features;
    uint32_t code_bytes;
    uint32_t static_bytes;
    /* Lowest byte of the stack and its size. */
    uint8_t *stack_limit;
    uint32_t stack_bytes;
    /* RAM left for arena and model, 16-byte aligned. */
    uint8_t *pool;
    uint32_t pool_bytes;
    /* Received bytes the port can hold while the agent is busy. */
    uint16_t receive_bytes;
    uint8_t flash_slot_count;
    port_flash_slot flash_slots[PORT_FLASH_SLOTS_MAX];
} port_description;

/* Valid until the port is reset. */
const port_description *port_describe(void);

/* Next received byte, or -1. */
int port_receive(void);

/* Sends all bytes; may wait for the line. */
void port_send(const uint8_t *data, size_t length);

/* Ticks since start at clock_hz; never goes back. */
uint64_t port_cycles(void);

/* Erases the sector that starts at `to`. Receiving goes on meanwhile. False when the flash refused. */
bool port_flash_erase(const uint8_t *to);

/* Programs FLASH_PAGE_BYTES erased bytes; `to` is a multiple of that. `page` is in RAM. */
#define FLASH_PAGE_BYTES 256u
bool port_flash_program(const uint8_t *to, const uint8_t *page);

/* Restarts the board once all sent bytes are out. Returns where that cannot happen at once. */
void port_reset(void);

#endif
