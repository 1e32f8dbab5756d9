/* Which values are symbols by themselves, which exponents are split by their leading mantissa bits, and what escapes. */
#include "float_host.h"

enum {
    PEEK_BITS = 3,   /* leading mantissa bits that may be modelled */
    MAX_HEADS = 240, /* exponents with symbols of their own; room is left for zero and escape */
    MAX_SPLIT = 200  /* symbols up to which exponents are split */
};

/* log2(1 + i/256), from log2(v) = bit by bit squaring; made on first use. */
static float fraction_log2[257];

static void fill_fractions(void) {
    for (uint32_t i = 0; i < 256; i++) {
        double x = 1.0 + (double)i / 256.0, log = 0.0, bit = 0.5;
        for (int k = 0; k < 24; k++, bit *= 0.5) {
            x *= x;
            if (x >= 2.0) {
                x *= 0.5;
                log += bit;
            }
        }
        fraction_log2[i] = (float)log;
    }
    fraction_log2[256] = 1.0f;
}

float float_log2(uint32_t value) {
    if (fraction_log2[256] == 0.0f) fill_fractions();
    uint32_t whole = 31u - (uint32_t)__builtin_clz(value | 1u);
    uint32_t scaled = value << (31u - whole); /* the leading one at bit 31 */
    uint32_t index = (scaled >> 23) & 255u;
    float rest = (float)(scaled & 0x7fffffu) / 8388608.0f;
    return (float)whole + fraction_log2[index] + rest * (fraction_log2[index + 1] - fraction_log2[index]);
}

/* ---- distinct values ---- */

enum { HASH_SLOTS = 1024 };
static uint32_t hash_value[HASH_SLOTS], hash_count[HASH_SLOTS];
static uint8_t hash_symbol[HASH_SLOTS];

static uint32_t hash_slot(uint32_t value) {
    uint32_t slot = (value * 2654435761u) >> 22;
    while (hash_count[slot] != 0 && hash_value[slot] != value) slot = (slot + 1u) & (HASH_SLOTS - 1u);
    return slot;
}

/* Distinct values, at most one more than symbols can be. */
static uint32_t count_distinct(const float_model *m, const uint8_t *data) {
    uint32_t distinct = 0;
    for (uint32_t i = 0; i < HASH_SLOTS; i++) hash_count[i] = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t value = float_element(data, m->width_bits, i);
        uint32_t slot = hash_slot(value);
        if (hash_count[slot]++ == 0) {
            hash_value[slot] = value;
            if (++distinct > SHOE_FLOAT_MAX_SYMBOLS) return distinct;
        }
    }
    return distinct;
}

static float dictionary_bits(const float_model *m, uint32_t distinct) {
    float bits = (float)distinct * (float)(m->width_bits + 10u);
    float all = float_log2(m->count);
    for (uint32_t i = 0; i < HASH_SLOTS; i++)
        if (hash_count[i]) bits += (float)hash_count[i] * (all - float_log2(hash_count[i]));
    return bits;
}

static void use_dictionary(float_model *m, const uint8_t *data, uint8_t *symbol) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < HASH_SLOTS; i++) {
        if (!hash_count[i]) continue;
        uint32_t at = n++;
        for (; at > 0 && m->value[at - 1] > hash_value[i]; at--) m->value[at] = m->value[at - 1];
        m->value[at] = hash_value[i];
    }
    for (uint32_t i = 0; i < n; i++) hash_symbol[hash_slot(m->value[i])] = (uint8_t)i;
    for (uint32_t i = 0; i < m->count; i++) symbol[i] = hash_symbol[hash_slot(float_element(data, m->width_bits, i))];
    m->dictionary = 1;
    m->values = m->symbols = n;
    m->zero = m->escape = m->shift = 0;
    m->sign_mode = SHOE_FLOAT_SIGN_PLUS;
}

/* ---- exponents ---- */

static uint32_t peek_count[256 << PEEK_BITS]; /* by exponent and leading mantissa bits, +0 apart */
static uint32_t head_count[256];

typedef struct {
    uint32_t zeros, negative, all_bits;
} totals_t;

static totals_t count_heads(const float_model *m, const uint8_t *data) {
    totals_t t = {0, 0, 0};
    uint32_t peek = m->mantissa_bits < PEEK_BITS ? 0u : (uint32_t)PEEK_BITS;
    uint32_t drop = m->mantissa_bits - peek;
    uint32_t mask = (1u << (m->exponent_bits + peek)) - 1u;
    for (uint32_t i = 0; i < 256u << PEEK_BITS; i++) peek_count[i] = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t value = float_element(data, m->width_bits, i);
        t.all_bits |= value;
        t.zeros += value == 0;
        t.negative += value >> (m->width_bits - 1u);
        peek_count[(value >> drop) & mask]++;
    }
    for (uint32_t e = 0; e < 1u << m->exponent_bits; e++) {
        head_count[e] = 0;
        for (uint32_t part = 0; part < 1u << peek; part++) head_count[e] += peek_count[(e << peek) | part];
    }
    return t;
}

static void choose_shift_and_signs(float_model *m, totals_t t) {
    m->shift = 0;
    while (m->shift < m->mantissa_bits && !((t.all_bits >> m->shift) & 1u)) m->shift++;
    m->sign_mode = SHOE_FLOAT_SIGN_RAW;
    /* the odd sign escapes: 8 bits for the symbol and 8 more raw ones than usual */
    uint32_t few = m->count / (m->width_bits / 2u);
    if (m->kind == SHOE_FLOAT_BYTE || t.negative <= few) m->sign_mode = SHOE_FLOAT_SIGN_PLUS;
    else if (m->count - t.negative <= few) m->sign_mode = SHOE_FLOAT_SIGN_MINUS;
}

/* Exponents of a value or two cost more as symbols than as escapes, at both ends of the range. */
static void choose_range(float_model *m) {
    uint32_t low = 0, high = (1u << m->exponent_bits) - 1u;
    uint32_t few = m->kind == SHOE_FLOAT_BYTE ? 0u : m->count >> 20 ? 4u : 1u;
    while (low < high && head_count[low] <= few) low++;
    while (high > low && head_count[high] <= few) high--;
    while (m->kind != SHOE_FLOAT_BYTE && high - low >= (uint32_t)MAX_HEADS) {
        if (head_count[low] < head_count[high]) low++;
        else high--;
    }
    m->lowest = low;
    m->heads = high - low + 1u;
}

/* Bits that splitting an exponent by its leading `split` mantissa bits saves, tables counted. */
static float split_gain(uint32_t exponent, uint32_t split) {
    float gain = (float)(head_count[exponent] * split);
    for (uint32_t part = 0; part < 1u << split; part++) {
        uint32_t count = 0;
        for (uint32_t k = 0; k < 1u << (PEEK_BITS - split); k++)
            count += peek_count[(exponent << PEEK_BITS) | (part << (PEEK_BITS - split)) | k];
        if (count) gain -= (float)count * (float_log2(head_count[exponent]) - float_log2(count));
    }
    return gain - (float)((1u << split) - 1u) * 16.0f;
}

static void choose_splits(float_model *m) {
    uint32_t symbols = m->heads + m->zero + 1u;
    for (uint32_t e = 0; e < 256; e++) m->split[e] = 0;
    for (uint32_t e = m->lowest; e < m->lowest + m->heads; e++) {
        if (head_count[e] == 0 || m->mantissa_bits < PEEK_BITS) continue;
        float best = 0.0f;
        for (uint32_t split = 1; split <= PEEK_BITS && split + m->shift <= m->mantissa_bits; split++) {
            float gain = split_gain(e, split);
            if (gain <= best || symbols + (1u << split) > (uint32_t)MAX_SPLIT) continue;
            best = gain;
            m->split[e] = (uint8_t)split;
        }
        symbols += (1u << m->split[e]) - 1u;
    }
}

static void number_symbols(float_model *m) {
    m->symbols = 0;
    for (uint32_t e = m->lowest; e < m->lowest + m->heads; e++) {
        m->first[e] = m->symbols;
        m->symbols += 1u << m->split[e];
    }
    m->symbols += m->zero;
}

/* Symbol of every element; escapes get the number after all others. Returns how many escape. */
static uint32_t map_symbols(const float_model *m, const uint8_t *data, uint8_t *symbol) {
    uint32_t escapes = 0, sign_at = m->width_bits - 1u;
    uint32_t sign = m->sign_mode == SHOE_FLOAT_SIGN_MINUS ? 1u : 0u;
    uint32_t checked = m->sign_mode != SHOE_FLOAT_SIGN_RAW && m->kind != SHOE_FLOAT_BYTE;
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t value = float_element(data, m->width_bits, i);
        uint32_t e = (value >> m->mantissa_bits) & ((1u << m->exponent_bits) - 1u);
        uint32_t part = (value >> (m->mantissa_bits - m->split[e])) & ((1u << m->split[e]) - 1u);
        uint32_t s = m->first[e] + part;
        if (e - m->lowest >= m->heads || (checked && value >> sign_at != sign)) s = m->symbols;
        if (value == 0 && m->zero) s = m->symbols - 1u;
        escapes += s == m->symbols;
        symbol[i] = (uint8_t)s;
    }
    return escapes;
}

static float heads_bits(const float_model *m, const uint8_t *symbol) {
    static uint32_t count[SHOE_FLOAT_MAX_SYMBOLS + 1];
    float bits = 100.0f, all = float_log2(m->count);
    for (uint32_t i = 0; i <= m->symbols; i++) count[i] = 0;
    for (uint32_t i = 0; i < m->count; i++) count[symbol[i]]++;
    for (uint32_t s = 0; s <= m->symbols; s++) {
        if (!count[s]) continue;
        uint32_t raw = m->mantissa_bits - m->shift + (m->sign_mode == SHOE_FLOAT_SIGN_RAW);
        if (s == m->symbols) raw = m->width_bits;
        else if (m->zero && s == m->symbols - 1u) raw = 0;
        bits += (float)count[s] * (all - float_log2(count[s]) + (float)raw) + 8.0f;
    }
    return bits;
}

void float_choose_alphabet(float_model *m, const uint8_t *data, uint8_t *symbol) {
    totals_t totals = count_heads(m, data);
    m->dictionary = m->values = 0;
    choose_shift_and_signs(m, totals);
    m->zero = m->kind != SHOE_FLOAT_BYTE && totals.zeros > 16u && totals.zeros > m->count >> 10;
    if (m->zero) {
        head_count[0] -= totals.zeros;
        peek_count[0] -= totals.zeros;
    }
    choose_range(m);
    choose_splits(m);
    number_symbols(m);
    uint32_t escapes = map_symbols(m, data, symbol);
    m->escape = escapes != 0;
    if (m->kind != SHOE_FLOAT_BYTE) {
        uint32_t distinct = count_distinct(m, data);
        if (distinct <= SHOE_FLOAT_MAX_SYMBOLS && dictionary_bits(m, distinct) < heads_bits(m, symbol)) {
            use_dictionary(m, data, symbol);
            return;
        }
    }
    m->symbols += m->escape;
}
