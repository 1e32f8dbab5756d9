/*
 * Any bytes into shoe_open, and what it accepts through every operator, in memory whose ends AddressSanitizer guards.
 * Built with -fsanitize=fuzzer it is a libFuzzer target; with -DREPLAY it runs the files named on the command line and
 * prints, for each, the status and the CRC of the outputs, so that they can be compared with the twin's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shoe.h"

enum { HEADER_BYTES = 88, SECTION_AT = 12, SECTIONS = 6 };

/* Bounds the time of one input, not what is checked: pooling over a large arena takes long. */
enum { ARENA_LIMIT = 1 << 13 };

static uint32_t get_u32(const uint8_t *at) {
    return (uint32_t)at[0] | ((uint32_t)at[1] << 8) | ((uint32_t)at[2] << 16) | ((uint32_t)at[3] << 24);
}

static void put_u32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; ++i) at[i] = (uint8_t)(value >> (8 * i));
}

/* Makes the checksums right, which a fuzzer would hardly ever guess. */
static void reseal(uint8_t *pack, size_t size) {
    if (size < HEADER_BYTES) return;
    for (size_t i = 0; i < SECTIONS; ++i) {
        uint8_t *entry = pack + SECTION_AT + i * 12;
        const uint64_t offset = get_u32(entry);
        const uint64_t length = get_u32(entry + 4);
        if (offset + length <= size) put_u32(entry + 8, shoe_crc32(0, pack + offset, (size_t)length));
    }
    put_u32(pack + HEADER_BYTES - 4, shoe_crc32(0, pack, HEADER_BYTES - 4));
}

/* Inputs are a fixed pattern: byte i of input n is 37 i + 11 n. */
static void fill_inputs(const shoe_model *model, void *arena) {
    for (uint16_t n = 0; n < shoe_input_count(model); ++n) {
        uint32_t bytes;
        int8_t *input = shoe_input(model, n, arena, &bytes);
        for (uint32_t i = 0; i < bytes; ++i) input[i] = (int8_t)(uint8_t)(37 * i + 11u * n);
    }
}

static uint32_t output_crc(const shoe_model *model, const void *arena) {
    uint32_t crc = 0;
    for (uint16_t n = 0; n < shoe_output_count(model); ++n) {
        uint32_t bytes;
        const int8_t *output = shoe_output(model, n, arena, &bytes);
        crc = shoe_crc32(crc, output, bytes);
    }
    return crc;
}

/* Status of opening; on success also runs, and gives the CRC of the outputs. */
static int open_and_run(const uint8_t *pack, size_t size, uint32_t arena_limit, uint32_t *crc) {
    shoe_model model;
    const shoe_status status = shoe_open(&model, pack, size);
    if (status != SHOE_OK) return status;
    const uint32_t bytes = shoe_arena_bytes(&model);
    if (bytes > arena_limit) return SHOE_ERR_ARENA;
    uint8_t *arena = malloc(bytes ? bytes : 1);
    if (!arena) abort();
    memset(arena, 0xa5, bytes ? bytes : 1);
    shoe_status run = shoe_load(&model, arena, bytes);
    if (run == SHOE_OK) {
        fill_inputs(&model, arena);
        run = shoe_run(&model, arena, bytes);
    }
    /* Damaged weights are the only thing that is found after opening. */
    if (run != SHOE_OK && run != SHOE_ERR_DECODE) abort();
    *crc = run == SHOE_OK ? output_crc(&model, arena) : 0;
    free(arena);
    return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t crc;
    uint8_t *pack = calloc(1, size ? size : 1); /* exactly as long: reading past the end is found */
    if (!pack) abort();
    if (size) memcpy(pack, data, size);
    (void)open_and_run(pack, size, ARENA_LIMIT, &crc);
    reseal(pack, size);
    (void)open_and_run(pack, size, ARENA_LIMIT, &crc);
    free(pack);
    return 0;
}

#ifdef REPLAY
static void replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(2);
    (void)fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    uint8_t *pack = malloc(size ? size : 1);
    if (!pack || fread(pack, 1, size, file) != size) exit(2);
    (void)fclose(file);
    uint32_t crc = 0;
    const int status = open_and_run(pack, size, 1u << 20, &crc);
    printf("%d %08x\n", status, (unsigned)crc);
    free(pack);
}

int main(int count, char **paths) {
    for (int i = 1; i < count; ++i) replay(paths[i]);
    return 0;
}
#endif
