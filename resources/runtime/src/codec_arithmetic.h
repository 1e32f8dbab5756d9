/*
 * The model of the arithmetic codec, the same for decoder and encoder: how a weight becomes binary decisions and how probable
 * each is. CODEC-ARITHMETIC.md says what and why. Integers only, so that every machine computes the same.
 *
 * Whoever includes this has declared before
 *   coder                                           the range coder's state
 *   uint32_t coder_bit(coder *, uint32_t one, uint32_t bit)    one decision; one: probability of 1 in 2^-16, 1 to 65535
 *   uint32_t coder_raw(coder *, uint32_t count, uint32_t bits) 1 to 8 decisions of probability 1/2, as a number
 * which give the decision. A decoder ignores `bit` and `bits`; an encoder gives them back.
 *
 * Units: probabilities 2^-16; log-odds 1/16 nat; scales (log2 of the expected magnitude) 1/256 octave unless said otherwise.
 */
#ifndef SHOE_CODEC_ARITHMETIC_H
#define SHOE_CODEC_ARITHMETIC_H

#include "codec.h"
#include "codec_arithmetic_tables.h"

enum {
    TABLE_BYTES = 6,
    RING = 64,              /* elements of history without columns, a power of two */
    COLUMNS_MAX = 16384,    /* longest row with columns, elements */
    FIRST_SCALE = -5 * 256, /* range of scales */
    LAST_SCALE = 8 * 256,
    ODDS_MAX = 9 * 16,      /* of log-odds */
    CONTEXTS_MIXED = 3,     /* for a decision */
    INPUTS = 4,             /* of a mixed decision: its contexts and the odds */
    COUNT_MAX = 255,
    DENSE_FINE = 6,         /* 12 - log2 of the steps of an octave in which columns are kept */
    SPARSE_FINE = 8         /* and of a nat */
};

/* Contexts, in groups. After those that every model has come those that only mixed ones have, the last group once for each bit of the
 * largest magnitude, and then those of the bits below the leading one, as many as the table says. */
enum {
    CONTEXT_PEAK = 0,                              /* elements left in the row */
    CONTEXT_ZERO = CONTEXT_PEAK + 48,              /* scale or log-odds */
    CONTEXT_BUCKET = CONTEXT_ZERO + 64,            /* direction * bucket relative to the scale */
    CONTEXT_SIGN = CONTEXT_BUCKET + 3 * 48,        /* signs of three neighbours */
    CONTEXTS_PLAIN = CONTEXT_SIGN + 27,
    CONTEXT_SIGN_LEFT = CONTEXTS_PLAIN,            /* signs and sizes of two */
    CONTEXT_SIGN_UP = CONTEXT_SIGN_LEFT + 36,
    CONTEXT_ZERO_NEAR = CONTEXT_SIGN_UP + 36,      /* which of five neighbours are 0 */
    CONTEXT_ZERO_SIZE = CONTEXT_ZERO_NEAR + 32,    /* magnitudes to the left and above */
    CONTEXT_BUCKET_NEAR = CONTEXT_ZERO_SIZE + 81,  /* direction * bucket relative to the neighbours */
    CONTEXT_BY_BUCKET = CONTEXT_BUCKET_NEAR + 3 * 32,
    BUCKET_CONTEXTS = 3 * 14,                      /* direction * scale */
    BITS_CONTEXTS = 24                             /* of each bit and what precedes it: bucket relative to the scale */
};

/* Sets of mixing weights */
enum { MIX_ZERO = 0, MIX_SIGN = 1, MIX_BUCKET = 2, MIX_SETS = MIX_BUCKET + 3 * 8 };

typedef struct {
    uint8_t largest;     /* magnitude */
    uint8_t buckets;     /* its bits */
    uint8_t sparse;
    uint8_t mixed;       /* decisions are mixed of CONTEXTS_MIXED contexts; otherwise one context each */
    uint8_t zero_last;   /* whether it is 0 is asked when the magnitude is known to be below 2 */
    uint8_t peak;
    uint8_t seen;        /* the largest magnitude occurred in this row */
    uint8_t has_columns;
    uint8_t signs;
    uint8_t deep;        /* bits below the leading one that are modelled */
    uint8_t row_floor;   /* decisions after which rates of rows and columns stay as they are */
    uint8_t column_floor;
    uint8_t odds_gain;
    uint8_t local_gain;
    uint8_t lag_gain;
    uint8_t mix_shift;
    coder code;
    uint16_t *ones;      /* of each context: probability of 1 */
    uint8_t *counts;     /* of each context: decisions so far, up to COUNT_MAX */
    int16_t *weights;    /* sets of INPUTS mixing weights, 2^-13 */
    int8_t *columns;     /* of each column: scale in 1/64 octave, or, sparse, log-odds in 1/16 nat */
    int8_t *history;     /* the newest element of each column; without columns the last RING elements */
    uint32_t row_elements;
    uint32_t lag;        /* distance of a neighbour within the row that the encoder chose */
    uint32_t bits_first; /* context of the bits below the leading one */
    uint32_t row;        /* up to 255 */
    uint32_t column;
    int32_t left;        /* the last element of the row so far, and the one before it */
    int32_t left2;
    int32_t row_scale;   /* of this row, 2^-16 octave */
    int32_t first_scale; /* with which a row begins */
    int32_t local;       /* of the last few elements, 1/4096 octave */
    int32_t row_odds;    /* log-odds of not being 0, of this row, 2^-16 nat */
    int32_t first_odds;
    int32_t dither;      /* 0 to 255 */
} model;

INLINE int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

INLINE int32_t magnitude_of(int32_t x) {
    return x < 0 ? -x : x;
}

/* Bits of x, 0 to 16 */
SHARED uint32_t bits_of(uint32_t x) {
#if defined(__GNUC__) && !defined(__ARM_ARCH_6M__)
    return 31 - (uint32_t)__builtin_clz(2 * x + 1);
#else
    uint32_t n = 0;
    for (; x; x >>= 1) ++n;
    return n;
#endif
}

/* How fast what has been decided `n` times is learned, up to `floor` times */
INLINE int32_t rate_after(uint32_t n, uint32_t floor) {
    return rates[(n < floor ? n : floor) >> 1];
}

/* target: 65535 after a 1, 0 after a 0 */
ALWAYS void learn(model *m, uint32_t context, int32_t target) {
    uint16_t *const one = m->ones + context;
    uint8_t *const count = m->counts + context;
    const uint32_t n = *count;
    *one = (uint16_t)(*one + (((target - *one) * (int32_t)rates[n >> 1] + (1 << 14)) >> 15));
    if (n < COUNT_MAX) *count = (uint8_t)(n + 1);
}

INLINE int32_t target_of(uint32_t bit) {
    return 65535 & -(int32_t)bit;
}

/* A decision with one context. */
SHARED uint32_t decide(model *m, uint32_t context, uint32_t wanted) {
    const uint32_t bit = coder_bit(&m->code, m->ones[context], wanted);
    learn(m, context, target_of(bit));
    return bit;
}

INLINE int32_t stretch(uint32_t one) {
    const int32_t against = stretches[(one & 32768 ? 65535 - one : one) >> 7];
    return one & 32768 ? against : -against;
}

INLINE uint32_t squash(int32_t odds) {
    const uint32_t likely = squashes[odds < 0 ? -odds : odds];
    return odds < 0 ? 65536 - likely : likely;
}

/* A decision whose log-odds are the weighted sum of those of its contexts and of `odds`. Weights are modulo 2^16: they come nowhere
 * near its ends unless a payload is made for it.
 * error: what the decision was beyond what was expected, 2^-16 */
SHARED uint32_t decide_mixed(model *m, const uint32_t *contexts, int32_t odds, uint32_t set, uint32_t wanted, int32_t *error) {
    int16_t *const weights = m->weights + set * INPUTS;
    int32_t inputs[INPUTS];
    int32_t sum = odds * weights[CONTEXTS_MIXED];
    for (uint32_t i = 0; i < CONTEXTS_MIXED; ++i) {
        inputs[i] = stretch(m->ones[contexts[i]]);
        sum += inputs[i] * weights[i];
    }
    inputs[CONTEXTS_MIXED] = odds;
    const uint32_t one = squash(clamp((sum + (1 << 12)) >> 13, -ODDS_MAX, ODDS_MAX));
    const uint32_t bit = coder_bit(&m->code, one, wanted);
    *error = (int32_t)(bit << 16) - (int32_t)one;
    const int32_t half = 1 << (m->mix_shift - 1);
    for (uint32_t i = 0; i < INPUTS; ++i) weights[i] = (int16_t)(weights[i] + ((*error * inputs[i] + half) >> m->mix_shift));
    const int32_t target = target_of(bit);
    for (uint32_t i = 0; i < CONTEXTS_MIXED; ++i) learn(m, contexts[i], target);
    return bit;
}

/* What is expected of an element */
typedef struct {
    int32_t lag;   /* the element `lag` before in this row; 0 before its first */
    int32_t scale; /* of its magnitude */
    int32_t odds;  /* of not being 0, 1/16 nat */
} expected;

INLINE int32_t lagged(const model *m) {
    if (m->lag > m->column) return 0;
    const uint32_t column = m->column - m->lag;
    return m->history[m->has_columns ? column : column & (RING - 1)];
}

/* The element above, or above and one to the right */
ALWAYS int32_t above(const model *m, uint32_t right) {
    return m->has_columns ? m->history[m->column + right] : 0;
}

/* Magnitude in units of the expected one, minus 1; 2^-10, at most 2 */
SHARED int32_t surprise(int32_t magnitude, int32_t scale) {
    const int32_t ratio = (magnitude * halves[(scale & 255) >> 3]) >> (5 + (scale >> 8));
    return ratio > 3072 ? 2048 : ratio - 1024;
}

INLINE int32_t odds_here(const model *m) {
    const int32_t column = m->has_columns ? m->columns[m->column] * (1 << (SPARSE_FINE - 4)) : 0;
    return clamp(((m->row_odds >> 8) + column + 8) >> 4, -ODDS_MAX, ODDS_MAX);
}

SHARED int32_t scale_here(const model *m, int32_t lag, uint32_t sparse) {
    const int32_t column = m->has_columns && !sparse ? m->columns[m->column] * (1 << (DENSE_FINE - 4)) : 0;
    const int32_t scale = clamp((m->row_scale >> 8) + (m->local >> 4) + column, FIRST_SCALE, LAST_SCALE);
    if (m->lag_gain == 0 || m->lag > m->column) return scale;
    return clamp(scale + ((surprise(magnitude_of(lag), scale) * m->lag_gain) >> 8), FIRST_SCALE, LAST_SCALE);
}

/* by: 1/4096 octave or nat; fine: bits of it that columns do not keep. They are rounded up as often as they are large, in a fixed
 * sequence. */
SHARED void move_column(model *m, int32_t by, uint32_t fine) {
    int8_t *const column = m->columns + m->column;
    m->dither = (m->dither + 157) & 255;
    *column = (int8_t)clamp(*column + ((by + (m->dither >> (8 - fine))) >> fine), -127, 127);
}

INLINE uint32_t decide_nonzero(model *m, const expected *e, uint32_t mixed, uint32_t sparse, uint32_t wanted, int32_t *error) {
    const uint32_t level = sparse ? (uint32_t)(((e->odds * 3 + 8) >> 4) + 32) : (uint32_t)((e->scale + 32) >> 6) + 24;
    if (!mixed) {
        const uint32_t one = m->ones[CONTEXT_ZERO + level];
        const uint32_t bit = decide(m, CONTEXT_ZERO + level, wanted);
        *error = (int32_t)(bit << 16) - (int32_t)one;
        return bit;
    }
    const int32_t up = above(m, 0);
    const uint32_t near = (uint32_t)((m->left != 0) | (m->left2 != 0) << 1 | (up != 0) << 2 | (above(m, 1) != 0) << 3 |
                                     (e->lag != 0) << 4);
    const uint32_t beside = bits_of((uint32_t)(magnitude_of(m->left) + magnitude_of(m->left2)));
    const uint32_t contexts[CONTEXTS_MIXED] = {
        CONTEXT_ZERO + level,
        CONTEXT_ZERO_NEAR + near,
        CONTEXT_ZERO_SIZE + (beside > 8 ? 8 : beside) * 9 + bits_of((uint32_t)magnitude_of(up)),
    };
    return decide_mixed(m, contexts, sparse ? e->odds : 0, MIX_ZERO, wanted, error);
}

INLINE uint32_t code_nonzero(model *m, const expected *e, uint32_t mixed, uint32_t sparse, uint32_t wanted) {
    int32_t error;
    const uint32_t bit = decide_nonzero(m, e, mixed, sparse, wanted, &error);
    if (sparse) {
        m->row_odds = clamp(m->row_odds + ((error * m->odds_gain) >> 8), -9 * 65536, 9 * 65536);
        if (m->has_columns) move_column(m, ((error >> 2) * rate_after(m->row + 1, m->column_floor)) >> 15, SPARSE_FINE);
    }
    return bit;
}

/* Twice the logarithm of what the magnitudes around add up to */
INLINE int32_t half_octaves_near(const model *m, int32_t lag) {
    const uint32_t sum = (uint32_t)(2 * (magnitude_of(m->left) + magnitude_of(lag) + magnitude_of(above(m, 0))) +
                                    magnitude_of(m->left2) + magnitude_of(above(m, 1)));
    const uint32_t bits = bits_of(sum);
    return (int32_t)(bits < 2 ? bits : 2 * bits - 2 + (sum >> (bits - 2) & 1u));
}

/* Bits of the magnitude, 1 to m->buckets, or from 0 where zeros are asked for last: first whether above the expected number, then on
 * in that direction. */
INLINE uint32_t code_bucket(model *m, const expected *e, uint32_t mixed, uint32_t wanted) {
    const int32_t near = mixed ? half_octaves_near(m, e->lag) : 0;
    const int32_t level = (e->scale + 32) >> 6; /* quarter octaves */
    const uint32_t coarse = (uint32_t)(((e->scale + 64) >> 7) + 10) >> 1;
    uint32_t k = (uint32_t)clamp((e->scale + 128) >> 8, 1, m->buckets - 1);
    uint32_t direction = 0;
    for (;;) {
        const uint32_t context = CONTEXT_BUCKET + direction * 48 + (uint32_t)clamp(4 * (int32_t)k - level + 16, 0, 47);
        uint32_t more;
        if (mixed) {
            const uint32_t contexts[CONTEXTS_MIXED] = {
                context,
                CONTEXT_BY_BUCKET + k * BUCKET_CONTEXTS + direction * 14 + coarse,
                CONTEXT_BUCKET_NEAR + direction * 32 + (uint32_t)clamp(2 * (int32_t)k - near + 16, 0, 31),
            };
            int32_t error;
            more = decide_mixed(m, contexts, 0, MIX_BUCKET + direction * 8 + k - 1, wanted > k, &error);
        } else {
            more = decide(m, context, wanted > k);
        }
        if (direction == 0) direction = 1 + more;
        else if (more != direction - 1) return k + more;
        if (more) {
            if (++k == m->buckets) return k;
        } else if (--k == 0) {
            return m->zero_last ? code_nonzero(m, e, mixed, 0, wanted != 0) : 1;
        }
    }
}

/* The magnitude down to the last bit that is modelled, of `size` or to be decoded. */
INLINE uint32_t code_bits(model *m, const expected *e, uint32_t bucket, uint32_t modelled, uint32_t size) {
    const int32_t half_level = (e->scale + 64) >> 7;
    const uint32_t first = m->bits_first + (uint32_t)clamp(2 * (int32_t)bucket - half_level + 10, 0, BITS_CONTEXTS - 1);
    uint32_t magnitude = 1;
    for (uint32_t i = 1; i <= modelled; ++i)
        magnitude = magnitude * 2 + decide(m, first + (magnitude - 1) * BITS_CONTEXTS, size >> (bucket - 1 - i) & 1u);
    return magnitude;
}

INLINE uint32_t sign_of(int32_t x) {
    return x > 0 ? 2 : x < 0;
}

/* 0 to 3: none, small, middle, large */
INLINE uint32_t size_of(int32_t x) {
    const uint32_t bits = bits_of((uint32_t)magnitude_of(x));
    return bits == 0 ? 0 : bits < 4 ? 1 : bits < 7 ? 2 : 3;
}

INLINE uint32_t code_sign(model *m, int32_t lag, uint32_t mixed, uint32_t wanted) {
    const int32_t up = above(m, 0);
    const uint32_t context = CONTEXT_SIGN + sign_of(m->left) + 3 * sign_of(lag) + 9 * sign_of(up);
    if (!mixed) return decide(m, context, wanted);
    const uint32_t contexts[CONTEXTS_MIXED] = {
        context,
        CONTEXT_SIGN_LEFT + sign_of(m->left) + 3 * sign_of(m->left2) + 9 * size_of(m->left),
        CONTEXT_SIGN_UP + sign_of(up) + 3 * sign_of(above(m, 1)) + 9 * size_of(up),
    };
    int32_t error;
    return decide_mixed(m, contexts, 0, MIX_SIGN, wanted, &error);
}

/* What is left of an element whose bits are known down to `left` of them: those, and the sign. Gives the element. */
INLINE int32_t code_tail(model *m, const expected *e, uint32_t mixed, uint32_t magnitude, uint32_t left, int32_t wanted) {
    const uint32_t raw = left + !m->signs;
    uint32_t tail = (uint32_t)magnitude_of(wanted) & ((1u << left) - 1);
    uint32_t negative = wanted < 0;
    if (!m->signs) tail = 2 * tail + negative;
    if (raw) tail = coder_raw(&m->code, raw, tail);
    if (m->signs) {
        negative = code_sign(m, e->lag, mixed, negative);
    } else {
        negative = tail & 1u;
        tail >>= 1;
    }
    const int32_t size = (int32_t)(magnitude << left | tail);
    return negative ? -size : size;
}

/* Whether the element is of the largest magnitude: where each channel is scaled by its maximum, one is in every row. */
INLINE uint32_t code_peak(model *m, uint32_t wanted) {
    const uint32_t left = m->row_elements - m->column;
    return decide(m, CONTEXT_PEAK + (left < 32 ? left : left < 65536 ? 26 + bits_of(left) : 42), wanted);
}

INLINE void adapt_scale(model *m, int32_t magnitude, int32_t scale, uint32_t sparse) {
    const int32_t beyond = surprise(magnitude, scale);
    m->row_scale = clamp(m->row_scale + ((beyond * rate_after(m->column + 2, m->row_floor)) >> 9), -6 * 65536, 8 * 65536);
    m->local += ((beyond * m->local_gain) >> 5) - (m->local >> 3);
    if (m->has_columns && !sparse && m->column_floor)
        move_column(m, (beyond * rate_after(m->row + 2, m->column_floor)) >> 13, DENSE_FINE);
}

INLINE void next_row(model *m) {
    m->left = m->left2 = 0;
    m->column = 0;
    m->row += m->row < 255;
    m->first_scale += (m->row_scale - m->first_scale) / 2;
    m->row_scale = m->first_scale;
    m->first_odds += (m->row_odds - m->first_odds) / 2;
    m->row_odds = m->first_odds;
    m->local = 0;
    m->seen = 0;
}

INLINE void next_column(model *m, int32_t value) {
    m->history[m->has_columns ? m->column : m->column & (RING - 1)] = (int8_t)value;
    m->left2 = m->left;
    m->left = value;
    if (++m->column == m->row_elements) next_row(m);
}

/* The next element. mixed, sparse: the model's, constants where speed counts. wanted: what an encoder has.
 * May be out of int8 in a decoder given an impossible payload. */
INLINE int32_t code_element(model *m, uint32_t mixed, uint32_t sparse, int32_t wanted) {
    const uint32_t size = (uint32_t)magnitude_of(wanted);
    expected e = {lagged(m), 0, 0};
    if (sparse) e.odds = odds_here(m);
    else e.scale = scale_here(m, e.lag, 0);
    uint32_t magnitude = m->largest;
    uint32_t left = 0; /* bits that are not modelled */
    if (!m->peak || m->seen || !code_peak(m, size == m->largest)) {
        magnitude = m->zero_last || code_nonzero(m, &e, mixed, sparse, size != 0);
        if (magnitude && sparse) e.scale = scale_here(m, e.lag, 1);
        if (magnitude && m->buckets > 1) {
            const uint32_t bucket = code_bucket(m, &e, mixed, bits_of(size));
            const uint32_t modelled = bucket <= m->deep ? bucket - (bucket > 0) : m->deep;
            magnitude = bucket ? code_bits(m, &e, bucket, modelled, size) : 0;
            left = bucket ? bucket - 1 - modelled : 0;
        }
    } else if (sparse) {
        e.scale = scale_here(m, e.lag, 1);
    }
    const int32_t value = magnitude ? code_tail(m, &e, mixed, magnitude, left, wanted) : 0;
    if (value || !sparse) adapt_scale(m, magnitude_of(value), e.scale, sparse);
    m->seen |= (uint32_t)magnitude_of(value) == m->largest;
    next_column(m, value);
    return value;
}

INLINE uint32_t bits_first(const uint8_t *table) {
    return table[1] & 64u ? CONTEXT_BY_BUCKET + bits_of(table[0]) * BUCKET_CONTEXTS : (uint32_t)CONTEXTS_PLAIN;
}

INLINE uint32_t model_contexts(const uint8_t *table) {
    return bits_first(table) + ((1u << (table[1] >> 4 & 3u)) - 1) * BITS_CONTEXTS;
}

INLINE uint32_t model_bytes(const uint8_t *table, uint32_t row_elements) {
    const uint32_t history = table[1] & 4u ? 2 * row_elements + 1 : RING;
    return (uint32_t)sizeof(model) + (table[1] & 64u ? 2 * MIX_SETS * INPUTS : 0) + 3 * model_contexts(table) + history;
}

INLINE int table_is_possible(const uint8_t *table, uint32_t row_elements) {
    const uint32_t lag = table[4] | (uint32_t)table[5] << 8;
    const uint32_t columns = table[1] >> 2 & 1u;
    if (table[0] < 1 || table[0] > 128 || table[3] > 3 || lag < 1) return 0;
    if (table[1] & 128u && (table[1] & 1u || table[0] < 2)) return 0;
    return columns ? row_elements <= COLUMNS_MAX : lag < RING;
}

INLINE void set_parameters(model *m, const uint8_t *table) {
    static const uint8_t row_floors[4] = {255, 99, 32, 12};
    static const uint8_t column_floors[2][4] = {{0, 64, 32, 12}, {255, 36, 10, 4}};
    static const uint8_t odds_gains[4] = {2, 5, 17, 51};
    static const uint8_t local_gains[4] = {0, 4, 8, 14};
    static const uint8_t lag_gains[4] = {0, 5, 10, 18};
    m->largest = table[0];
    m->buckets = (uint8_t)bits_of(table[0]);
    m->sparse = table[1] & 1u;
    m->peak = table[1] >> 1 & 1u;
    m->has_columns = table[1] >> 2 & 1u;
    m->signs = table[1] >> 3 & 1u;
    m->deep = table[1] >> 4 & 3u;
    m->mixed = table[1] >> 6 & 1u;
    m->zero_last = table[1] >> 7;
    m->row_floor = row_floors[table[2] & 3u];
    m->odds_gain = odds_gains[table[2] & 3u];
    m->column_floor = column_floors[m->sparse][table[2] >> 2 & 3u];
    m->local_gain = local_gains[table[2] >> 4 & 3u];
    m->lag_gain = lag_gains[table[2] >> 6];
    m->mix_shift = (uint8_t)(13 + table[3]);
    m->lag = table[4] | (uint32_t)table[5] << 8;
}

/* `count` contexts from this one on */
SHARED void set_contexts(model *m, uint32_t context, uint32_t count, uint32_t one, uint32_t seen) {
    for (; count; --count, ++context) {
        m->ones[context] = (uint16_t)one;
        m->counts[context] = (uint8_t)seen;
    }
}

/* Contexts whose places are `step` quarters of an octave apart; from: quarters of the first, 16 at the scale */
SHARED void set_bucket_contexts(model *m, uint32_t context, uint32_t count, uint32_t direction, int32_t from, int32_t step,
                                uint32_t seen) {
    for (; count; --count, ++context, from += step)
        set_contexts(m, context, 1, priors[direction * 48 + (uint32_t)clamp(from, 0, 47)] * 256u, seen);
}

INLINE void set_plain_contexts(model *m) {
    set_contexts(m, CONTEXT_PEAK, 2, 64000, 6);
    for (uint32_t i = 2; i < 48; ++i) {
        const uint32_t left = i < 32 ? i : 1u << (i < 42 ? i - 27 : 15);
        set_contexts(m, CONTEXT_PEAK + i, 1, (uint32_t)rate_after(left, 255) * 2, 6);
    }
    for (int32_t i = 0; i < 64; ++i) {
        const uint32_t one = squash(clamp((i - 24) * 11 / 4 + 11, -ODDS_MAX, ODDS_MAX));
        set_contexts(m, CONTEXT_ZERO + (uint32_t)i, 1, m->sparse ? 32768 : one, m->sparse ? 2 : 4);
    }
    for (uint32_t i = 0; i < 3; ++i) set_bucket_contexts(m, CONTEXT_BUCKET + i * 48, 48, i, 0, 1, 8);
    set_contexts(m, CONTEXT_SIGN, 27, 32768, 3);
}

INLINE void set_mixed_contexts(model *m) {
    set_contexts(m, CONTEXT_SIGN_LEFT, 36 + 36, 32768, 3);
    set_contexts(m, CONTEXT_ZERO_NEAR, 32 + 81, m->largest > 20 && !m->sparse ? 64700 : 43690, 2);
    for (uint32_t i = 0; i < 3; ++i) {
        set_bucket_contexts(m, CONTEXT_BUCKET_NEAR + i * 32, 32, i, -4, 2, 2);
        for (uint32_t k = 0; k < m->buckets; ++k)
            set_bucket_contexts(m, CONTEXT_BY_BUCKET + k * BUCKET_CONTEXTS + i * 14, 14, i, (int32_t)(4 * k) + 35, -4, 3);
    }
    for (uint32_t i = 0; i < MIX_SETS * INPUTS; ++i) m->weights[i] = 3277;
}

/* memory: model_bytes() of them; what follows the model is cut into contexts, columns and history. */
INLINE void model_begin(model *m, const uint8_t *table, uint32_t row_elements) {
    set_parameters(m, table);
    const uint32_t contexts = model_contexts(table);
    const uint32_t history = m->has_columns ? row_elements + 1 : RING; /* 0 at the right of the last */
    m->weights = (int16_t *)(m + 1);
    m->ones = (uint16_t *)(m->weights + (m->mixed ? MIX_SETS * INPUTS : 0));
    m->counts = (uint8_t *)(m->ones + contexts);
    m->history = (int8_t *)(m->counts + contexts);
    m->columns = m->history + history;
    for (uint32_t i = 0; i < history; ++i) m->history[i] = 0;
    for (uint32_t i = 0; m->has_columns && i < row_elements; ++i) m->columns[i] = 0;
    m->row_elements = row_elements;
    m->bits_first = bits_first(table);
    m->row = m->column = 0;
    m->left = m->left2 = 0;
    m->dither = 0;
    m->first_scale = m->row_scale = m->largest > 1 ? ((int32_t)m->buckets - 2) * 65536 : -65536;
    m->local = m->first_odds = m->row_odds = 0;
    m->seen = 0;
    set_plain_contexts(m);
    if (m->mixed) set_mixed_contexts(m);
    set_contexts(m, m->bits_first, contexts - m->bits_first, 32768, 8);
}

#endif
