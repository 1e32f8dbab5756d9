/*
 * The runtime as a WebAssembly module: one model at a time in linear memory. The host calls twin_reserve() to make room,
 * writes the pack at twin_pack(), opens it, and from then on reads and writes the arena through the addresses given here.
 * Only this file has globals; it is part of the twin, not of the runtime.
 */
#include "shoe.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

extern unsigned char __heap_base;
static shoe_model model;
static uint32_t pack_bytes;

static uintptr_t align_up(uintptr_t address) {
    return (address + 15) & ~(uintptr_t)15;
}

static uintptr_t pack_at(void) {
    return align_up((uintptr_t)&__heap_base);
}

static uintptr_t arena_at(void) {
    return align_up(pack_at() + pack_bytes);
}

static void *arena(void) {
    return (void *)arena_at();
}

/* Largest linear memory: no device that the twin stands for comes near it, and a pack may claim anything. */
#define MEMORY_LIMIT ((uint64_t)1 << 30)

/* Grows linear memory so that it ends at or after `end`; 0 when that is too much, or the host refuses. */
static int grow_to(uint64_t end) {
    const uint64_t page = 65536;
    const uint64_t have = __builtin_wasm_memory_size(0) * page;
    if (end > MEMORY_LIMIT) return 0;
    if (end <= have) return 1;
    return __builtin_wasm_memory_grow(0, (size_t)((end - have + page - 1) / page)) != SIZE_MAX;
}

/* Address for a pack of `bytes` bytes; 0 when there is not enough memory. */
uintptr_t EXPORT(twin_reserve)(uint32_t bytes) {
    pack_bytes = bytes;
    return grow_to((uint64_t)pack_at() + bytes) ? pack_at() : 0;
}

/* Opens what was written there, reserves the arena and decodes resident weights into it. */
int EXPORT(twin_open)(void) {
    const shoe_status status = shoe_open(&model, (const void *)pack_at(), pack_bytes);
    if (status != SHOE_OK) return status;
    if (!grow_to((uint64_t)arena_at() + shoe_arena_bytes(&model))) return SHOE_ERR_ARENA;
    return shoe_load(&model, arena(), shoe_arena_bytes(&model));
}

uint32_t EXPORT(twin_arena_bytes)(void) {
    return shoe_arena_bytes(&model);
}

uintptr_t EXPORT(twin_arena)(void) {
    return arena_at();
}

uint32_t EXPORT(twin_op_count)(void) {
    return shoe_op_count(&model);
}

/* Addresses are 0 for an index past the end. */
uintptr_t EXPORT(twin_input)(uint32_t index) {
    return (uintptr_t)shoe_input(&model, (uint16_t)index, arena(), NULL);
}

uintptr_t EXPORT(twin_output)(uint32_t index) {
    return (uintptr_t)shoe_output(&model, (uint16_t)index, arena(), NULL);
}

uintptr_t EXPORT(twin_tensor)(uint32_t index) {
    return (uintptr_t)shoe_tensor(&model, (uint16_t)index, arena(), NULL);
}

uint32_t EXPORT(twin_tensor_bytes)(uint32_t index) {
    uint32_t bytes;
    (void)shoe_tensor(&model, (uint16_t)index, arena(), &bytes);
    return bytes;
}

int EXPORT(twin_run)(void) {
    return shoe_run(&model, arena(), shoe_arena_bytes(&model));
}

int EXPORT(twin_run_op)(uint32_t op) {
    return shoe_run_op(&model, arena(), (uint16_t)op);
}
