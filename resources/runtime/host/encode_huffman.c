/*
 * Code lengths by package-merge: optimal among all codes of at most 12 bits. A mirrored code treats v and -v as one symbol that
 * one more bit tells apart, which is the best code with equal lengths for both.
 */
#include "encode.h"
#include "levels.h"
#include "statistics.h"

enum { MAX_BITS = 12, MOST = 2 * 256 };

typedef struct {
    uint32_t count;
    uint32_t symbol; /* index of the histogram */
} leaf;

/* Leaves ascending by count, then by symbol, so that the result does not depend on the sort. */
static uint32_t sorted_leaves(leaf *leaves, const uint32_t *counts) {
    uint32_t n = 0;
    for (uint32_t s = 0; s < 256; ++s) {
        if (counts[s] == 0) continue;
        uint32_t at = n++;
        for (; at > 0 && leaves[at - 1].count > counts[s]; --at) leaves[at] = leaves[at - 1];
        leaves[at] = (leaf){counts[s], s};
    }
    return n;
}

/* One round: leaves merged with pairs of the round before. is_leaf[i] says what item i is. Returns how many items there are. */
static uint32_t merge_round(const leaf *leaves, uint32_t n, const uint64_t *before, uint32_t before_count, uint64_t *items,
                            uint8_t *is_leaf) {
    uint32_t taken = 0, pair = 0, count = 0;
    while (taken < n || pair + 1 < before_count) {
        const int pairs_left = pair + 1 < before_count;
        const uint64_t weight = pairs_left ? before[pair] + before[pair + 1] : 0;
        const int leaf_next = taken < n && (!pairs_left || leaves[taken].count <= weight);
        items[count] = leaf_next ? leaves[taken].count : weight;
        is_leaf[count++] = (uint8_t)leaf_next;
        if (leaf_next) ++taken;
        else pair += 2;
    }
    return count;
}

/* levels[s]: code length of histogram entry s, at most `most` bits, 0 where it does not occur. */
static void code_lengths(const uint32_t *counts, uint32_t most, uint8_t *levels) {
    leaf leaves[256];
    static uint64_t items[2][MOST];
    static uint8_t is_leaf[MAX_BITS][MOST];
    const uint32_t n = sorted_leaves(leaves, counts);
    uint32_t before = 0;
    for (uint32_t round = 0; round < most; ++round)
        before = merge_round(leaves, n, items[(round + 1) & 1u], before, items[round & 1u], is_leaf[round]);
    for (uint32_t s = 0; s < 256; ++s) levels[s] = 0;
    uint32_t chosen = n < 2 ? 0 : 2 * n - 2;
    for (uint32_t round = most; round-- > 0;) {
        uint32_t of_leaves = 0;
        for (uint32_t i = 0; i < chosen; ++i) of_leaves += is_leaf[round][i];
        for (uint32_t i = 0; i < of_leaves; ++i) ++levels[leaves[i].symbol];
        chosen = 2 * (chosen - of_leaves);
    }
}

static void mirrored_lengths(const uint32_t *counts, uint8_t *levels) {
    uint32_t pairs[256] = {0};
    pairs[128] = counts[128];
    for (uint32_t v = 1; v < 128; ++v) pairs[128 + v] = counts[128 + v] + counts[128 - v];
    code_lengths(pairs, MAX_BITS - 1, levels);
    for (uint32_t v = 1; v < 128; ++v) {
        if (pairs[128 + v]) ++levels[128 + v];
        levels[128 - v] = levels[128 + v];
    }
}

static uint64_t coded_bits(const uint32_t *counts, const uint8_t *levels) {
    uint64_t bits = 0;
    for (uint32_t s = 0; s < 256; ++s) bits += (uint64_t)counts[s] * levels[s];
    return bits;
}

uint32_t shoe_huffman_make_table(const uint32_t *counts, uint8_t *table, uint64_t *payload_bits) {
    uint8_t plain[256], mirrored[256];
    uint32_t first = 128, last = 128;
    histogram_span((const histogram *)(const void *)counts, &first, &last);
    const shoe_span span = {(int32_t)first - 128, last - first + 1};
    bit_writer writer = bit_writer_over(table, SHOE_TABLE_CAPACITY);
    span_write(&writer, &span);
    *payload_bits = 0;
    if (span.count > 1) {
        uint32_t mirror = 0;
        code_lengths(counts, MAX_BITS, plain);
        *payload_bits = coded_bits(counts, plain);
        if (span_can_mirror(&span)) {
            mirrored_lengths(counts, mirrored);
            const uint64_t bits = coded_bits(counts, mirrored);
            mirror = bits + levels_bits(&span, mirrored + first, 1) < *payload_bits + levels_bits(&span, plain + first, 0);
            if (mirror) *payload_bits = bits;
        }
        levels_write(&writer, &span, (mirror ? mirrored : plain) + first, mirror);
    }
    return (uint32_t)bit_writer_finish(&writer);
}

/* code[s] of a histogram's entry s: its bits, and their number. */
typedef struct {
    uint16_t bits;
    uint16_t length;
} huffman_code;

/* From a table, as the decoder reads it. 0 when it is impossible. */
static int read_codes(const uint8_t *table, uint32_t table_bytes, huffman_code *codes) {
    uint8_t levels[256];
    shoe_bits bits;
    shoe_span span;
    uint32_t mirrored;
    uint32_t code = 0;
    shoe_bits_begin(&bits, table, table_bytes);
    for (uint32_t s = 0; s < 256; ++s) codes[s] = (huffman_code){0, 0};
    if (shoe_span_read(&bits, &span) != SHOE_OK) return 0;
    if (span.count == 1) return 1;
    if (shoe_levels_read(&bits, &span, levels, &mirrored) != SHOE_OK) return 0;
    for (uint32_t length = 1; length <= MAX_BITS; ++length, code <<= 1)
        for (uint32_t i = 0; i < span.count; ++i)
            if (levels[i] == length) codes[span.first + 128 + (int32_t)i] = (huffman_code){(uint16_t)code++, (uint16_t)length};
    return 1;
}

static int write_codes(shoe_encoding *job, const huffman_code *codes) {
    const uint32_t elements = shoe_encoding_elements(job);
    uint8_t *at = job->payload;
    uint8_t *const end = job->payload + job->payload_capacity;
    uint64_t window = 0;
    uint32_t have = 0;
    for (uint32_t i = 0; i < elements; ++i) {
        const huffman_code code = codes[(uint8_t)job->data[i] ^ 128u];
        window = window << code.length | code.bits;
        have += code.length;
        if (have < 32) continue;
        if (end - at < 4) return SHOE_ERR_ARENA;
        have -= 32;
        const uint32_t word = __builtin_bswap32((uint32_t)(window >> have));
        __builtin_memcpy(at, &word, 4);
        at += 4;
    }
    for (; have >= 8 && at != end; have -= 8) *at++ = (uint8_t)(window >> (have - 8));
    if (have && at == end) return SHOE_ERR_ARENA;
    if (have) *at++ = (uint8_t)(window << (8 - have));
    return shoe_encoding_finish(job, at - job->payload);
}

int shoe_huffman_encode(shoe_encoding *job) {
    huffman_code codes[256];
    histogram seen;
    uint64_t bits;
    histogram_of(&seen, job->data, shoe_encoding_elements(job));
    if (!job->fixed_table) job->table_bytes = shoe_huffman_make_table(seen.count, job->table, &bits);
    if (!read_codes(job->table, job->table_bytes, codes)) return SHOE_ERR_TENSOR;
    const int alone = job->table[1] == 0;
    for (uint32_t s = 0; s < 256; ++s)
        if (seen.count[s] && (alone ? s != job->table[0] : codes[s].length == 0)) return SHOE_ERR_TENSOR;
    return write_codes(job, codes);
}
