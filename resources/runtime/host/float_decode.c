/* The decoder for the host: one table entry for every slot of every context, four elements at a time. */
#include "float_host.h"

/* symbol in the low 8 bits, frequency - 1 in the next 12, slot - start in the top 12 */
static uint32_t slots[SHOE_FLOAT_MAX_CONTEXTS][FLOAT_SLOTS];
static uint32_t base[SHOE_FLOAT_MAX_SYMBOLS];
static uint8_t raw_bits[SHOE_FLOAT_MAX_SYMBOLS];
static uint8_t col_context[FLOAT_MAX_BYTES];

/* A decode in progress; the loops below keep it in registers. */
typedef struct {
    uint32_t x[4];
    const uint8_t *word, *word_end;
    uint32_t bit, bit_end;
} coder_t;

static void fill_slots(const shoe_float_stream *s) {
    uint16_t frequency[SHOE_FLOAT_MAX_SYMBOLS];
    const uint8_t *at = s->frequencies;
    for (uint32_t k = 0; k < s->contexts; k++) {
        at = shoe_float_frequencies(at, s->symbols, frequency);
        uint32_t *slot = slots[k];
        for (uint32_t i = 0; i < s->symbols; i++)
            for (uint32_t offset = 0; offset < frequency[i]; offset++)
                *slot++ = i | ((uint32_t)(frequency[i] - 1u) << 8) | (offset << 20);
    }
}

static inline uint32_t next_symbol(const uint32_t *table, uint32_t *x, const uint8_t **word) {
    uint32_t entry = table[*x & (FLOAT_SLOTS - 1u)];
    uint32_t state = (((entry >> 8) & 4095u) + 1u) * (*x >> SHOE_FLOAT_SCALE_BITS) + (entry >> 20);
    uint16_t next;
    __builtin_memcpy(&next, *word, 2);
    uint32_t low = state < SHOE_FLOAT_LOW_STATE;
    *x = low ? (state << 16) | next : state;
    *word += low * 2u;
    return entry & 255u;
}

static inline uint32_t value_of(const shoe_float_stream *s, const uint8_t *raw, uint32_t symbol, uint32_t *bit, uint32_t sign_bits,
                                uint32_t escape) {
    uint64_t bits;
    uint32_t n = raw_bits[symbol];
    __builtin_memcpy(&bits, raw + (*bit >> 3), 8);
    uint32_t value = (uint32_t)((bits >> (*bit & 7u)) & (((uint64_t)1 << n) - 1u));
    *bit += n;
    if (symbol == escape) return value;
    return base[symbol] | ((value >> sign_bits) << s->shift) | ((value & sign_bits) << (s->width_bits - 1u));
}

static inline void store(uint8_t *out, uint32_t width_bits, uint32_t i, uint32_t value) {
    if (width_bits == 32) __builtin_memcpy(out + 4u * i, &value, 4);
    else if (width_bits == 16) __builtin_memcpy(out + 2u * i, &(uint16_t){(uint16_t)value}, 2);
    else out[i] = (uint8_t)value;
}

/* One row of n elements with table(c) as the slots of column c. 1 unless words or raw bits ran out. */
#define DECODE_ROW(name, WIDTH, TABLE)                                                                                           \
    static int name(const shoe_float_stream *s, coder_t *k, uint32_t row_context, uint8_t *out, uint32_t n) {                    \
        const uint32_t sign_bits = s->sign_mode == SHOE_FLOAT_SIGN_RAW ? 1u : 0u;                                                \
        const uint32_t escape = s->escape ? s->symbols - 1u : SHOE_FLOAT_MAX_SYMBOLS;                                            \
        const uint8_t *word = k->word, *raw = s->raw;                                                                            \
        uint32_t bit = k->bit, x0 = k->x[0], x1 = k->x[1], x2 = k->x[2], x3 = k->x[3], c = 0;                                    \
        for (; s->states == 4 && c + 4 <= n; c += 4) {                                                                           \
            uint32_t a = next_symbol(TABLE(c), &x0, &word), b = next_symbol(TABLE(c + 1), &x1, &word);                           \
            uint32_t d = next_symbol(TABLE(c + 2), &x2, &word), e = next_symbol(TABLE(c + 3), &x3, &word);                       \
            store(out, WIDTH, c, value_of(s, raw, a, &bit, sign_bits, escape));                                                  \
            store(out, WIDTH, c + 1, value_of(s, raw, b, &bit, sign_bits, escape));                                              \
            store(out, WIDTH, c + 2, value_of(s, raw, d, &bit, sign_bits, escape));                                              \
            store(out, WIDTH, c + 3, value_of(s, raw, e, &bit, sign_bits, escape));                                              \
            if (word > k->word_end || bit > k->bit_end) return 0;                                                                \
        }                                                                                                                        \
        k->x[0] = x0, k->x[1] = x1, k->x[2] = x2, k->x[3] = x3;                                                                  \
        for (; c < n; c++) {                                                                                                     \
            uint32_t a = next_symbol(TABLE(c), &k->x[c & (s->states - 1u)], &word);                                              \
            store(out, WIDTH, c, value_of(s, raw, a, &bit, sign_bits, escape));                                                  \
            if (word > k->word_end || bit > k->bit_end) return 0;                                                                \
        }                                                                                                                        \
        k->word = word;                                                                                                          \
        k->bit = bit;                                                                                                            \
        return 1;                                                                                                                \
    }
#define ROW_TABLE(c) slots[row_context]
#define COL_TABLE(c) slots[row_context + col_context[c]]
DECODE_ROW(row_32, 32, ROW_TABLE)
DECODE_ROW(row_32_cols, 32, COL_TABLE)
DECODE_ROW(row_16, 16, ROW_TABLE)
DECODE_ROW(row_16_cols, 16, COL_TABLE)
DECODE_ROW(row_8, 8, ROW_TABLE)
DECODE_ROW(row_8_cols, 8, COL_TABLE)

typedef int (*decode_row)(const shoe_float_stream *, coder_t *, uint32_t, uint8_t *, uint32_t);

static decode_row decoder_of(const shoe_float_stream *s) {
    if (s->width_bits == 32) return s->col_bits ? row_32_cols : row_32;
    if (s->width_bits == 16) return s->col_bits ? row_16_cols : row_16;
    return s->col_bits ? row_8_cols : row_8;
}

static int decode_rows(const shoe_float_stream *s, coder_t *k, uint8_t *out) {
    decode_row decode = decoder_of(s);
    for (uint32_t r = 0, at = 0; r < s->rows; r++, at += s->cols) {
        uint32_t context = s->row_bits ? shoe_float_field(s->row_class, r, s->row_bits) * s->col_classes : 0u;
        uint32_t n = s->count - at < s->cols ? s->count - at : s->cols;
        if (!decode(s, k, context, out + at * (s->width_bits / 8u), n)) return SHOE_FLOAT_ENDED;
    }
    /* a stream that was not damaged comes back to where its encoder began */
    for (uint32_t i = 0; i < s->states; i++)
        if (k->x[i] != SHOE_FLOAT_LOW_STATE) return SHOE_FLOAT_MALFORMED;
    return k->word == k->word_end && k->bit_end - k->bit < 8u ? SHOE_FLOAT_OK : SHOE_FLOAT_MALFORMED;
}

int float_decode(const uint8_t *stream, uint32_t bytes, uint8_t *out, uint32_t out_bytes) {
    shoe_float_stream s;
    int status = shoe_float_parse(&s, stream, bytes);
    if (status != SHOE_FLOAT_OK) return status;
    if ((uint64_t)s.count * (s.width_bits / 8u) != out_bytes || out_bytes > FLOAT_MAX_BYTES) return SHOE_FLOAT_MALFORMED;
    shoe_float_symbols(&s, base, raw_bits);
    fill_slots(&s);
    for (uint32_t c = 0; s.col_bits && c < s.cols; c++) col_context[c] = (uint8_t)shoe_float_field(s.col_class, c, s.col_bits);
    coder_t k = {{0, 0, 0, 0}, s.words, s.words + s.word_bytes, 0, 8u * s.raw_bytes};
    for (uint32_t i = 0; i < s.states; i++) {
        __builtin_memcpy(&k.x[i], s.state_bytes + 4u * i, 4);
        if (k.x[i] < SHOE_FLOAT_LOW_STATE) return SHOE_FLOAT_MALFORMED;
    }
    return decode_rows(&s, &k, out);
}
