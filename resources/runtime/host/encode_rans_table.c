/*
 * Frequencies for rANS: for each number of mantissa bits and a range of scales, the frequencies nearest to the counts that such a
 * table can say; what costs least, table and payload together, is taken.
 */
#include "codec_rans.h"
#include "encode.h"
#include "levels.h"
#include "statistics.h"

enum { SENT_MAX = 11, SCALES = 24 };

/* Scales are 1 + (k - SCALES / 2) / SCALE_STEPS: rounding up rare symbols takes from the others. */
enum { SCALE_STEPS = 256 };

typedef struct {
    const uint32_t *counts; /* of the span */
    uint32_t span;
    uint32_t most; /* the first that occurs most often */
    uint64_t total;
    uint32_t log2_of[SHOE_RANS_TOTAL + 1];
} problem;

typedef struct {
    uint16_t frequencies[256];
    uint8_t levels[256];
    uint32_t sent;
    uint64_t table_bits;
    uint64_t payload_bits; /* in units of 2^-16 */
} solution;

static uint32_t level_of(uint32_t frequency) {
    return 32u - (uint32_t)__builtin_clz(frequency);
}

/* What a table with `sent` mantissa bits can say nearest to `ideal` (units of 2^-16), at least 1. */
static uint32_t nearest(uint64_t ideal, uint32_t sent) {
    const uint32_t whole = (uint32_t)(ideal >> 16);
    if (whole == 0) return 1;
    const uint32_t below = level_of(whole) - 1;
    const uint32_t drop = below > sent ? below - sent : 0;
    const uint32_t step = 1u << drop;
    const uint32_t lower = whole & ~(step - 1u);
    const uint64_t middle = ((uint64_t)lower << 16) + ((uint64_t)step << 15);
    return ideal >= middle ? lower + step : lower;
}

/* Declares a level for the symbol that gets the rest, so that it is the first highest. 0: there is none. */
static int declare_most(const problem *of, solution *candidate) {
    uint32_t highest = 1;
    for (uint32_t i = 0; i < of->span; ++i) {
        if (i == of->most || candidate->levels[i] == 0) continue;
        const uint32_t needed = candidate->levels[i] + (uint32_t)(i < of->most);
        if (needed > highest) highest = needed;
    }
    candidate->levels[of->most] = (uint8_t)highest;
    return highest <= SHOE_LEVEL_MAX;
}

static int fill_candidate(const problem *of, uint32_t sent, uint32_t scale, solution *candidate) {
    uint32_t left = SHOE_RANS_TOTAL;
    uint32_t mantissas = 0;
    for (uint32_t i = 0; i < of->span; ++i) {
        candidate->levels[i] = 0;
        candidate->frequencies[i] = 0;
        if (of->counts[i] == 0 || i == of->most) continue;
        const uint64_t ideal = (((uint64_t)of->counts[i] << 28) / of->total) * scale / SCALE_STEPS;
        const uint32_t frequency = nearest(ideal, sent);
        if (frequency >= left) return 0;
        left -= frequency;
        candidate->frequencies[i] = (uint16_t)frequency;
        candidate->levels[i] = (uint8_t)level_of(frequency);
        mantissas += candidate->levels[i] - 1u < sent ? candidate->levels[i] - 1u : sent;
    }
    candidate->frequencies[of->most] = (uint16_t)left;
    candidate->sent = sent;
    if (!declare_most(of, candidate)) return 0;
    candidate->table_bits = 16 + 4 + levels_bits(candidate->levels, of->span) + mantissas;
    candidate->payload_bits = 0;
    for (uint32_t i = 0; i < of->span; ++i)
        if (of->counts[i])
            candidate->payload_bits +=
                (uint64_t)of->counts[i] * ((SHOE_RANS_BITS << 16) - of->log2_of[candidate->frequencies[i]]);
    return 1;
}

static uint64_t cost(const solution *of) {
    return of->payload_bits + (of->table_bits << 16);
}

static void begin_problem(problem *of, const uint32_t *counts, uint32_t span) {
    static uint32_t log2_of[SHOE_RANS_TOTAL + 1];
    if (log2_of[2] == 0)
        for (uint32_t f = 1; f <= SHOE_RANS_TOTAL; ++f) log2_of[f] = log2_fixed(f);
    __builtin_memcpy(of->log2_of, log2_of, sizeof log2_of);
    of->counts = counts;
    of->span = span;
    of->most = 0;
    of->total = 0;
    for (uint32_t i = 0; i < span; ++i) {
        of->total += counts[i];
        if (counts[i] > counts[of->most]) of->most = i;
    }
}

/* With all mantissa bits and some scale there is always a solution, since at most 256 symbols share 4096. */
static void solve(const problem *of, solution *best) {
    static solution candidate;
    int found = 0;
    for (uint32_t sent = 0; sent <= SENT_MAX; ++sent)
        for (uint32_t k = 0; k < SCALES; ++k) {
            if (!fill_candidate(of, sent, SCALE_STEPS + k - SCALES / 2, &candidate)) continue;
            if (found && cost(&candidate) >= cost(best)) continue;
            *best = candidate;
            found = 1;
        }
}

static void write_mantissas(bit_writer *writer, const problem *of, const solution *from) {
    for (uint32_t i = 0; i < of->span; ++i) {
        if (i == of->most || from->levels[i] == 0) continue;
        const uint32_t below = from->levels[i] - 1u;
        const uint32_t kept = below < from->sent ? below : from->sent;
        bit_writer_put(writer, ((uint32_t)from->frequencies[i] >> (below - kept)) & ((1u << kept) - 1u), kept);
    }
}

uint32_t shoe_rans_make_table(const uint32_t *counts, uint8_t *table, uint64_t *payload_bits) {
    static problem of;
    static solution best;
    uint32_t first = 128, last = 128;
    histogram_span((const histogram *)(const void *)counts, &first, &last);
    const shoe_span span = {(int32_t)first - 128, last - first + 1};
    bit_writer writer = bit_writer_over(table, SHOE_TABLE_CAPACITY);
    span_write(&writer, &span);
    *payload_bits = 0;
    if (span.count > 1) {
        begin_problem(&of, counts + first, span.count);
        solve(&of, &best);
        bit_writer_put(&writer, best.sent, 4);
        levels_write(&writer, best.levels, span.count);
        write_mantissas(&writer, &of, &best);
        *payload_bits = (best.payload_bits + 0xffff) >> 16;
    }
    return (uint32_t)bit_writer_finish(&writer);
}
