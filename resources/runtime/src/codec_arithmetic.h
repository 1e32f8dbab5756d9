/*
 * The model of the arithmetic codec, the same for decoder and encoder: how a weight becomes binary decisions and how probable
 * each is. CODEC-ARITHMETIC.md says what and why. Integers only, so that every machine computes the same.
 *
 * Whoever includes this has declared before
 *   coder                                           the range coder's state
 *   uint32_t coder_bit(coder *, uint32_t one, uint32_t bit)   one decision; one: probability of 1 in 2^-16, 1 to 65535
 *   uint32_t coder_even(coder *, uint32_t bit)                one decision of probability 1/2
 * which give the decision. A decoder ignores `bit`; an encoder gives it back.
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
    ODDS_MAX = 12 * 16,     /* of log-odds */
    INPUTS = 4,
    DENSE_FINE = 6,         /* 12 - log2 of the steps of an octave in which columns are kept */
    SPARSE_FINE = 8         /* and of a nat */
};

/* Contexts, in groups. The groups of the second part are there once for each bit of the largest magnitude. */
enum {
    CONTEXT_PEAK = 0,                              /* seen or not * elements left in the row */
    CONTEXT_ZERO = CONTEXT_PEAK + 2 * 48,          /* scale or log-odds */
    CONTEXT_ZERO_NEAR = CONTEXT_ZERO + 64,         /* which of five neighbours are 0 */
    CONTEXT_ZERO_SIZE = CONTEXT_ZERO_NEAR + 32,    /* magnitudes to the left and above */
    CONTEXT_BUCKET = CONTEXT_ZERO_SIZE + 81,       /* direction * bucket relative to the scale */
    CONTEXT_BUCKET_NEAR = CONTEXT_BUCKET + 3 * 48, /* direction * bucket relative to the neighbours */
    CONTEXT_BITS = CONTEXT_BUCKET_NEAR + 3 * 32,   /* bits before * bucket relative to the scale */
    CONTEXT_SIGN = CONTEXT_BITS + 8 * 24,          /* signs of three neighbours */
    CONTEXT_SIGN_LEFT = CONTEXT_SIGN + 27,
    CONTEXT_SIGN_UP = CONTEXT_SIGN_LEFT + 36,
    CONTEXT_BY_BUCKET = CONTEXT_SIGN_UP + 36,
    BUCKET_CONTEXTS = 3 * 14 + 8, /* direction * scale, then bits before */
};

/* Sets of mixing weights */
enum { MIX_ZERO = 0, MIX_SIGN = 1, MIX_BITS = 2, MIX_BUCKET = 5, MIX_SETS = MIX_BUCKET + 3 * 8 };

typedef struct {
    coder code;
    int16_t *weights;    /* sets of INPUTS mixing weights, 2^-13 */
    uint16_t *ones;      /* of each context: probability of 1 */
    uint8_t *counts;     /* of each context: decisions so far, up to the limit */
    int8_t *columns;     /* of each column: scale in 1/64 octave, or, sparse, log-odds in 1/16 nat */
    int8_t *history;     /* the newest element of each column; without columns the last RING elements */
    uint32_t row_elements;
    uint32_t lag;        /* distance of a neighbour within the row that the encoder chose */
    uint32_t row;        /* up to 255 */
    uint32_t column;
    int32_t left;        /* the last element of the row so far, and the one before it */
    int32_t left2;
    int32_t row_scale;   /* of this row, 2^-16 octave */
    int32_t first_scale; /* with which a row begins */
    int32_t dither;      /* 0 to 255 */
    int32_t local;       /* of the last few elements, 1/4096 octave */
    int32_t row_odds;    /* log-odds of not being 0, of this row, 2^-16 nat */
    int32_t first_odds;
    uint8_t largest;     /* magnitude */
    uint8_t buckets;     /* its bits */
    uint8_t sparse;
    uint8_t peak;
    uint8_t has_columns;
    uint8_t signs;
    uint8_t deep;        /* bits below the leading one that are modelled */
    uint8_t inputs;      /* 2 or 3 */
    uint8_t seen;        /* the largest magnitude occurred in this row */
    uint8_t row_floor;   /* decisions after which rates of rows, columns and contexts stay as they are */
    uint8_t column_floor;
    uint8_t limit;
    uint8_t odds_gain;
    uint8_t local_gain;
    uint8_t lag_gain;
    uint8_t mix_shift;
} model;

INLINE int32_t clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

INLINE int32_t magnitude_of(int32_t x) {
    return x < 0 ? -x : x;
}

/* Bits of x, 0 to 16 */
INLINE uint32_t bits_of(uint32_t x) {
#if defined(__GNUC__) && !defined(__ARM_ARCH_6M__)
    return 31 - (uint32_t)__builtin_clz(2 * x + 1);
#else
    uint32_t n = 0;
    for (; x; x >>= 1) ++n;
    return n;
#endif
}

SHARED void learn(model *m, uint32_t context, uint32_t bit) {
    const uint32_t n = m->counts[context];
    const int32_t one = m->ones[context];
    m->ones[context] = (uint16_t)(one + ((((bit ? 65535 : 0) - one) * (int32_t)rates[n] + (1 << 14)) >> 15));
    m->counts[context] = (uint8_t)(n + (n < m->limit));
}

/* A decision with one context. */
INLINE uint32_t decide(model *m, uint32_t context, uint32_t wanted) {
    const uint32_t one = m->ones[context];
    const uint32_t bit = coder_bit(&m->code, one < 8 ? 8 : one > 65528 ? 65528 : one, wanted);
    learn(m, context, bit);
    return bit;
}

/* A decision whose log-odds are the weighted sum of those of `count` contexts and of `odds`. Weights are modulo 2^16: they come
 * nowhere near its ends unless a payload is made for it.
 * error: what the decision was beyond what was expected, 2^-16 */
SHARED uint32_t decide_mixed(model *m, const uint32_t *contexts, uint32_t count, int32_t odds, int16_t *weights, uint32_t wanted,
                             int32_t *error) {
    int32_t inputs[INPUTS];
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
        inputs[i] = stretches[m->ones[contexts[i]] >> 6];
        sum += inputs[i] * weights[i];
    }
    inputs[3] = odds;
    sum += odds * weights[3];
    const uint32_t one = squashes[clamp((sum + (1 << 12)) >> 13, -ODDS_MAX, ODDS_MAX) + ODDS_MAX];
    const uint32_t bit = coder_bit(&m->code, one, wanted);
    *error = (int32_t)(bit << 16) - (int32_t)one;
    const int32_t half = 1 << (m->mix_shift - 1);
    for (uint32_t i = 0; i < count; ++i) {
        weights[i] = (int16_t)(weights[i] + ((*error * inputs[i] + half) >> m->mix_shift));
        learn(m, contexts[i], bit);
    }
    weights[3] = (int16_t)(weights[3] + ((*error * odds + half) >> m->mix_shift));
    return bit;
}

typedef struct {
    int32_t left, left2, lag, up, up_right;
    int32_t of_column; /* the column's part of scale or odds, 1/256 octave or nat */
    int32_t scale;     /* expected magnitude */
    int32_t odds;      /* of not being 0, 1/16 nat */
} surroundings;

/* The element `lag` before in this row; 0 before its first. */
INLINE int32_t lagged(const model *m) {
    if (m->lag > m->column) return 0;
    const uint32_t column = m->column - m->lag;
    return m->history[m->has_columns ? column : column & (RING - 1)];
}

/* Magnitude in units of the expected one, minus 1; 2^-10, at most 2 */
INLINE int32_t surprise(int32_t magnitude, int32_t scale) {
    const int32_t ratio = (magnitude * halves[(scale & 255) >> 3]) >> (5 + (scale >> 8));
    return ratio > 3072 ? 2048 : ratio - 1024;
}

SHARED surroundings look_around(const model *m, uint32_t sparse) {
    surroundings s;
    s.left = m->left;
    s.left2 = m->left2;
    s.lag = lagged(m);
    s.up = m->has_columns ? m->history[m->column] : 0;
    s.up_right = m->has_columns ? m->history[m->column + 1] : 0;
    s.of_column = m->has_columns ? m->columns[m->column] * (sparse ? 1 << (SPARSE_FINE - 4) : 1 << (DENSE_FINE - 4)) : 0;
    s.scale = 0;
    s.odds = 0;
    return s;
}

INLINE int32_t odds_here(const model *m, const surroundings *s) {
    return clamp(((m->row_odds >> 8) + s->of_column + 8) >> 4, -ODDS_MAX, ODDS_MAX);
}

SHARED int32_t scale_here(const model *m, const surroundings *s, uint32_t sparse) {
    const int32_t scale = clamp((m->row_scale >> 8) + (m->local >> 4) + (sparse ? 0 : s->of_column), FIRST_SCALE, LAST_SCALE);
    if (m->lag_gain == 0 || m->lag > m->column) return scale;
    return clamp(scale + ((surprise(magnitude_of(s->lag), scale) * m->lag_gain) >> 8), FIRST_SCALE, LAST_SCALE);
}

/* by: 1/4096 octave or nat; fine: bits of it that columns do not keep. They are rounded up as often as they are large, in a fixed
 * sequence. */
INLINE void move_column(model *m, int32_t by, uint32_t fine) {
    m->dither = (m->dither + 157) & 255;
    m->columns[m->column] = (int8_t)clamp(m->columns[m->column] + ((by + (m->dither >> (8 - fine))) >> fine), -127, 127);
}

INLINE uint32_t code_nonzero(model *m, const surroundings *s, uint32_t inputs, uint32_t sparse, uint32_t wanted) {
    const uint32_t near = (uint32_t)((s->left != 0) | (s->left2 != 0) << 1 | (s->up != 0) << 2 | (s->up_right != 0) << 3 |
                                     (s->lag != 0) << 4);
    const uint32_t level = sparse ? (uint32_t)clamp(((s->odds * 3 + 8) >> 4) + 32, 0, 63) : (uint32_t)((s->scale + 32) >> 6) + 24;
    const uint32_t beside = bits_of((uint32_t)(magnitude_of(s->left) + magnitude_of(s->left2)));
    const uint32_t above = bits_of((uint32_t)magnitude_of(s->up));
    const uint32_t contexts[3] = {CONTEXT_ZERO + level, CONTEXT_ZERO_NEAR + near,
                                  CONTEXT_ZERO_SIZE + (beside > 8 ? 8 : beside) * 9 + above};
    int32_t error;
    const uint32_t bit = decide_mixed(m, contexts, inputs, sparse ? s->odds : 0, m->weights + MIX_ZERO * INPUTS, wanted, &error);
    if (sparse) {
        m->row_odds = clamp(m->row_odds + ((error * m->odds_gain) >> 8), -9 * 65536, 9 * 65536);
        if (m->has_columns) {
            const uint32_t n = m->row + 1 < m->column_floor ? m->row + 1 : m->column_floor;
            move_column(m, ((error >> 2) * rates[n]) >> 15, SPARSE_FINE);
        }
    }
    return bit;
}

/* Bits of the magnitude, 1 to m->buckets: first whether above the expected number, then on in that direction. */
INLINE uint32_t code_bucket(model *m, const surroundings *s, uint32_t inputs, uint32_t wanted) {
    const uint32_t sum = (uint32_t)(2 * (magnitude_of(s->left) + magnitude_of(s->lag) + magnitude_of(s->up)) + magnitude_of(s->left2) +
                                    magnitude_of(s->up_right));
    const uint32_t sum_bits = bits_of(sum);
    const int32_t near = (int32_t)(sum_bits < 2 ? sum_bits : 2 * sum_bits - 2 + (sum >> (sum_bits - 2) & 1u)); /* half octaves */
    const int32_t level = (s->scale + 32) >> 6; /* quarter octaves */
    const uint32_t coarse = (uint32_t)(((s->scale + 64) >> 7) + 10) >> 1;
    uint32_t k = (uint32_t)clamp((s->scale + 128) >> 8, 1, m->buckets - 1);
    uint32_t direction = 0;
    for (;;) {
        const uint32_t contexts[3] = {
            CONTEXT_BUCKET + direction * 48 + (uint32_t)clamp(4 * (int32_t)k - level + 16, 0, 47),
            CONTEXT_BY_BUCKET + k * BUCKET_CONTEXTS + direction * 14 + coarse,
            CONTEXT_BUCKET_NEAR + direction * 32 + (uint32_t)clamp(2 * (int32_t)k - near + 16, 0, 31),
        };
        int32_t error;
        int16_t *const weights = m->weights + (MIX_BUCKET + direction * 8 + k - 1) * INPUTS;
        const uint32_t above = decide_mixed(m, contexts, inputs, 0, weights, wanted > k, &error);
        if (direction == 0) direction = 1 + above;
        else if (above != direction - 1) return k + above;
        if (above) {
            if (++k == m->buckets) return k;
        } else if (--k == 0) return 1;
    }
}

/* The bits below the leading one. */
INLINE uint32_t code_rest(model *m, const surroundings *s, uint32_t bucket, uint32_t wanted) {
    const int32_t half_level = (s->scale + 64) >> 7;
    const uint32_t relative = (uint32_t)clamp(2 * (int32_t)bucket - half_level + 10, 0, 23);
    uint32_t magnitude = 1;
    for (uint32_t i = 1; i < bucket; ++i) {
        const uint32_t bit = wanted >> (bucket - 1 - i) & 1u;
        if (i <= m->deep) {
            const uint32_t contexts[2] = {CONTEXT_BITS + magnitude * 24 + relative,
                                          CONTEXT_BY_BUCKET + (bucket - 1) * BUCKET_CONTEXTS + 42 + magnitude};
            int32_t error;
            magnitude = magnitude * 2 + decide_mixed(m, contexts, 2, 0, m->weights + (MIX_BITS + i - 1) * INPUTS, bit, &error);
        } else {
            magnitude = magnitude * 2 + coder_even(&m->code, bit);
        }
    }
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

INLINE uint32_t code_sign(model *m, const surroundings *s, uint32_t wanted) {
    if (!m->signs) return coder_even(&m->code, wanted);
    const uint32_t contexts[3] = {
        CONTEXT_SIGN + sign_of(s->left) + 3 * sign_of(s->lag) + 9 * sign_of(s->up),
        CONTEXT_SIGN_LEFT + sign_of(s->left) + 3 * sign_of(s->left2) + 9 * size_of(s->left),
        CONTEXT_SIGN_UP + sign_of(s->up) + 3 * sign_of(s->up_right) + 9 * size_of(s->up),
    };
    int32_t error;
    return decide_mixed(m, contexts, 3, 0, m->weights + MIX_SIGN * INPUTS, wanted, &error);
}

/* Whether the element is of the largest magnitude: where each channel is scaled by its maximum, one is in every row. */
INLINE uint32_t code_peak(model *m, uint32_t wanted) {
    const uint32_t left = m->row_elements - m->column;
    const uint32_t context = CONTEXT_PEAK + 48u * m->seen + (left < 32 ? left : left < 65536 ? 26 + bits_of(left) : 42);
    return decide(m, context, wanted);
}

INLINE void adapt_scale(model *m, int32_t magnitude, int32_t scale, uint32_t sparse) {
    const int32_t beyond = surprise(magnitude, scale);
    const uint32_t n = m->column + 2 < m->row_floor ? m->column + 2 : m->row_floor;
    m->row_scale = clamp(m->row_scale + ((beyond * rates[n]) >> 9), -6 * 65536, 8 * 65536);
    m->local += ((beyond * m->local_gain) >> 5) - (m->local >> 3);
    if (m->has_columns && !sparse && m->column_floor) {
        const uint32_t r = m->row + 2 < m->column_floor ? m->row + 2 : m->column_floor;
        move_column(m, (beyond * rates[r]) >> 13, DENSE_FINE);
    }
}

INLINE void next_column(model *m, int32_t value) {
    m->history[m->has_columns ? m->column : m->column & (RING - 1)] = (int8_t)value;
    m->left2 = m->left;
    m->left = value;
    if (++m->column < m->row_elements) return;
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

/* The next element. inputs, sparse: the model's, constants where speed counts. wanted: what an encoder has.
 * May be out of int8 in a decoder given an impossible payload. */
INLINE int32_t code_element(model *m, uint32_t inputs, uint32_t sparse, int32_t wanted) {
    surroundings s = look_around(m, sparse);
    const uint32_t size = (uint32_t)magnitude_of(wanted);
    uint32_t magnitude = m->largest;
    if (sparse) s.odds = odds_here(m, &s);
    else s.scale = scale_here(m, &s, 0);
    const uint32_t peak = m->peak ? code_peak(m, size == m->largest) : 0;
    if (!peak) magnitude = code_nonzero(m, &s, inputs, sparse, size != 0);
    if (magnitude) {
        if (sparse) s.scale = scale_here(m, &s, 1);
        if (!peak && m->buckets > 1) magnitude = code_rest(m, &s, code_bucket(m, &s, inputs, bits_of(size)), size);
    }
    int32_t value = (int32_t)magnitude;
    if (magnitude && code_sign(m, &s, wanted < 0)) value = -value;
    if (magnitude || !sparse) adapt_scale(m, (int32_t)magnitude, s.scale, sparse);
    m->seen |= magnitude == m->largest;
    next_column(m, value);
    return value;
}

INLINE uint32_t model_contexts(uint32_t largest) {
    return CONTEXT_BY_BUCKET + bits_of(largest) * BUCKET_CONTEXTS;
}

INLINE uint32_t model_bytes(const uint8_t *table, uint32_t row_elements) {
    const uint32_t contexts = model_contexts(table[0]);
    const uint32_t history = table[1] & 4u ? 2 * row_elements + 1 : RING;
    return (uint32_t)sizeof(model) + 2 * MIX_SETS * INPUTS + 3 * contexts + history;
}

INLINE int table_is_possible(const uint8_t *table, uint32_t row_elements) {
    const uint32_t lag = table[4] | (uint32_t)table[5] << 8;
    const uint32_t columns = table[1] >> 2 & 1u;
    if (table[0] < 1 || table[0] > 128 || table[1] > 127 || table[3] > 15 || lag < 1) return 0;
    return columns ? row_elements <= COLUMNS_MAX : lag < RING;
}

INLINE void set_parameters(model *m, const uint8_t *table) {
    static const uint8_t row_floors[4] = {255, 99, 32, 12};
    static const uint8_t column_floors[4] = {0, 64, 32, 12};
    static const uint8_t sparse_floors[4] = {255, 36, 10, 4};
    static const uint8_t odds_gains[4] = {2, 5, 17, 51};
    static const uint8_t local_gains[4] = {0, 4, 8, 14};
    static const uint8_t lag_gains[4] = {0, 5, 10, 18};
    static const uint8_t limits[4] = {30, 90, 170, 255};
    m->largest = table[0];
    m->buckets = (uint8_t)bits_of(table[0]);
    m->sparse = table[1] & 1u;
    m->peak = table[1] >> 1 & 1u;
    m->has_columns = table[1] >> 2 & 1u;
    m->signs = table[1] >> 3 & 1u;
    m->deep = table[1] >> 4 & 3u;
    m->inputs = (uint8_t)(2 + (table[1] >> 6 & 1u));
    m->row_floor = row_floors[table[2] & 3u];
    m->odds_gain = odds_gains[table[2] & 3u];
    m->column_floor = (m->sparse ? sparse_floors : column_floors)[table[2] >> 2 & 3u];
    m->local_gain = local_gains[table[2] >> 4 & 3u];
    m->lag_gain = lag_gains[table[2] >> 6];
    m->limit = limits[table[3] & 3u];
    m->mix_shift = (uint8_t)(13 + (table[3] >> 2 & 3u));
    m->lag = table[4] | (uint32_t)table[5] << 8;
}

SHARED void set_context(model *m, uint32_t context, uint32_t one, uint32_t count) {
    m->ones[context] = (uint16_t)one;
    m->counts[context] = (uint8_t)count;
}

/* The prior of place i - 16 quarters of an octave from the scale */
INLINE uint32_t prior(uint32_t direction, int32_t i) {
    return priors[direction * 48 + (uint32_t)clamp(i, 0, 47)] * 256u;
}

INLINE void set_first_contexts(model *m) {
    for (uint32_t i = 0; i < 48; ++i) {
        const uint32_t left = i < 32 ? i : 1u << (i < 42 ? i - 27 : 15);
        set_context(m, CONTEXT_PEAK + i, left < 2 ? 64000 : rates[left > 255 ? 255 : left] * 2, 6);
        set_context(m, CONTEXT_PEAK + 48 + i, 328, 8);
    }
    for (int32_t i = 0; i < 64 && !m->sparse; ++i) {
        const int32_t odds = clamp((i - 24) * 11 / 4 + 11, -ODDS_MAX, ODDS_MAX);
        set_context(m, CONTEXT_ZERO + (uint32_t)i, squashes[odds + ODDS_MAX], 4);
    }
    const uint32_t nonzero = m->largest > 20 && !m->sparse ? 64700 : 43690;
    for (uint32_t i = CONTEXT_ZERO_NEAR; i < CONTEXT_BUCKET; ++i) set_context(m, i, nonzero, 2);
    for (uint32_t i = CONTEXT_BITS; i < CONTEXT_SIGN; ++i) m->counts[i] = 8;
    for (uint32_t i = CONTEXT_SIGN; i < CONTEXT_BY_BUCKET; ++i) m->counts[i] = 3;
}

INLINE void set_bucket_contexts(model *m, uint32_t direction) {
    for (int32_t i = 0; i < 48; ++i) set_context(m, CONTEXT_BUCKET + direction * 48 + (uint32_t)i, prior(direction, i), 8);
    for (int32_t i = 0; i < 32; ++i)
        set_context(m, CONTEXT_BUCKET_NEAR + direction * 32 + (uint32_t)i, prior(direction, 2 * i - 4), 2);
    for (int32_t k = 1; k < m->buckets; ++k) {
        const uint32_t first = CONTEXT_BY_BUCKET + (uint32_t)k * BUCKET_CONTEXTS + direction * 14;
        for (int32_t i = 0; i < 14; ++i) set_context(m, first + (uint32_t)i, prior(direction, 4 * k - 4 * i + 35), 3);
    }
}

INLINE void set_contexts(model *m) {
    const uint32_t contexts = model_contexts(m->largest);
    for (uint32_t i = 0; i < contexts; ++i) set_context(m, i, 32768, 2);
    set_first_contexts(m);
    for (uint32_t direction = 0; direction < 3; ++direction) set_bucket_contexts(m, direction);
}

/* memory: model_bytes() of them; what follows the model is cut into contexts, columns and history. */
INLINE void model_begin(model *m, const uint8_t *table, uint32_t row_elements) {
    set_parameters(m, table);
    const uint32_t contexts = model_contexts(m->largest);
    const uint32_t history = m->has_columns ? row_elements + 1 : RING; /* 0 at the right of the last */
    m->weights = (int16_t *)(m + 1);
    m->ones = (uint16_t *)(m->weights + MIX_SETS * INPUTS);
    m->counts = (uint8_t *)(m->ones + contexts);
    m->history = (int8_t *)(m->counts + contexts);
    m->columns = m->history + history;
    for (uint32_t i = 0; i < history; ++i) m->history[i] = 0;
    for (uint32_t i = 0; m->has_columns && i < row_elements; ++i) m->columns[i] = 0;
    m->row_elements = row_elements;
    m->row = m->column = 0;
    m->left = m->left2 = 0;
    m->dither = 0;
    m->first_scale = m->row_scale = m->largest > 1 ? ((int32_t)m->buckets - 2) * 65536 : -65536;
    m->local = m->first_odds = m->row_odds = 0;
    m->seen = 0;
    set_contexts(m);
    for (uint32_t i = 0; i < MIX_SETS; ++i)
        for (uint32_t k = 0; k < INPUTS; ++k) m->weights[i * INPUTS + k] = (int16_t)(m->inputs == 3 || k == 0 ? 3277 : 4096);
}

#endif
