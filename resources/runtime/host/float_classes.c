/* Rows and columns whose values spread alike share statistics: classes are found by clustering their histograms, and kept where
 * the tables and class numbers cost less than they save. */
#include "float_host.h"

enum { ROUNDS = 4 };

/* Histograms of rows or columns, and what clustering them gave. */
typedef struct {
    uint32_t units, classes;
    float bits;                                  /* of the symbols, tables and class numbers */
    uint8_t class_of[FLOAT_MAX_UNITS];
} clustering_t;

static uint32_t cells[FLOAT_MAX_CELLS];
static uint32_t totals[SHOE_FLOAT_MAX_CONTEXTS][SHOE_FLOAT_MAX_SYMBOLS];
static float lengths[SHOE_FLOAT_MAX_CLASSES][SHOE_FLOAT_MAX_SYMBOLS];
static clustering_t row_best, col_best, attempt;

/* Bits of a histogram under its own statistics; with about 10 bits for each table entry. */
static float own_bits(const uint32_t *count, uint32_t symbols) {
    uint32_t sum = 0;
    float bits = 0.0f;
    for (uint32_t s = 0; s < symbols; s++) sum += count[s];
    if (sum == 0) return 8.0f * (float)symbols;
    float all = float_log2(sum);
    for (uint32_t s = 0; s < symbols; s++) bits += count[s] ? (float)count[s] * (all - float_log2(count[s])) + 12.0f : 8.0f;
    return bits;
}

static void fill_rows(const float_model *m, const uint8_t *symbol) {
    for (uint32_t r = 0; r < m->rows; r++) {
        uint32_t *row = cells + r * m->symbols;
        for (uint32_t s = 0; s < m->symbols; s++) row[s] = 0;
        uint32_t end = (r + 1u) * m->cols < m->count ? (r + 1u) * m->cols : m->count;
        for (uint32_t i = r * m->cols; i < end; i++) row[symbol[i]]++;
    }
}

static void fill_cols(const float_model *m, const uint8_t *symbol) {
    for (uint32_t i = 0; i < m->cols * m->symbols; i++) cells[i] = 0;
    for (uint32_t i = 0, c = 0; i < m->count; i++) {
        cells[c * m->symbols + symbol[i]]++;
        if (++c == m->cols) c = 0;
    }
}

/* Mean symbol number of a unit: symbols ascend with the exponent, so this orders units by spread. */
static float level(const uint32_t *count, uint32_t symbols) {
    float sum = 0.0f, weighted = 0.0f;
    for (uint32_t s = 0; s < symbols; s++) {
        sum += (float)count[s];
        weighted += (float)count[s] * (float)s;
    }
    return sum > 0.0f ? weighted / sum : 0.0f;
}

/* Equal steps between the lowest and the highest level. */
static void start_classes(clustering_t *c, uint32_t symbols) {
    float low = 1e9f, high = -1.0f;
    for (uint32_t u = 0; u < c->units; u++) {
        float value = level(cells + u * symbols, symbols);
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    float step = (high - low) / (float)c->classes;
    for (uint32_t u = 0; u < c->units; u++) {
        float place = step > 0.0f ? (level(cells + u * symbols, symbols) - low) / step : 0.0f;
        c->class_of[u] = (uint8_t)(place < (float)(c->classes - 1u) ? (uint32_t)place : c->classes - 1u);
    }
}

static void sum_classes(const clustering_t *c, uint32_t symbols) {
    for (uint32_t k = 0; k < c->classes; k++)
        for (uint32_t s = 0; s < symbols; s++) totals[k][s] = 0;
    for (uint32_t u = 0; u < c->units; u++) {
        uint32_t *total = totals[c->class_of[u]];
        for (uint32_t s = 0; s < symbols; s++) total[s] += cells[u * symbols + s];
    }
}

static void class_lengths(const clustering_t *c, uint32_t symbols) {
    for (uint32_t k = 0; k < c->classes; k++) {
        uint32_t sum = 0;
        for (uint32_t s = 0; s < symbols; s++) sum += totals[k][s] * 8u + 1u;
        float all = float_log2(sum);
        for (uint32_t s = 0; s < symbols; s++) lengths[k][s] = all - float_log2(totals[k][s] * 8u + 1u);
    }
}

static uint8_t nearest(const uint32_t *count, uint32_t symbols, uint32_t classes) {
    float best = 1e30f;
    uint32_t found = 0;
    for (uint32_t k = 0; k < classes; k++) {
        float bits = 0.0f;
        for (uint32_t s = 0; s < symbols; s++) bits += (float)count[s] * lengths[k][s];
        if (bits < best) {
            best = bits;
            found = k;
        }
    }
    return (uint8_t)found;
}

static void cluster(clustering_t *c, uint32_t symbols) {
    start_classes(c, symbols);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        sum_classes(c, symbols);
        class_lengths(c, symbols);
        for (uint32_t u = 0; u < c->units; u++) c->class_of[u] = nearest(cells + u * symbols, symbols, c->classes);
    }
    sum_classes(c, symbols);
    uint32_t bits = 0;
    while ((1u << bits) < c->classes) bits++;
    c->bits = (float)(c->units * bits);
    for (uint32_t k = 0; k < c->classes; k++) c->bits += own_bits(totals[k], symbols);
}

/* The best number of classes for the histograms in `cells`; one class when more do not pay. */
static void search(clustering_t *best, uint32_t units, uint32_t symbols, float single_bits) {
    best->units = units;
    best->classes = 1;
    best->bits = single_bits;
    for (uint32_t u = 0; u < units; u++) best->class_of[u] = 0;
    for (uint32_t classes = 2; classes <= 8 && classes <= units; classes *= 2) {
        attempt.units = units;
        attempt.classes = classes;
        cluster(&attempt, symbols);
        if (attempt.bits >= best->bits) break;
        *best = attempt;
    }
}

static void sum_contexts(const float_model *m, const uint8_t *symbol) {
    for (uint32_t k = 0; k < m->contexts; k++)
        for (uint32_t s = 0; s < m->symbols; s++) totals[k][s] = 0;
    uint32_t row_context = m->row_classes > 1 ? (uint32_t)m->row_class[0] * m->col_classes : 0u;
    for (uint32_t i = 0, r = 0, c = 0; i < m->count; i++) {
        uint32_t context = row_context + (m->col_classes > 1 ? m->col_class[c] : 0u);
        totals[context][symbol[i]]++;
        if (++c == m->cols) {
            c = 0;
            r++;
            if (m->row_classes > 1 && r < m->rows) row_context = (uint32_t)m->row_class[r] * m->col_classes;
        }
    }
}

static void take_classes(float_model *m, const clustering_t *rows, const clustering_t *cols) {
    m->row_classes = rows ? rows->classes : 1u;
    m->col_classes = cols ? cols->classes : 1u;
    m->contexts = m->row_classes * m->col_classes;
    for (uint32_t r = 0; m->row_classes > 1 && r < rows->units; r++) m->row_class[r] = rows->class_of[r];
    for (uint32_t c = 0; m->col_classes > 1 && c < cols->units; c++) m->col_class[c] = cols->class_of[c];
}

static float context_bits(const float_model *m) {
    float bits = 0.0f;
    for (uint32_t k = 0; k < m->contexts; k++) bits += own_bits(totals[k], m->symbols);
    return bits;
}

/* Frequencies that sum to the number of slots, at least 1 where there is a count. */
static void normalise(const uint32_t *count, uint32_t symbols, uint16_t *frequency) {
    uint64_t sum = 0;
    uint32_t given = 0, largest = 0;
    for (uint32_t s = 0; s < symbols; s++) sum += count[s];
    for (uint32_t s = 0; s < symbols; s++) {
        uint32_t f = sum ? (uint32_t)(((uint64_t)count[s] * FLOAT_SLOTS + sum / 2u) / sum) : 0u;
        if (count[s] && f == 0) f = 1;
        frequency[s] = (uint16_t)f;
        given += f;
        if (count[s] > count[largest]) largest = s;
    }
    /* what is missing or too much goes where it costs least: one by one to the symbol whose code length changes least */
    while (given != FLOAT_SLOTS) {
        uint32_t best = largest;
        float least = 1e30f;
        for (uint32_t s = 0; s < symbols; s++) {
            uint32_t f = frequency[s];
            if (count[s] == 0 || (given > FLOAT_SLOTS && f < 2)) continue;
            float change = given > FLOAT_SLOTS ? (float)count[s] * (float_log2(f) - float_log2(f - 1u))
                                               : -(float)count[s] * (float_log2(f + 1u) - float_log2(f));
            if (change < least) {
                least = change;
                best = s;
            }
        }
        if (given > FLOAT_SLOTS) frequency[best]--, given--;
        else frequency[best]++, given++;
        if (sum == 0) {
            frequency[best] = (uint16_t)FLOAT_SLOTS;
            given = FLOAT_SLOTS;
        }
    }
}

void float_choose_classes(float_model *m, const uint8_t *symbol) {
    take_classes(m, 0, 0);
    sum_contexts(m, symbol);
    float single = context_bits(m);
    row_best.classes = col_best.classes = 1;
    row_best.bits = col_best.bits = single;
    if (m->count >= 512u && m->rows > 1 && m->rows <= FLOAT_MAX_UNITS && m->rows * m->symbols <= FLOAT_MAX_CELLS) {
        fill_rows(m, symbol);
        search(&row_best, m->rows, m->symbols, single);
    }
    if (m->count >= 512u && m->rows > 1 && m->cols <= FLOAT_MAX_UNITS && m->cols * m->symbols <= FLOAT_MAX_CELLS) {
        fill_cols(m, symbol);
        search(&col_best, m->cols, m->symbols, single);
    }
    float best = row_best.bits < col_best.bits ? row_best.bits : col_best.bits;
    if (row_best.classes > 1 && col_best.classes > 1 && row_best.classes * col_best.classes <= SHOE_FLOAT_MAX_CONTEXTS) {
        take_classes(m, &row_best, &col_best);
        sum_contexts(m, symbol);
        float both = context_bits(m) + 3.0f * (float)(m->rows + m->cols);
        if (both < best) best = -1.0f;
    }
    if (best >= 0.0f) {
        if (row_best.bits <= col_best.bits) take_classes(m, &row_best, 0);
        else take_classes(m, 0, &col_best);
        sum_contexts(m, symbol);
    }
    for (uint32_t k = 0; k < m->contexts; k++) normalise(totals[k], m->symbols, m->frequency[k]);
}
