/* Symbols are coded from the last to the first, so the words are written from the end of the payload's room towards its start. */
#include "codec_rans.h"
#include "encode.h"
#include "statistics.h"

/* x / frequency is (x * reciprocal) >> 32 >> shift for x below 2^31 (frequency of 2 and more). */
typedef struct {
    uint32_t limit; /* states from here on give off a word first */
    uint32_t reciprocal;
    uint32_t shift;
    uint32_t bias;
    uint32_t complement; /* SHOE_RANS_TOTAL - frequency */
} rans_symbol;

enum { STATES_MAX = 1 << SHOE_RANS_LOG2_STATES_MAX };

/* Granlund and Montgomery's exact division by an invariant, as far as it is needed: x below 2^31.
 * With frequency 1 the quotient is x - 1 (all ones as reciprocal), and the bias makes up for it. */
static void prepare(rans_symbol *symbol, uint32_t start, uint32_t frequency) {
    symbol->limit = frequency << 19;
    symbol->complement = SHOE_RANS_TOTAL - frequency;
    if (frequency < 2) {
        symbol->reciprocal = UINT32_MAX;
        symbol->shift = 0;
        symbol->bias = start + SHOE_RANS_TOTAL - 1;
        return;
    }
    uint32_t shift = 0;
    while (frequency > 1u << shift) ++shift;
    symbol->reciprocal = (uint32_t)((((uint64_t)1 << (shift + 31)) + frequency - 1) / frequency);
    symbol->shift = shift - 1;
    symbol->bias = start;
}

static int prepare_all(const shoe_encoding *job, const histogram *seen, rans_symbol *symbols, int *alone) {
    uint16_t frequencies[257];
    shoe_span span;
    uint32_t start = 0;
    if (shoe_rans_table(job->table, job->table_bytes, &span, frequencies) != SHOE_OK) return SHOE_ERR_TENSOR;
    *alone = span.count == 1;
    for (uint32_t s = 0; s < 256; ++s) {
        const int32_t index = (int32_t)s - 128 - span.first;
        const uint32_t frequency = index >= 0 && index < (int32_t)span.count ? frequencies[index] : 0;
        if (frequency == 0 && seen->count[s]) return SHOE_ERR_TENSOR;
        prepare(&symbols[s], start, frequency ? frequency : 1);
        start += frequency;
    }
    return SHOE_OK;
}

/* More states are faster on the host, and each costs about 2 bytes: they are to stay below some 1/250 of the payload. */
static uint32_t log2_states(uint64_t payload_bytes) {
    return payload_bytes < 1024 ? 0 : payload_bytes < 2048 ? 1 : payload_bytes < 4096 ? 2 : 3;
}

static inline uint8_t *code_symbol(uint32_t *state, const rans_symbol *symbol, uint8_t *at) {
    uint32_t x = *state;
    const uint16_t word = (uint16_t)x;
    const uint32_t full = x >= symbol->limit;
    __builtin_memcpy(at - 2, &word, 2);
    at -= 2 * full;
    x = full ? x >> 16 : x;
    const uint32_t quotient = (uint32_t)(((uint64_t)x * symbol->reciprocal) >> 32) >> symbol->shift;
    *state = x + symbol->bias + quotient * symbol->complement;
    return at;
}

/* Returns where the words begin. */
static uint8_t *code_all(const shoe_encoding *job, const rans_symbol *symbols, uint32_t *x, uint32_t states, uint8_t *at) {
    uint32_t i = shoe_encoding_elements(job);
    const int8_t *const data = job->data;
    for (; i & (states - 1); --i) at = code_symbol(&x[(i - 1) & (states - 1)], &symbols[(uint8_t)data[i - 1] ^ 128u], at);
    if (states == STATES_MAX) {
        uint32_t local[STATES_MAX];
        for (uint32_t k = 0; k < STATES_MAX; ++k) local[k] = x[k];
        for (; i; i -= STATES_MAX)
            for (uint32_t k = STATES_MAX; k-- > 0;)
                at = code_symbol(&local[k], &symbols[(uint8_t)data[i - STATES_MAX + k] ^ 128u], at);
        for (uint32_t k = 0; k < STATES_MAX; ++k) x[k] = local[k];
        return at;
    }
    for (; i; --i) at = code_symbol(&x[(i - 1) & (states - 1)], &symbols[(uint8_t)data[i - 1] ^ 128u], at);
    return at;
}

static int encode_states(shoe_encoding *job, const rans_symbol *symbols, uint32_t log2_count) {
    const uint32_t states = 1u << log2_count;
    const uint64_t most = 2 * (uint64_t)shoe_encoding_elements(job) + 4 * STATES_MAX + 3;
    uint32_t x[STATES_MAX];
    if (job->payload_capacity < most) return SHOE_ERR_ARENA;
    for (uint32_t k = 0; k < states; ++k) x[k] = SHOE_RANS_LOW;
    uint8_t *const end = job->payload + job->payload_capacity;
    const uint8_t *const words = code_all(job, symbols, x, states, end);
    uint8_t *at = job->payload;
    *at++ = (uint8_t)log2_count;
    for (uint32_t k = 0; k < states; ++k, at += 4) __builtin_memcpy(at, &x[k], 4);
    __builtin_memmove(at, words, (size_t)(end - words));
    job->payload_bytes = (uint32_t)(at - job->payload) + (uint32_t)(end - words);
    return SHOE_OK;
}

/* 2^-16 bits of these values under the frequencies; from the table, since it may have been made for other tensors too. */
static uint64_t payload_bytes_of(const histogram *seen, const rans_symbol *symbols) {
    uint64_t bits = 0;
    for (uint32_t s = 0; s < 256; ++s)
        if (seen->count[s])
            bits += (uint64_t)seen->count[s] *
                    ((SHOE_RANS_BITS << 16) - log2_fixed(SHOE_RANS_TOTAL - symbols[s].complement));
    return bits >> 19;
}

int shoe_rans_encode(shoe_encoding *job) {
    static rans_symbol symbols[256];
    histogram seen;
    uint64_t bits;
    int alone;
    histogram_of(&seen, job->data, shoe_encoding_elements(job));
    if (!job->fixed_table) job->table_bytes = shoe_rans_make_table(seen.count, job->table, &bits);
    const int status = prepare_all(job, &seen, symbols, &alone);
    if (status != SHOE_OK) return status;
    job->payload_bytes = 0;
    if (alone || shoe_encoding_elements(job) == 0) return SHOE_OK;
    return encode_states(job, symbols, log2_states(payload_bytes_of(&seen, symbols)));
}
