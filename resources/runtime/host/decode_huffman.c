/* The next 12 bits look up one symbol, or two where the codes of both are in them. */
#include "codec_levels.h"
#include "decode_fast.h"

enum { MAX_BITS = 12, WINDOWS = 1 << MAX_BITS };

/* By 12 bits: first symbol, second symbol << 8, symbols << 16, bits of both << 20, bits of the first << 24. */
static uint32_t entries[WINDOWS];

/* One symbol an entry; 0 when the codes do not fill the code space exactly. */
static int make_single(const shoe_span *span, const uint8_t *levels) {
    uint32_t window = 0;
    for (uint32_t bits = 1; bits <= MAX_BITS; ++bits)
        for (uint32_t i = 0; i < span->count; ++i) {
            if (levels[i] != bits) continue;
            const uint32_t each = WINDOWS >> bits;
            const uint32_t symbol = (uint32_t)(uint8_t)(span->first + (int32_t)i);
            if (window + each > WINDOWS) return 0;
            for (uint32_t k = 0; k < each; ++k) entries[window++] = symbol | 1u << 16 | bits << 20 | bits << 24;
        }
    return window == WINDOWS;
}

static void add_second(void) {
    static uint32_t single[WINDOWS];
    __builtin_memcpy(single, entries, sizeof single);
    for (uint32_t window = 0; window < WINDOWS; ++window) {
        const uint32_t first = single[window];
        const uint32_t bits = first >> 24;
        const uint32_t second = single[(window << bits) & (WINDOWS - 1u)];
        if (bits + (second >> 24) > MAX_BITS) continue;
        entries[window] = (first & 0xffu) | (second & 0xffu) << 8 | 2u << 16 | (bits + (second >> 24)) << 20 | bits << 24;
    }
}

static int make_entries(const shoe_coded_t *coded) {
    uint8_t levels[256];
    uint32_t mirrored;
    shoe_bits table;
    shoe_span span;
    shoe_bits_begin(&table, coded->table, coded->table_bytes);
    if (shoe_span_read(&table, &span) != SHOE_OK || span.count == 1) return 0;
    if (shoe_levels_read(&table, &span, levels, &mirrored) != SHOE_OK || !make_single(&span, levels)) return 0;
    add_second();
    return 1;
}

/* Codes of up to 12 bits: four look-ups need 48 bits, a load gives at least 57. */
static uint64_t load_bits(const uint8_t *payload, uint64_t position) {
    uint64_t word;
    __builtin_memcpy(&word, payload + (position >> 3), 8);
    return __builtin_bswap64(word) << (position & 7u);
}

int decode_huffman_fast(const shoe_coded_t *coded, int8_t *out) {
    enum { ROUND = 4 };
    const uint64_t bits = (uint64_t)coded->payload_bytes * 8;
    uint32_t left = coded->rows * coded->row_elements;
    uint64_t position = 0;
    if (!make_entries(coded)) return 0;
    while (left >= 2 * ROUND && (position >> 3) + 8 <= coded->payload_bytes) {
        uint64_t window = load_bits(coded->payload, position);
        for (uint32_t k = 0; k < ROUND; ++k) {
            const uint32_t entry = entries[window >> (64 - MAX_BITS)];
            const uint16_t symbols = (uint16_t)entry;
            const uint32_t count = entry >> 16 & 15u;
            const uint32_t used = entry >> 20 & 15u;
            __builtin_memcpy(out, &symbols, 2);
            out += count;
            left -= count;
            window <<= used;
            position += used;
        }
    }
    for (; left; --left) {
        uint32_t window = 0;
        for (uint32_t k = 0; k < 3; ++k) {
            const uint64_t at = (position >> 3) + k;
            window = window << 8 | (at < coded->payload_bytes ? coded->payload[at] : 0u);
        }
        const uint32_t entry = entries[window >> (12 - (position & 7u)) & (WINDOWS - 1u)];
        position += entry >> 24;
        if (position > bits) return 0;
        *out++ = (int8_t)(uint8_t)entry;
    }
    return 1;
}
