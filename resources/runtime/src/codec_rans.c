/*
 * Asymmetric numeral systems with static 12-bit frequencies, 1 to 8 interleaved states of 32 bits that take in 16 bits at a time.
 * A symbol is found through the start of its 32nd of the frequency range, so that 1 kB of RAM does and nothing is divided.
 */
#include "codec.h"
#include "codec_rans.h"

enum { STATES_MAX = 1 << SHOE_RANS_LOG2_STATES_MAX, BUCKET_BITS = 7, BUCKETS = 1 << BUCKET_BITS };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t turn;   /* the state that has the next symbol */
    uint32_t states; /* 1, 2, 4 or 8 */
    uint32_t x[STATES_MAX];
    uint16_t start[257];    /* where a symbol's range begins, by index; the end after the last */
    int8_t symbols[256];    /* by index */
    uint8_t first[BUCKETS]; /* index of the symbol in whose range the bucket begins */
} rans_state;

uint32_t shoe_rans_bytes(const shoe_coded_t *coded) {
    return coded->table_bytes < 2 ? 0 : (uint32_t)sizeof(rans_state);
}

/* A frequency from its level (1 up) and the mantissa bits that follow in the table. Negative: the table ends. */
static int32_t frequency_read(shoe_bits *bits, uint32_t level, uint32_t sent) {
    const uint32_t below = level - 1;
    const uint32_t kept = below < sent ? below : sent;
    const int32_t field = shoe_bits_take(bits, kept);
    return field < 0 ? field : (int32_t)((1u << kept | (uint32_t)field) << (below - kept));
}

/* The symbol whose frequency is what the others leave: the centre of a mirrored table, or the first of the highest level. */
static uint32_t rest_of(const shoe_span *span, const uint8_t *levels, uint32_t mirrored) {
    uint32_t rest = 0;
    if (mirrored) return span->count / 2;
    for (uint32_t i = 1; i < span->count; ++i)
        if (levels[i] > levels[rest]) rest = i;
    return rest;
}

int shoe_rans_table(const uint8_t *table, uint32_t table_bytes, shoe_span *span, uint16_t *frequencies) {
    uint8_t *const levels = (uint8_t *)frequencies + 256; /* entry i lies over frequencies that are written after it is read */
    shoe_bits bits;
    uint32_t mirrored;
    uint32_t left = SHOE_RANS_TOTAL;
    shoe_bits_begin(&bits, table, table_bytes);
    if (shoe_span_read(&bits, span) != SHOE_OK) return SHOE_ERR_TENSOR;
    frequencies[0] = SHOE_RANS_TOTAL;
    if (span->count == 1) return SHOE_OK;
    const int32_t sent = shoe_bits_take(&bits, 4);
    if (sent < 0 || shoe_levels_read(&bits, span, levels, &mirrored) != SHOE_OK) return SHOE_ERR_TENSOR;
    const uint32_t rest = rest_of(span, levels, mirrored);
    for (uint32_t i = mirrored ? rest + 1 : 0; i < span->count; ++i) {
        const uint32_t level = levels[i];
        const int32_t frequency = level == 0 || i == rest ? 0 : frequency_read(&bits, level, (uint32_t)sent);
        if (frequency < 0 || (uint32_t)frequency << mirrored >= left) return SHOE_ERR_TENSOR;
        left -= (uint32_t)frequency << mirrored;
        frequencies[i] = (uint16_t)frequency;
        if (mirrored) frequencies[2 * rest - i] = (uint16_t)frequency;
    }
    frequencies[rest] = (uint16_t)left;
    return SHOE_OK;
}

/* Drops what does not occur, adds up the rest, and notes where each bucket begins. */
static void make_ranges(rans_state *self, const shoe_span *span) {
    uint32_t n = 0;
    uint32_t sum = 0;
    uint32_t bucket = 0;
    for (uint32_t i = 0; i < span->count; ++i) {
        const uint32_t frequency = self->start[i];
        if (frequency == 0) continue;
        self->symbols[n] = (int8_t)(span->first + (int32_t)i);
        self->start[n] = (uint16_t)sum;
        sum += frequency;
        for (; bucket << (SHOE_RANS_BITS - BUCKET_BITS) < sum; ++bucket) self->first[bucket] = (uint8_t)n;
        ++n;
    }
    self->start[n] = SHOE_RANS_TOTAL;
}

static uint32_t word32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

int shoe_rans_open(void *state, const shoe_coded_t *coded) {
    rans_state *const self = state;
    shoe_span span;
    if (shoe_rans_table(coded->table, coded->table_bytes, &span, self->start) != SHOE_OK) return SHOE_ERR_TENSOR;
    make_ranges(self, &span);
    self->states = 0;
    if (span.count == 1 || coded->rows == 0 || coded->row_elements == 0) return SHOE_OK;
    if (coded->payload_bytes < 1) return SHOE_ERR_TRUNCATED;
    if (coded->payload[0] > SHOE_RANS_LOG2_STATES_MAX) return SHOE_ERR_TENSOR;
    self->states = 1u << coded->payload[0];
    if (coded->payload_bytes < 1 + 4 * self->states) return SHOE_ERR_TRUNCATED;
    self->turn = 0;
    self->at = coded->payload + 1 + 4 * self->states;
    self->end = coded->payload + coded->payload_bytes;
    for (uint32_t i = 0; i < self->states; ++i) {
        self->x[i] = word32(coded->payload + 1 + 4 * i);
        if (!shoe_rans_state_is_possible(self->x[i])) return SHOE_ERR_TENSOR;
    }
    return SHOE_OK;
}

int shoe_rans_read(void *state, int8_t *out, uint32_t count) {
    rans_state *const self = state;
    if (self->states == 0) {
        for (uint32_t i = 0; i < count; ++i) out[i] = self->symbols[0];
        return SHOE_OK;
    }
    const uint32_t last = self->states - 1;
    const uint8_t *at = self->at;
    uint32_t turn = self->turn;
    for (uint32_t i = 0; i < count; ++i) {
        uint32_t x = self->x[turn];
        const uint32_t slot = x & (SHOE_RANS_TOTAL - 1u);
        uint32_t index = self->first[slot >> (SHOE_RANS_BITS - BUCKET_BITS)];
        while (self->start[index + 1] <= slot) ++index;
        const uint32_t start = self->start[index];
        x = (self->start[index + 1] - start) * (x >> SHOE_RANS_BITS) + (slot - start);
        if (x < SHOE_RANS_LOW) {
            if (self->end - at < 2) return SHOE_ERR_TRUNCATED;
            x = x << 16 | (uint32_t)at[0] | (uint32_t)at[1] << 8;
            at += 2;
        }
        self->x[turn] = x;
        turn = (turn + 1) & last;
        out[i] = self->symbols[index];
    }
    self->at = at;
    self->turn = turn;
    return SHOE_OK;
}
