/* Writes the stream: header, alphabet, classes, frequencies, raw bits, rANS. */
#include "float_host.h"

static float_model model;

typedef struct {
    uint8_t *out;
    uint32_t at, capacity, full;
} sink_t;

static void put_byte(sink_t *s, uint32_t value) {
    if (s->at < s->capacity) s->out[s->at++] = (uint8_t)value;
    else s->full = 1;
}

static void put_varint(sink_t *s, uint32_t value) {
    for (; value >= 128; value >>= 7) put_byte(s, (value & 127u) | 128u);
    put_byte(s, value);
}

/* Fields of `bits` bits from the low bit up. */
static void put_fields(sink_t *s, const uint8_t *field, uint32_t count, uint32_t bits) {
    uint32_t held = 0, value = 0;
    for (uint32_t i = 0; i < count && bits; i++) {
        value |= (uint32_t)field[i] << held;
        for (held += bits; held >= 8; held -= 8, value >>= 8) put_byte(s, value & 255u);
    }
    if (held) put_byte(s, value);
}

static uint32_t bits_of(uint32_t classes) {
    uint32_t bits = 0;
    while ((1u << bits) < classes) bits++;
    return bits;
}

static void put_head(sink_t *s, const float_model *m, uint32_t states) {
    put_byte(s, m->kind | (m->sign_mode << 2) | (m->dictionary << 4) | (m->zero << 5) | (states == 4 ? 64u : 0u) | (m->escape << 7));
    put_varint(s, m->count);
    put_varint(s, m->cols);
    put_byte(s, m->shift);
    if (m->dictionary) {
        put_varint(s, m->values);
        for (uint32_t i = 0; i < m->values; i++)
            for (uint32_t bit = 0; bit < m->width_bits; bit += 8) put_byte(s, (m->value[i] >> bit) & 255u);
    } else {
        put_byte(s, m->lowest);
        put_byte(s, m->heads - 1u);
        put_fields(s, m->split + m->lowest, m->heads, 2);
    }
    put_byte(s, (m->row_classes - 1u) | ((m->col_classes - 1u) << 4));
    put_fields(s, m->row_class, m->rows, bits_of(m->row_classes));
    put_fields(s, m->col_class, m->cols, bits_of(m->col_classes));
    for (uint32_t k = 0; k < m->contexts; k++)
        for (uint32_t i = 0; i < m->symbols; i++) put_varint(s, m->frequency[k][i]);
}

/* Raw bits an element of each symbol has. */
static void raw_lengths(const float_model *m, uint8_t *length) {
    uint32_t sign = m->sign_mode == SHOE_FLOAT_SIGN_RAW ? 1u : 0u;
    for (uint32_t s = 0; s < SHOE_FLOAT_MAX_SYMBOLS; s++) length[s] = 0;
    for (uint32_t e = m->lowest; !m->dictionary && e < m->lowest + m->heads; e++)
        for (uint32_t part = 0; part < 1u << m->split[e]; part++)
            length[m->first[e] + part] = (uint8_t)(m->mantissa_bits - m->split[e] - m->shift + sign);
    if (m->escape) length[m->symbols - 1u] = (uint8_t)m->width_bits;
}

static void put_raw(sink_t *s, const float_model *m, const uint8_t *data, const uint8_t *symbol) {
    uint8_t length[SHOE_FLOAT_MAX_SYMBOLS];
    uint64_t total = 0;
    raw_lengths(m, length);
    for (uint32_t i = 0; i < m->count; i++) total += length[symbol[i]];
    uint32_t bytes = (uint32_t)((total + 7u) / 8u);
    put_varint(s, bytes);
    if (s->full || bytes > s->capacity - s->at) {
        s->full = 1;
        return;
    }
    uint32_t sign_bits = m->sign_mode == SHOE_FLOAT_SIGN_RAW ? 1u : 0u;
    uint32_t escape = m->escape ? m->symbols - 1u : SHOE_FLOAT_MAX_SYMBOLS;
    uint64_t held = 0;
    uint32_t bits = 0;
    uint8_t *to = s->out + s->at;
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t n = length[symbol[i]];
        uint32_t value = float_element(data, m->width_bits, i);
        uint32_t raw = symbol[i] == escape ? value : ((value >> m->shift) << sign_bits) | ((value >> (m->width_bits - 1u)) & sign_bits);
        held |= ((uint64_t)raw & (((uint64_t)1 << n) - 1u)) << bits;
        for (bits += n; bits >= 8; bits -= 8, held >>= 8) *to++ = (uint8_t)held;
    }
    if (bits) *to++ = (uint8_t)held;
    s->at += bytes;
}

static uint16_t start_of[SHOE_FLOAT_MAX_CONTEXTS][SHOE_FLOAT_MAX_SYMBOLS];

/* Words are written from the end of the buffer downward, because rANS codes the last element first. */
static void put_words(sink_t *s, const float_model *m, const uint8_t *symbol, uint32_t states) {
    for (uint32_t k = 0; k < m->contexts; k++) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < m->symbols; sum += m->frequency[k][i], i++) start_of[k][i] = (uint16_t)sum;
    }
    if (s->capacity - s->at < 4u * states) {
        s->full = 1;
        return;
    }
    uint32_t x[SHOE_FLOAT_MAX_STATES];
    for (uint32_t i = 0; i < states; i++) x[i] = SHOE_FLOAT_LOW_STATE;
    uint8_t *low = s->out + s->at + 4u * states, *at = s->out + s->capacity;
    uint32_t c = m->count - (m->rows - 1u) * m->cols, r = m->rows - 1u;
    for (uint32_t i = m->count; i-- > 0;) {
        if (c == 0) {
            c = m->cols;
            r--;
        }
        c--;
        uint32_t context = m->row_classes > 1 ? (uint32_t)m->row_class[r] * m->col_classes : 0u;
        if (m->col_classes > 1) context += m->col_class[c];
        uint32_t frequency = m->frequency[context][symbol[i]];
        uint32_t state = x[c & (states - 1u)];
        if ((uint64_t)state >= (uint64_t)frequency << 20) {
            if (at - low < 2) {
                s->full = 1;
                return;
            }
            *--at = (uint8_t)(state >> 8);
            *--at = (uint8_t)state;
            state >>= 16;
        }
        uint32_t whole = state / frequency;
        x[c & (states - 1u)] = (whole << SHOE_FLOAT_SCALE_BITS) + (state - whole * frequency) + start_of[context][symbol[i]];
    }
    for (uint32_t i = 0; i < states; i++)
        for (uint32_t bit = 0; bit < 32; bit += 8) put_byte(s, (x[i] >> bit) & 255u);
    uint32_t bytes = (uint32_t)(s->out + s->capacity - at);
    __builtin_memmove(s->out + s->at, at, bytes);
    s->at += bytes;
}

uint32_t float_encode(const uint8_t *data, uint32_t kind, uint32_t count, uint32_t cols, uint8_t *symbol, uint8_t *out,
                      uint32_t capacity) {
    static const uint8_t exponents[4] = {8, 8, 5, 8}, mantissas[4] = {23, 7, 10, 0}, widths[4] = {32, 16, 16, 8};
    if (count == 0 || kind > SHOE_FLOAT_BYTE) return 0;
    float_model *m = &model;
    m->kind = kind;
    m->count = count;
    m->cols = cols == 0 || cols > count ? count : cols;
    m->rows = (count - 1u) / m->cols + 1u;
    m->exponent_bits = exponents[kind];
    m->mantissa_bits = mantissas[kind];
    m->width_bits = widths[kind];
    float_choose_alphabet(m, data, symbol);
    float_choose_classes(m, symbol);
    uint32_t states = count >= 1024u ? 4u : 1u;
    sink_t sink = {out, 0, capacity, 0};
    put_head(&sink, m, states);
    put_raw(&sink, m, data, symbol);
    if (!sink.full) put_words(&sink, m, symbol, states);
    return sink.full ? 0u : sink.at;
}
