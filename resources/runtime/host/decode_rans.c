/*
 * Eight states in two vectors. WebAssembly has no gather, so table entries are loaded lane by lane; the rest of a step is done for
 * four states at once. What a state takes in is decided by all four at once too: a shuffle puts the next words into the
 * lanes that need one, in their order.
 */
#include "decode_fast.h"

#include <wasm_simd128.h>

#include "codec_rans.h"

enum { STATES = 8, STEP_BYTES = 16 };

/* symbol << 24 | frequency << 12 | slot - start, by slot */
static uint32_t entries[SHOE_RANS_TOTAL];

/* By which lanes need a word: the shuffle that brings words into their low halves; 0x80 gives zero. */
static uint8_t shuffles[16][16];

static void make_shuffles(void) {
    for (uint32_t need = 0; need < 16; ++need) {
        uint8_t word = 0;
        for (uint32_t lane = 0; lane < 4; ++lane) {
            uint8_t *const to = &shuffles[need][4 * lane];
            const uint32_t here = need >> lane & 1u;
            to[0] = here ? (uint8_t)(2 * word) : 0x80;
            to[1] = here ? (uint8_t)(2 * word + 1) : 0x80;
            to[2] = to[3] = 0x80;
            word = (uint8_t)(word + here);
        }
    }
}

/* 0 when the table is impossible, or one symbol has all the range. */
static int make_entries(const shoe_coded_t *coded) {
    uint16_t frequencies[257];
    shoe_span span;
    uint32_t slot = 0;
    if (shoe_rans_table(coded->table, coded->table_bytes, &span, frequencies) != SHOE_OK) return 0;
    for (uint32_t i = 0; i < span.count; ++i) {
        const uint32_t frequency = frequencies[i];
        const uint32_t symbol = (uint32_t)(uint8_t)(span.first + (int32_t)i);
        if (frequency == SHOE_RANS_TOTAL) return 0;
        for (uint32_t k = 0; k < frequency; ++k) entries[slot++] = symbol << 24 | frequency << 12 | k;
    }
    return 1;
}

static inline v128_t look_up(v128_t x) {
    const v128_t slot = wasm_v128_and(x, wasm_i32x4_const_splat(SHOE_RANS_TOTAL - 1));
    v128_t entry = wasm_v128_load32_zero(&entries[wasm_u32x4_extract_lane(slot, 0)]);
    entry = wasm_v128_load32_lane(&entries[wasm_u32x4_extract_lane(slot, 1)], entry, 1);
    entry = wasm_v128_load32_lane(&entries[wasm_u32x4_extract_lane(slot, 2)], entry, 2);
    return wasm_v128_load32_lane(&entries[wasm_u32x4_extract_lane(slot, 3)], entry, 3);
}

static inline v128_t advance(v128_t x, v128_t entry) {
    const v128_t mask = wasm_i32x4_const_splat(SHOE_RANS_TOTAL - 1);
    const v128_t frequency = wasm_v128_and(wasm_u32x4_shr(entry, SHOE_RANS_BITS), mask);
    const v128_t high = wasm_i32x4_mul(frequency, wasm_u32x4_shr(x, SHOE_RANS_BITS));
    return wasm_i32x4_add(high, wasm_v128_and(entry, mask));
}

/* States are below 2^31, so the comparison may be signed. */
static inline v128_t take_in(v128_t x, const uint8_t **at) {
    const v128_t low = wasm_i32x4_lt(x, wasm_i32x4_const_splat((int32_t)SHOE_RANS_LOW));
    const uint32_t need = wasm_i32x4_bitmask(low);
    const v128_t words = wasm_i8x16_swizzle(wasm_v128_load64_zero(*at), wasm_v128_load(shuffles[need]));
    *at += 2 * __builtin_popcount(need);
    return wasm_v128_bitselect(wasm_v128_or(wasm_i32x4_shl(x, 16), words), x, low);
}

static inline void store_symbols(int8_t *out, v128_t a, v128_t b) {
    const v128_t halves = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, 24), wasm_i32x4_shr(b, 24));
    wasm_v128_store64_lane(out, wasm_i8x16_narrow_i16x8(halves, halves), 0);
}

/* The elements that are left are fewer than a round, or the payload's end is near: one at a time. */
static int finish(const uint8_t *at, const uint8_t *end, uint32_t *x, int8_t *out, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        uint32_t *const state = &x[i % STATES];
        const uint32_t entry = entries[*state & (SHOE_RANS_TOTAL - 1u)];
        *state = (entry >> 12 & 0xfffu) * (*state >> SHOE_RANS_BITS) + (entry & 0xfffu);
        out[i] = (int8_t)(uint8_t)(entry >> 24);
        if (*state >= SHOE_RANS_LOW) continue;
        if (end - at < 2) return 0;
        *state = *state << 16 | (uint32_t)at[0] | (uint32_t)at[1] << 8;
        at += 2;
    }
    return 1;
}

int decode_rans_fast(const shoe_coded_t *coded, int8_t *out) {
    const uint32_t head = 1 + 4 * STATES;
    uint32_t left = coded->rows * coded->row_elements;
    uint32_t x[STATES];
    if (coded->payload_bytes < head || coded->payload[0] != SHOE_RANS_LOG2_STATES_MAX || !make_entries(coded)) return 0;
    if (!shuffles[0][0]) make_shuffles();
    __builtin_memcpy(x, coded->payload + 1, sizeof x);
    for (uint32_t i = 0; i < STATES; ++i)
        if (!shoe_rans_state_is_possible(x[i])) return 0;
    const uint8_t *at = coded->payload + head;
    const uint8_t *const end = coded->payload + coded->payload_bytes;
    v128_t a = wasm_v128_load(x);
    v128_t b = wasm_v128_load(x + 4);
    for (; left >= STATES && end - at >= STEP_BYTES; left -= STATES, out += STATES) {
        const v128_t entry_a = look_up(a);
        const v128_t entry_b = look_up(b);
        store_symbols(out, entry_a, entry_b);
        a = take_in(advance(a, entry_a), &at);
        b = take_in(advance(b, entry_b), &at);
    }
    wasm_v128_store(x, a);
    wasm_v128_store(x + 4, b);
    return finish(at, end, x, out, left);
}
