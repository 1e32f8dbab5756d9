/* The agent as a WebAssembly module. The host puts received bytes in, lets the agent work, and takes sent bytes out; the
 * two flash slots are parts of linear memory that survive agent_init(), as flash survives a reset. */
#include <string.h>

#include "agent.h"
#include "port.h"

#define EXPORT(name) __attribute__((export_name(#name)))

/* Monotonic nanoseconds, from the host. */
__attribute__((import_module("env"), import_name("now_ns"))) uint64_t now_ns(void);

#define WASM_PAGE_BYTES 65536u
#define RECEIVE_BYTES 8192u
#define SEND_BYTES 262144u
/* Room that must be free before a byte is taken: more than any answer but the text protocol's longest listing. */
#define ANSWER_BYTES 131072u
#define SLOT_SECTOR_BYTES 4096u
#define SLOT_BYTES 0x400000u

/* From the linker; the stack lies below the data. */
extern uint8_t __data_end, __heap_base, __global_base;

static port_description description;
static agent self;
static uint8_t received[RECEIVE_BYTES];
static size_t received_length, received_at;
static uint8_t sent[SEND_BYTES];
static size_t sent_length;
static bool reset_wanted;
static uint8_t *slots;

static uint32_t address(const uint8_t *at) {
    return (uint32_t)(uintptr_t)at;
}

/* Grows linear memory; NULL when the host refuses. */
static uint8_t *grow(uint32_t bytes) {
    size_t pages = (bytes + WASM_PAGE_BYTES - 1u) / WASM_PAGE_BYTES;
    size_t before = __builtin_wasm_memory_grow(0, pages);
    return before == SIZE_MAX ? NULL : (uint8_t *)(before * WASM_PAGE_BYTES);
}

static void describe(uint8_t *pool, uint32_t pool_bytes) {
    memset(&description, 0, sizeof description);
    description.board = "twin";
    description.core = "wasm32";
    description.clock_hz = 1000000000u;
    description.counter = PORT_COUNTER_TIMER;
#ifdef __wasm_simd128__
    description.features = PORT_FEATURE_WASM_SIMD;
#endif
    description.static_bytes = address(&__heap_base) - address(&__global_base);
    description.stack_limit = (uint8_t *)(uintptr_t)STACK_LIMIT;
    description.stack_bytes = address(&__global_base) - STACK_LIMIT;
    description.pool = pool;
    description.pool_bytes = pool_bytes & ~15u;
    description.receive_bytes = RECEIVE_BYTES;
    description.flash_slot_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        port_flash_slot *slot = &description.flash_slots[i];
        slot->base = slots + i * SLOT_BYTES;
        slot->address = address(slot->base);
        slot->bytes = SLOT_BYTES;
        slot->sector_bytes = SLOT_SECTOR_BYTES;
        slot->writable = true;
    }
}

static void start(void) {
    received_length = received_at = 0;
    reset_wanted = false;
    agent_start(&self);
}

/* Starts the agent with a pool of that size. 0, or -1 when there is no memory for it. May be called once. */
EXPORT(agent_init) int agent_init(uint32_t pool_bytes) {
    if (slots != NULL) return -1;
    slots = grow(2u * SLOT_BYTES);
    if (slots == NULL) return -1;
    memset(slots, 0xff, 2u * SLOT_BYTES);
    uint8_t *pool = grow(pool_bytes);
    if (pool == NULL) return -1;
    describe(pool, pool_bytes);
    start();
    return 0;
}

/* A place of agent_buffer_bytes() bytes where the host may put what it gives to agent_receive or gets from
 * agent_transmit. */
EXPORT(agent_buffer) uint8_t *agent_buffer(void) {
    static uint8_t buffer[RECEIVE_BYTES];
    return buffer;
}

EXPORT(agent_buffer_bytes) uint32_t agent_buffer_bytes(void) {
    return RECEIVE_BYTES;
}

/* Takes bytes from the line; returns how many, which is fewer when the agent has not yet read those before. */
EXPORT(agent_receive) uint32_t agent_receive(const uint8_t *bytes, uint32_t length) {
    size_t taken = 0;
    if (received_at == received_length) received_at = received_length = 0;
    while (taken < length && received_length < RECEIVE_BYTES) received[received_length++] = bytes[taken++];
    return (uint32_t)taken;
}

/* Works until all received bytes are handled or the sent bytes must be taken first; returns bytes waiting to be taken. */
EXPORT(agent_step) uint32_t agent_step_export(void) {
    while (sent_length <= SEND_BYTES - ANSWER_BYTES && agent_step(&self))
        if (reset_wanted) start();
    return (uint32_t)sent_length;
}

/* Moves up to `length` sent bytes to `bytes`; returns how many. */
EXPORT(agent_transmit) uint32_t agent_transmit(uint8_t *bytes, uint32_t length) {
    size_t taken = sent_length < length ? sent_length : length;
    memcpy(bytes, sent, taken);
    memmove(sent, sent + taken, sent_length - taken);
    sent_length -= taken;
    return (uint32_t)taken;
}

const port_description *port_describe(void) {
    return &description;
}

int port_receive(void) {
    return received_at < received_length ? received[received_at++] : -1;
}

void port_send(const uint8_t *data, size_t length) {
    size_t free_bytes = SEND_BYTES - sent_length;
    size_t taken = length < free_bytes ? length : free_bytes;
    memcpy(sent + sent_length, data, taken);
    sent_length += taken;
}

uint64_t port_cycles(void) {
    return now_ns();
}

bool port_flash_erase(const uint8_t *to) {
    memset((uint8_t *)(uintptr_t)to, 0xff, SLOT_SECTOR_BYTES);
    return true;
}

/* Flash can only clear bits; a page that was not erased shows here as it would on a board. */
bool port_flash_program(const uint8_t *to, const uint8_t *page) {
    uint8_t *cell = (uint8_t *)(uintptr_t)to;
    for (size_t i = 0; i < FLASH_PAGE_BYTES; i++) cell[i] &= page[i];
    return memcmp(cell, page, FLASH_PAGE_BYTES) == 0;
}

void port_reset(void) {
    reset_wanted = true;
}
