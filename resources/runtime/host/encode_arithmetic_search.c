/* The search for the parameters of the arithmetic codec. Candidates are judged on a sample of rows by the model itself, with a coder
 * that only adds up what decisions cost; who falls behind the best so far is given up early. */
#include "codec_arithmetic_inline.h"
#include "encode_arithmetic.h"

typedef struct {
    uint64_t cost;         /* 2^-8 bit */
    const uint16_t *costs; /* by probability */
} coder;

enum { COST_BITS = 12 };

INLINE uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
    c->cost += c->costs[(bit ? one : 65535 - one) >> (16 - COST_BITS)];
    return bit;
}

INLINE uint32_t coder_raw(coder *c, uint32_t count, uint32_t bits) {
    c->cost += 256 * count;
    return bits;
}

#include "codec_arithmetic.h"

enum {
    BLOCKS = 4,          /* of neighbouring rows, spread over the tensor, make up the sample */
    STEP = 512,          /* elements after which a candidate is compared with the best */
    STEPS = 256,         /* of them in a sample at most */
    LAGS_TRIED = 3,
    LAG_SCAN = 1024,     /* distances looked at */
    SCAN_ELEMENTS = 8192,
    LIKENESS_LEAST = 16, /* chance alone gives 3, and seldom more than this */
    /* What decoders are reckoned to pay, in 2^-10 of the bytes */
    EFFORT_MIXED = 5,
    EFFORT_SIGNS = 2,
    EFFORT_COLUMNS = 1,
    EFFORT_DEEP = 1,
    /* Elements of the sample: so many, or such a part of the tensor if that is more */
    SAMPLE_DENSE = 8192,
    SAMPLE_SPARSE = 16384,
    PART_DENSE = 8,
    PART_SPARSE = 6,
    /* Behind the best by so much, a candidate is given up: a share 2^-n of the cost, and so much more */
    BEHIND = 11,
    BEHIND_COST = 16 * 256
};

typedef struct {
    const shoe_encoding *job;
    uint32_t blocks;
    uint32_t block_rows;
    uint32_t block_elements;
    uint16_t *costs;
    model *scratch;
    uint64_t best_cost;    /* with what the decoder's effort is reckoned at */
    uint64_t best_after[STEPS];
    uint8_t best[TABLE_BYTES];
} search;

/* costs[i]: 2^-8 bit that a decision of probability (i + 1/2) / 2^12 takes. Its logarithm bit by bit, by squaring. */
static void fill_costs(uint16_t *costs) {
    for (uint32_t i = 0; i < 1u << COST_BITS; ++i) {
        uint64_t x = 2 * i + 1; /* probability in 2^-(COST_BITS + 1) */
        uint32_t whole = 0;
        while (x >> (whole + 1)) ++whole;
        x <<= 31 - whole; /* 1 to 2, in 2^-31 */
        uint32_t logarithm = whole << 9; /* 2^-9 */
        for (uint32_t bit = 1u << 8; bit; bit >>= 1) {
            x = (x * x) >> 31;
            if (x >> 32) {
                logarithm |= bit;
                x >>= 1;
            }
        }
        costs[i] = (uint16_t)((((COST_BITS + 1) << 9) - logarithm) >> 1);
    }
}

/* What decoding costs, as a share (2^-10) of the bytes: who asks for more has to earn it. */
static uint32_t effort(const uint8_t *table) {
    const uint32_t mixed = table[1] >> 6 & 1u;
    const uint32_t signs = table[1] >> 3 & 1u;
    const uint32_t columns = table[1] >> 2 & 1u;
    return 1024 + EFFORT_MIXED * mixed + EFFORT_SIGNS * signs + EFFORT_COLUMNS * columns + EFFORT_DEEP * (table[1] >> 4 & 3u);
}

INLINE int judge_rows(search *s, uint64_t *after, uint32_t share, uint32_t mixed, uint32_t sparse) {
    model hot = *s->scratch;
    uint32_t until = STEP;
    uint32_t step = 0;
    uint32_t done = 0;
    for (uint32_t b = 0; b < s->blocks; ++b) {
        const uint32_t first = (uint32_t)((uint64_t)(s->job->rows - s->block_rows) * b / (s->blocks > 1 ? s->blocks - 1 : 1));
        const int8_t *data = s->job->data + (size_t)first * s->job->row_elements;
        uint32_t left = s->block_elements;
        while (left) {
            const uint32_t count = left < until - done ? left : until - done;
            for (uint32_t i = 0; i < count; ++i) code_element(&hot, mixed, sparse, data[i]);
            data += count;
            left -= count;
            done += count;
            if (done < until) continue;
            until += STEP;
            if (step == STEPS) continue;
            after[step] = hot.code.cost * share >> 10;
            if (after[step] > s->best_after[step] + (s->best_after[step] >> BEHIND) + BEHIND_COST) return 0;
            ++step;
        }
    }
    *s->scratch = hot;
    return 1;
}

#define VARIANT(name, mixed, sparse) \
    APART int name(search *s, uint64_t *after, uint32_t share) { return judge_rows(s, after, share, mixed, sparse); }
VARIANT(judge_dense, 0, 0)
VARIANT(judge_dense_mixed, 1, 0)
VARIANT(judge_sparse, 0, 1)
VARIANT(judge_sparse_mixed, 1, 1)

static int judge(search *s, uint64_t *after, uint32_t share) {
    if (s->scratch->sparse) return s->scratch->mixed ? judge_sparse_mixed(s, after, share) : judge_sparse(s, after, share);
    return s->scratch->mixed ? judge_dense_mixed(s, after, share) : judge_dense(s, after, share);
}

/* Whether these parameters are the best so far. */
static int consider(search *s, const uint8_t *table) {
    if (!table_is_possible(table, s->job->row_elements)) return 0;
    uint64_t after[STEPS];
    for (uint32_t i = 0; i < STEPS; ++i) after[i] = UINT64_MAX >> 1;
    s->scratch->code = (coder){0, s->costs};
    model_begin(s->scratch, table, s->job->row_elements);
    const uint32_t share = effort(table);
    if (!judge(s, after, share)) return 0;
    const uint64_t cost = s->scratch->code.cost * share >> 10;
    if (cost >= s->best_cost) return 0;
    s->best_cost = cost;
    for (uint32_t i = 0; i < STEPS; ++i) s->best_after[i] = after[i];
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) s->best[i] = table[i];
    return 1;
}

/* A field of the table */
typedef struct {
    uint32_t byte;
    uint32_t shift;
    uint32_t last; /* value: 1 or 3 */
} field;

static uint32_t value_of(const search *s, field f) {
    return s->best[f.byte] >> f.shift & f.last;
}

static int consider_value(search *s, field f, uint32_t value) {
    uint8_t table[TABLE_BYTES];
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) table[i] = s->best[i];
    table[f.byte] = (uint8_t)((uint32_t)(table[f.byte] & ~(f.last << f.shift)) | value << f.shift);
    return consider(s, table);
}

/* Tries a field's values upwards, and if the first is not better downwards, as long as they get better. */
static void consider_field(search *s, field f) {
    uint32_t value = value_of(s, f);
    const uint32_t began = value;
    while (value < f.last && consider_value(s, f, value + 1)) ++value;
    if (value > began) return;
    while (value > 0 && consider_value(s, f, value - 1)) --value;
}

static void consider_lag(search *s, uint32_t lag) {
    uint8_t table[TABLE_BYTES];
    if (lag < 1 || lag > 65535 || lag >= s->job->row_elements) return;
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) table[i] = s->best[i];
    if (table[4] == (lag & 255) && table[5] == lag >> 8) return;
    table[4] = (uint8_t)lag;
    table[5] = (uint8_t)(lag >> 8);
    consider(s, table);
}

/* The part of the tensor by which distances are judged */
typedef struct {
    const int8_t *data;
    uint32_t rows;
    uint32_t stride;
    uint32_t span; /* elements of a row that are looked at */
    int32_t mean;  /* magnitude */
    double power;  /* mean square of values, and of the difference of magnitudes from their mean */
    double spread;
} scan;

static scan scan_rows(const shoe_encoding *job) {
    scan s = {job->data, SCAN_ELEMENTS / job->row_elements + 1, job->row_elements, job->row_elements, 0, 0, 0};
    if (s.rows > job->rows) s.rows = job->rows;
    if (s.span > SCAN_ELEMENTS) s.span = SCAN_ELEMENTS;
    const double count = (double)s.rows * s.span;
    uint32_t sum = 0;
    uint32_t squares = 0;
    for (uint32_t r = 0; r < s.rows; ++r)
        for (uint32_t i = 0; i < s.span; ++i) {
            const int32_t size = magnitude_of(s.data[(size_t)r * s.stride + i]);
            sum += (uint32_t)size;
            squares += (uint32_t)(size * size); /* at most 2^14 of 2^14 */
        }
    s.mean = (int32_t)(sum / count);
    s.power = squares / count;
    s.spread = s.power - 2.0 * s.mean * sum / count + (double)s.mean * s.mean;
    return s;
}

/* How much more alike elements at this distance are than chance would have it, in value and in magnitude: about 1 each by chance */
static double likeness(const scan *s, uint32_t lag) {
    int64_t values = 0;
    int64_t magnitudes = 0;
    for (uint32_t r = 0; r < s->rows; ++r) {
        const int8_t *const row = s->data + (size_t)r * s->stride;
        int32_t v = 0; /* at most 2^13 products of at most 2^14 */
        int32_t g = 0;
        for (uint32_t i = lag; i < s->span; ++i) {
            v += row[i] * row[i - lag];
            g += (magnitude_of(row[i]) - s->mean) * (magnitude_of(row[i - lag]) - s->mean);
        }
        values += v;
        magnitudes += g;
    }
    const double pairs = (double)s->rows * (double)(s->span - lag);
    const double v = (double)values / (s->power + 1e-9);
    const double g = (double)magnitudes / (s->spread + 1e-9);
    return (v * v + 2 * g * g) / pairs;
}

static void consider_likely_lags(search *s) {
    const scan scanned = scan_rows(s->job);
    double score[LAGS_TRIED];
    uint32_t lags[LAGS_TRIED] = {0};
    for (uint32_t i = 0; i < LAGS_TRIED; ++i) score[i] = LIKENESS_LEAST;
    for (uint32_t lag = 2; lag < scanned.span && lag < LAG_SCAN; ++lag) {
        double here = likeness(&scanned, lag);
        uint32_t candidate = lag;
        for (uint32_t i = 0; i < LAGS_TRIED; ++i) {
            if (here <= score[i]) continue;
            const double other = score[i];
            const uint32_t replaced = lags[i];
            score[i] = here;
            lags[i] = candidate;
            here = other;
            candidate = replaced;
        }
    }
    for (uint32_t i = 0; i < LAGS_TRIED; ++i) consider_lag(s, lags[i]);
}

/* How often values occur */
typedef struct {
    uint32_t elements;
    uint32_t zeros;
    uint32_t peaks; /* of the largest magnitude */
    uint32_t mostly_zeros;
} shares;

static shares count_shares(const shoe_encoding *job, uint32_t largest) {
    shares counted = {shoe_encoding_elements(job), 0, 0, 0};
    for (uint32_t i = 0; i < counted.elements; ++i) {
        counted.zeros += job->data[i] == 0;
        counted.peaks += (uint32_t)magnitude_of(job->data[i]) == largest;
    }
    counted.mostly_zeros = counted.zeros > counted.elements / 2;
    return counted;
}

static const field sparse = {1, 0, 1}, peak = {1, 1, 1}, columns = {1, 2, 1}, signs = {1, 3, 1}, deep = {1, 4, 3}, mixed = {1, 6, 1},
                   zero_last = {1, 7, 1}, row_rate = {2, 0, 3}, column_rate = {2, 2, 3}, local_gain = {2, 4, 3}, lag_gain = {2, 6, 3},
                   mix_shift = {3, 0, 3};

static void search_parameters(search *s, const shares *counted) {
    consider_likely_lags(s);
    consider_lag(s, s->job->inner);
    consider_field(s, signs);
    if (counted->zeros > counted->elements / 4 && counted->zeros < counted->elements / 8 * 7) consider_field(s, sparse);
    consider_field(s, column_rate);
    consider_field(s, row_rate);
    consider_field(s, local_gain);
    consider_field(s, lag_gain);
    consider_field(s, mixed);
    if (value_of(s, mixed)) consider_field(s, mix_shift);
    if (counted->peaks < 2 * s->job->rows + 4) consider_field(s, peak);
    if (counted->zeros > counted->elements / 64) consider_field(s, zero_last);
    consider_field(s, deep);
    consider_field(s, columns);
}

/* Neighbouring rows in a few places, unless the tensor is small or its rows are long */
static void take_sample(search *s, const shares *counted) {
    const uint32_t row = s->job->row_elements;
    const uint32_t least = counted->mostly_zeros ? SAMPLE_SPARSE : SAMPLE_DENSE;
    const uint32_t part = counted->elements / (counted->mostly_zeros ? PART_SPARSE : PART_DENSE);
    const uint32_t most = part < STEP * STEPS ? part : STEP * STEPS;
    const uint32_t rows = (most > least ? most : least) / row + 1;
    const uint32_t whole = rows >= s->job->rows || row > STEP * STEPS / BLOCKS;
    s->blocks = whole ? 1 : BLOCKS;
    s->block_rows = whole ? s->job->rows : (rows + BLOCKS - 1) / BLOCKS;
    s->block_elements = s->block_rows * row;
    if (s->block_elements > STEP * STEPS) s->block_elements = STEP * STEPS;
}

/* Where the search begins: all on that can make use of a distance, so that distances are judged with all they can do. */
static void first_table(const search *s, const shares *counted, uint32_t largest, uint8_t *table) {
    const uint32_t has_columns = s->job->row_elements <= COLUMNS_MAX;
    const uint32_t zeros_last = !counted->mostly_zeros && largest > 1 && counted->zeros < counted->elements / 8;
    table[0] = (uint8_t)largest;
    table[1] = (uint8_t)(counted->mostly_zeros | has_columns << 2 | 1u << 3 | counted->mostly_zeros << 6 | zeros_last << 7);
    table[2] = 1 | 2 << 2 | 2 << 4 | 2 << 6;
    table[3] = 1;
    table[4] = 1;
    table[5] = 0;
}

void shoe_arithmetic_choose_table(const shoe_encoding *job, uint32_t largest, uint8_t *table) {
    const shares counted = count_shares(job, largest);
    search s;
    s.job = job;
    s.scratch = (model *)(void *)job->scratch;
    s.costs = (uint16_t *)(void *)(job->scratch + SHOE_ARITHMETIC_MODEL);
    s.best_cost = UINT64_MAX;
    for (uint32_t i = 0; i < STEPS; ++i) s.best_after[i] = UINT64_MAX >> 1;
    fill_costs(s.costs);
    take_sample(&s, &counted);
    first_table(&s, &counted, largest, table);
    consider(&s, table);
    search_parameters(&s, &counted);
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) table[i] = s.best[i];
}
