/*
 * Frequencies for rANS that cost least, payload and table together: for a number of mantissa bits and a price of frequency (the
 * multiplier of the condition that all add up to 4096), the cheapest sequence of levels is found by dynamic programming over
 * the last level, as in the decoder's code for levels. The search goes over mantissa bits and prices.
 */
#include "codec_rans.h"
#include "encode.h"
#include "levels.h"
#include "statistics.h"

enum { SENT_MAX = 11, LEVELS = SHOE_LEVEL_MAX, STATES = 2 * (LEVELS + 1), NONE = 0xff };

/* Costs are in units of 2^-16 bits. */
#define BIT ((uint64_t)1 << 16)
#define NEVER ((uint64_t)1 << 62)

/* The items are the span's symbols, or for a mirrored table those of 0 up with the counts of both signs. */
typedef struct {
    uint32_t counts[256];
    uint32_t items;
    uint32_t rest;     /* the item whose frequency is not sent */
    uint32_t limit;    /* the level declared for it, which bounds the others; 0 in a mirrored table: free */
    uint32_t mirrored; /* 1: each frequency but the rest's counts twice */
    uint64_t total;
} problem;

typedef struct {
    uint16_t frequencies[256];
    uint8_t levels[256];
    uint32_t sent;
    uint64_t payload; /* cost */
    uint64_t cost;    /* with the table */
} solution;

/* What each level costs one item besides the bits that say it. */
typedef struct {
    uint64_t cost[LEVELS + 1];
    uint16_t frequency[LEVELS + 1];
} offers;

/* A state is 2 * last level + (1 if the symbol just before does not occur). */
typedef struct {
    uint64_t cost[STATES];
    uint8_t from[256][STATES];
    uint16_t frequency[256][LEVELS + 1];
} trellis;

static uint32_t log2_of[SHOE_RANS_TOTAL + 1];

static uint32_t level_of(uint32_t frequency) {
    return 32u - (uint32_t)__builtin_clz(frequency);
}

static uint64_t symbol_cost(uint32_t count, uint32_t frequency) {
    return (uint64_t)count * ((SHOE_RANS_BITS << 16) - log2_of[frequency]);
}

/* The best frequency of each level: the grid points around count / (price * ln 2), which is where the cost is least. */
static void make_offers(const problem *of, uint32_t item, uint32_t sent, uint64_t price, offers *to) {
    const uint32_t count = of->counts[item];
    const uint64_t weighed = price << of->mirrored;
    const uint64_t best = (uint64_t)count * 94548 / weighed; /* 2^16 / ln 2 */
    for (uint32_t level = 1; level <= LEVELS; ++level) {
        const uint32_t low = 1u << (level - 1);
        const uint32_t drop = level - 1 > sent ? level - 1 - sent : 0;
        const uint32_t top = (low << 1) - (1u << drop);
        uint32_t lower = best <= low ? low : best >= top ? top : (uint32_t)best >> drop << drop;
        const uint32_t upper = lower < top ? lower + (1u << drop) : top;
        const uint64_t lower_cost = symbol_cost(count, lower) + weighed * lower;
        const uint64_t upper_cost = symbol_cost(count, upper) + weighed * upper;
        if (upper_cost < lower_cost) lower = upper;
        to->frequency[level] = (uint16_t)lower;
        to->cost[level] = (upper_cost < lower_cost ? upper_cost : lower_cost) + (level - 1 - drop) * BIT;
    }
    to->frequency[0] = 0;
    to->cost[0] = count ? NEVER : 0;
}

/* The item that gets what is left costs nothing here, and its level is as declared. */
static void limit_offers(const problem *of, uint32_t item, offers *to) {
    if (item == of->rest)
        for (uint32_t level = 0; level <= LEVELS; ++level)
            to->cost[level] = level != 0 && (of->limit == 0 || level == of->limit) ? 0 : NEVER;
    else if (of->limit)
        for (uint32_t level = of->limit + (item > of->rest); level <= LEVELS; ++level) to->cost[level] = NEVER;
}

static void relax(uint64_t cost, uint32_t from, uint32_t to, uint64_t *costs, uint8_t *origin) {
    if (cost >= costs[to]) return;
    costs[to] = cost;
    origin[to] = (uint8_t)from;
}

/* One item: every state goes on to the same level, those next to it and to none; to any level from the cheapest state. */
static void step(trellis *t, uint32_t item, const offers *offer) {
    uint64_t costs[STATES];
    uint8_t *const origin = t->from[item];
    uint32_t cheapest[2] = {2, 3};
    for (uint32_t s = 0; s < STATES; ++s) costs[s] = NEVER;
    for (uint32_t s = 2; s < STATES; ++s) {
        if (t->cost[s] < t->cost[cheapest[s & 1u]]) cheapest[s & 1u] = s;
        if (t->cost[s] >= NEVER) continue;
        const uint32_t last = s / 2, before = s & 1u ? 0 : last;
        relax(t->cost[s] + offer->cost[0] + level_bits(0, before, last) * BIT, s, 2 * last + 1, costs, origin);
        for (uint32_t level = last > 1 ? last - 1 : 1; level <= last + 1 && level <= LEVELS; ++level)
            relax(t->cost[s] + offer->cost[level] + level_bits(level, before, last) * BIT, s, 2 * level, costs, origin);
    }
    for (uint32_t gone = 0; gone < 2; ++gone)
        for (uint32_t level = 1; level <= LEVELS; ++level) {
            const uint32_t s = cheapest[gone];
            const uint64_t bits = level_bits(level, gone ? 0 : s / 2, s / 2);
            relax(t->cost[s] + offer->cost[level] + bits * BIT, s, 2 * level, costs, origin);
        }
    for (uint32_t s = 0; s < STATES; ++s) t->cost[s] = costs[s];
}

static void trace_back(const trellis *t, const problem *of, solution *to) {
    uint32_t state = 2;
    for (uint32_t s = 3; s < STATES; ++s)
        if (t->cost[s] < t->cost[state]) state = s;
    for (uint32_t item = of->items; item-- > 0;) {
        const uint32_t level = state & 1u ? 0 : state / 2;
        to->levels[item] = (uint8_t)level;
        to->frequencies[item] = t->frequency[item][level];
        state = t->from[item][state];
    }
}

/* The table's bits and the true cost; 0 when the frequencies leave nothing for the rest. */
static int appraise(const problem *of, uint32_t sent, solution *to) {
    uint32_t sum = 0;
    uint32_t bits = 16 + 4 + 5;
    uint32_t last = to->levels[0];
    to->payload = 0;
    to->sent = sent;
    for (uint32_t item = 0; item < of->items; ++item) {
        const uint32_t level = to->levels[item];
        if (item > 0) bits += level_bits(level, to->levels[item - 1], last);
        if (level) last = level;
        if (level == 0 || item == of->rest) continue;
        bits += level - 1 < sent ? level - 1 : sent;
        sum += (uint32_t)to->frequencies[item] << of->mirrored;
        to->payload += symbol_cost(of->counts[item], to->frequencies[item]);
    }
    if (sum >= SHOE_RANS_TOTAL) return 0;
    to->frequencies[of->rest] = (uint16_t)(SHOE_RANS_TOTAL - sum);
    to->payload += symbol_cost(of->counts[of->rest], SHOE_RANS_TOTAL - sum);
    to->cost = to->payload + bits * BIT;
    return 1;
}

/* price: cost of one unit of frequency. */
static int solve(const problem *of, uint32_t sent, uint64_t price, solution *to) {
    static trellis t;
    offers offer;
    for (uint32_t item = 0; item < of->items; ++item) {
        make_offers(of, item, sent, price, &offer);
        limit_offers(of, item, &offer);
        __builtin_memcpy(t.frequency[item], offer.frequency, sizeof offer.frequency);
        if (item > 0) {
            step(&t, item, &offer);
            continue;
        }
        for (uint32_t s = 0; s < STATES; ++s) t.cost[s] = s & 1u || s == 0 ? NEVER : offer.cost[s / 2];
        for (uint32_t s = 0; s < STATES; ++s) t.from[0][s] = 0;
    }
    trace_back(&t, of, to);
    return appraise(of, sent, to);
}

/* What a unit of frequency is worth where payload bits are least: total / (4096 ln 2). */
static uint64_t fair_price(const problem *of) {
    const uint64_t price = of->total * 94548 / SHOE_RANS_TOTAL;
    return price ? price : 1;
}

static void keep_better(const problem *of, uint32_t sent, uint64_t price, solution *best) {
    static solution candidate;
    if (solve(of, sent, price, &candidate) && candidate.cost < best->cost) *best = candidate;
}

/* Mantissa bits first, at the fair price, until two more do not help; then the price. A high one always has a solution. */
static void search(const problem *of, solution *best) {
    static const uint32_t sixteenths[] = {13, 14, 15, 17, 18, 20};
    const uint64_t fair = fair_price(of);
    best->cost = NEVER;
    for (uint32_t sent = 0; sent <= SENT_MAX; ++sent) {
        keep_better(of, sent, fair, best);
        if (best->cost < NEVER && sent >= best->sent + 2) break;
    }
    const uint32_t sent = best->cost < NEVER ? best->sent : SENT_MAX;
    for (uint32_t k = 0; k < sizeof sixteenths / sizeof *sixteenths; ++k)
        keep_better(of, sent, (fair * sixteenths[k] + 15) / 16, best);
    for (uint64_t price = 2 * fair; best->cost == NEVER && price < NEVER >> 13; price *= 2) keep_better(of, sent, price, best);
}

/* The rest goes to the first symbol of the highest level, so that the level it has to declare is about its own. */
static void plain_problem(problem *of, const uint32_t *counts, uint32_t items) {
    *of = (problem){.items = items};
    for (uint32_t i = 0; i < items; ++i) {
        of->counts[i] = counts[i];
        of->total += counts[i];
    }
    for (uint32_t i = 0; i < items; ++i) {
        const uint64_t ideal = (uint64_t)counts[i] * SHOE_RANS_TOTAL / of->total;
        const uint32_t level = ideal ? level_of((uint32_t)ideal) : 1;
        if (counts[i] == 0 || level <= of->limit) continue;
        of->limit = level > LEVELS ? LEVELS : level;
        of->rest = i;
    }
}

static void mirrored_problem(problem *of, const uint32_t *counts, uint32_t items) {
    const uint32_t centre = items / 2;
    *of = (problem){.items = centre + 1, .mirrored = 1};
    for (uint32_t v = 0; v <= centre; ++v) {
        of->counts[v] = counts[centre + v] + (v ? counts[centre - v] : 0);
        of->total += of->counts[v];
    }
}

static void write_table(bit_writer *writer, const shoe_span *span, const problem *of, const solution *from) {
    const uint32_t before = of->mirrored ? span->count / 2 : 0;
    uint8_t levels[256] = {0};
    bit_writer_put(writer, from->sent, 4);
    for (uint32_t i = 0; i < of->items; ++i) levels[before + i] = from->levels[i];
    levels_write(writer, span, levels, of->mirrored);
    for (uint32_t i = 0; i < of->items; ++i) {
        if (i == of->rest || from->levels[i] == 0) continue;
        const uint32_t below = from->levels[i] - 1u;
        const uint32_t kept = below < from->sent ? below : from->sent;
        bit_writer_put(writer, ((uint32_t)from->frequencies[i] >> (below - kept)) & ((1u << kept) - 1u), kept);
    }
}

uint32_t shoe_rans_make_table(const uint32_t *counts, uint8_t *table, uint64_t *payload_bits) {
    static problem of, mirror;
    static solution best, mirrored;
    uint32_t first = 128, last = 128;
    if (log2_of[2] == 0)
        for (uint32_t f = 1; f <= SHOE_RANS_TOTAL; ++f) log2_of[f] = log2_fixed(f);
    histogram_span((const histogram *)(const void *)counts, &first, &last);
    const shoe_span span = {(int32_t)first - 128, last - first + 1};
    bit_writer writer = bit_writer_over(table, SHOE_TABLE_CAPACITY);
    span_write(&writer, &span);
    *payload_bits = 0;
    if (span.count > 1) {
        plain_problem(&of, counts + first, span.count);
        search(&of, &best);
        mirrored.cost = NEVER;
        if (span_can_mirror(&span)) {
            mirrored_problem(&mirror, counts + first, span.count);
            search(&mirror, &mirrored);
        }
        const int use_mirror = mirrored.cost < best.cost;
        write_table(&writer, &span, use_mirror ? &mirror : &of, use_mirror ? &mirrored : &best);
        *payload_bits = ((use_mirror ? mirrored.payload : best.payload) + 0xffff) >> 16;
    }
    return (uint32_t)bit_writer_finish(&writer);
}
