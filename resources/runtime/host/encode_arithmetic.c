/* The encoder of the arithmetic codec, and its search for parameters: by encoding with them and counting bytes. */
#include "codec_arithmetic_inline.h"
#include "encode.h"

typedef struct {
    uint64_t low; /* below 2^33; bit 32 is a carry */
    uint32_t range;
    uint32_t head;    /* the last byte that a carry can change; above 255: none yet */
    uint32_t pending; /* bytes 255 after it */
    uint8_t *out;     /* null: count only */
    uint32_t capacity;
    uint32_t bytes; /* written or counted; beyond the capacity only counted */
} coder;

INLINE void put(coder *c, uint32_t byte) {
    if (c->out && c->bytes < c->capacity) c->out[c->bytes] = (uint8_t)byte;
    ++c->bytes;
}

/* Takes the highest byte off low. The very first byte, always 0, is not kept: low starts below 2^32 and stays below 1. */
INLINE void shift_low(coder *c) {
    const uint32_t carry = (uint32_t)(c->low >> 32);
    const uint32_t byte = (uint32_t)(c->low >> 24) & 255u;
    if (byte == 255 && !carry) {
        ++c->pending;
    } else {
        if (c->head < 256) put(c, c->head + carry);
        for (; c->pending; --c->pending) put(c, 255u + carry);
        c->head = byte;
    }
    c->low = (c->low & 0xffffffu) << 8;
}

INLINE void coder_fill(coder *c) {
    while (c->range < 1u << 24) {
        c->range <<= 8;
        shift_low(c);
    }
}

INLINE uint32_t coder_bit(coder *c, uint32_t one, uint32_t bit) {
    const uint32_t bound = (c->range >> 16) * one;
    if (bit) {
        c->range = bound;
    } else {
        c->low += bound;
        c->range -= bound;
    }
    coder_fill(c);
    return bit;
}

INLINE uint32_t coder_even(coder *c, uint32_t bit) {
    c->range >>= 1;
    if (bit) c->low += c->range;
    coder_fill(c);
    return bit;
}

#include "codec_arithmetic.h"

/* Ends with the number in the final interval that has the most zeros at its end, of which up to four bytes need no place. */
static void finish(coder *c) {
    const uint64_t last = c->low + c->range - 1;
    uint32_t zeros = 32;
    uint64_t value = 0;
    do {
        --zeros;
        value = (last >> zeros) << zeros;
    } while (value < c->low);
    c->low = value;
    for (uint32_t i = 0; i < 5; ++i) shift_low(c);
    uint32_t trimmed = 0;
    while (trimmed < 4 && c->out && c->bytes <= c->capacity && c->bytes > 0 && c->out[c->bytes - 1] == 0) {
        --c->bytes;
        ++trimmed;
    }
}

INLINE void encode_elements(model *m, const int8_t *data, uint32_t count, uint32_t inputs, uint32_t sparse) {
    model hot = *m;
    for (uint32_t i = 0; i < count; ++i) code_element(&hot, inputs, sparse, data[i]);
    *m = hot;
}

#define VARIANT(name, inputs, sparse) \
    APART void name(model *m, const int8_t *data, uint32_t count) { encode_elements(m, data, count, inputs, sparse); }
VARIANT(encode_dense_2, 2, 0)
VARIANT(encode_dense_3, 3, 0)
VARIANT(encode_sparse_2, 2, 1)
VARIANT(encode_sparse_3, 3, 1)

/* Bytes of the first `elements` elements under these parameters, written to `out` unless that is null. */
static uint32_t encode_first(const shoe_encoding *job, const uint8_t *table, uint32_t elements, uint8_t *out) {
    model *const m = (model *)(void *)job->scratch;
    m->code = (coder){0, UINT32_MAX, 256, 0, out, job->payload_capacity, 0};
    model_begin(m, table, job->row_elements);
    if (m->sparse && m->inputs == 3) encode_sparse_3(m, job->data, elements);
    else if (m->sparse) encode_sparse_2(m, job->data, elements);
    else if (m->inputs == 3) encode_dense_3(m, job->data, elements);
    else encode_dense_2(m, job->data, elements);
    finish(&m->code);
    return m->code.bytes;
}

typedef struct {
    const shoe_encoding *job;
    uint32_t elements; /* at the tensor's beginning, by which parameters are judged */
    uint32_t best_bytes;
    uint8_t best[TABLE_BYTES];
} search;

static void consider(search *s, const uint8_t *table) {
    if (!table_is_possible(table, s->job->row_elements)) return;
    const uint32_t bytes = encode_first(s->job, table, s->elements, 0);
    if (bytes >= s->best_bytes) return;
    s->best_bytes = bytes;
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) s->best[i] = table[i];
}

/* Columns take two bytes of RAM each; they have to earn more than a thousandth. */
static void consider_no_columns(search *s) {
    uint8_t table[TABLE_BYTES];
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) table[i] = s->best[i];
    table[1] = (uint8_t)(table[1] & ~4u);
    s->best_bytes += s->best_bytes / 1024;
    consider(s, table);
}

/* Tries all values of a field of the table, the others staying as they are best. */
static void consider_field(search *s, uint32_t byte, uint32_t shift, uint32_t values) {
    uint8_t table[TABLE_BYTES];
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) table[i] = s->best[i];
    const uint32_t mask = values > 2 ? 3u : 1u;
    const uint32_t now = table[byte] >> shift & mask;
    for (uint32_t value = 0; value < values; ++value) {
        if (value == now) continue;
        table[byte] = (uint8_t)((table[byte] & ~(mask << shift)) | value << shift);
        consider(s, table);
    }
}

static void consider_lag(search *s, uint32_t lag) {
    uint8_t table[TABLE_BYTES];
    if (lag < 1 || lag > 65535 || lag >= s->job->row_elements) return;
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) table[i] = s->best[i];
    table[4] = (uint8_t)lag;
    table[5] = (uint8_t)(lag >> 8);
    consider(s, table);
}

enum { LAGS_TRIED = 3, LAG_SCAN = 1024, SCAN_ELEMENTS = 32768, SEARCH_ELEMENTS = 160000 };

/* Bytes that the model may take: contexts for magnitudes of 8 bits, two bytes a column. */
enum { LARGEST_MODEL = 2 * COLUMNS_MAX + 8192 };

/* The part of the tensor by which distances are judged */
typedef struct {
    const int8_t *data;
    uint32_t rows;
    uint32_t stride;
    uint32_t span; /* elements of a row that are looked at */
    int32_t mean;  /* magnitude */
} sample;

static sample take_sample(const shoe_encoding *job) {
    sample s = {job->data, SCAN_ELEMENTS / job->row_elements + 1, job->row_elements, job->row_elements, 0};
    if (s.rows > job->rows) s.rows = job->rows;
    if (s.span > SCAN_ELEMENTS) s.span = SCAN_ELEMENTS;
    uint32_t sum = 0;
    for (uint32_t r = 0; r < s.rows; ++r)
        for (uint32_t i = 0; i < s.span; ++i) sum += (uint32_t)magnitude_of(s.data[(size_t)r * s.stride + i]);
    s.mean = (int32_t)(sum / (s.rows * s.span));
    return s;
}

/* How much more alike elements at this distance are than chance would have it: in value and in magnitude */
static double likeness(const sample *s, uint32_t lag) {
    int64_t values = 0;
    int64_t magnitudes = 0;
    for (uint32_t r = 0; r < s->rows; ++r) {
        const int8_t *const row = s->data + (size_t)r * s->stride;
        int32_t v = 0; /* at most 2^15 products below 2^14 */
        int32_t g = 0;
        for (uint32_t i = lag; i < s->span; ++i) {
            v += row[i] * row[i - lag];
            g += (magnitude_of(row[i]) - s->mean) * (magnitude_of(row[i - lag]) - s->mean);
        }
        values += v;
        magnitudes += g;
    }
    const double pairs = (double)s->rows * (double)(s->span - lag);
    return ((double)values * (double)values + (double)magnitudes * (double)magnitudes * 2) / pairs;
}

static void consider_likely_lags(search *s) {
    const sample judged = take_sample(s->job);
    double score[LAGS_TRIED] = {0};
    uint32_t lags[LAGS_TRIED] = {0};
    for (uint32_t lag = 2; lag < judged.span && lag < LAG_SCAN; ++lag) {
        double here = likeness(&judged, lag);
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

static uint32_t largest_of(const shoe_encoding *job, uint32_t *zeros) {
    int32_t largest = 0;
    *zeros = 0;
    for (uint32_t i = 0; i < shoe_encoding_elements(job); ++i) {
        const int32_t size = magnitude_of(job->data[i]);
        largest = size > largest ? size : largest;
        *zeros += size == 0;
    }
    return (uint32_t)largest;
}

static void search_parameters(search *s) {
    consider_field(s, 1, 0, 2); /* sparse */
    consider_likely_lags(s);
    consider_lag(s, s->job->inner);
    consider_field(s, 2, 2, 4); /* columns */
    consider_field(s, 2, 0, 4); /* rows */
    consider_field(s, 2, 4, 4); /* neighbourhood */
    consider_field(s, 2, 6, 4); /* lag */
    consider_field(s, 1, 1, 2); /* peak */
    consider_field(s, 1, 3, 2); /* signs */
    consider_field(s, 1, 6, 2); /* inputs */
    consider_field(s, 1, 4, 4); /* bits modelled */
    consider_field(s, 3, 0, 4); /* limit of counts */
    consider_field(s, 3, 2, 4); /* mixing rate */
    consider_field(s, 2, 2, 4);
    consider_field(s, 2, 0, 4);
    consider_no_columns(s);
}

/* Zeros only need no payload, and one byte says so. */
static int encode_zeros(shoe_encoding *job) {
    job->table[0] = 0;
    job->table_bytes = 1;
    return SHOE_OK;
}

static void choose_table(shoe_encoding *job, uint32_t largest, uint32_t zeros) {
    const uint32_t elements = shoe_encoding_elements(job);
    const uint32_t sparse = zeros > elements / 2;
    const uint32_t columns = job->row_elements <= COLUMNS_MAX;
    /* everything on, so that a distance is judged with all it can do */
    const uint8_t start[TABLE_BYTES] = {(uint8_t)largest, (uint8_t)(sparse | columns << 2 | 1u << 3 | 2u << 4 | 1u << 6),
                                        1 | 2 << 2 | 2 << 4 | 2 << 6, 3 | 1 << 2, 1, 0};
    search s = {job, elements < SEARCH_ELEMENTS ? elements : SEARCH_ELEMENTS, UINT32_MAX, {0}};
    consider(&s, start);
    search_parameters(&s);
    for (uint32_t i = 0; i < TABLE_BYTES; ++i) job->table[i] = s.best[i];
    job->table_bytes = TABLE_BYTES;
}

int shoe_arithmetic_encode(shoe_encoding *job) {
    uint32_t zeros;
    const uint32_t largest = largest_of(job, &zeros);
    job->payload_bytes = 0;
    if (largest == 0 && !job->fixed_table) return encode_zeros(job);
    if (largest == 0 && job->table_bytes == 1 && job->table[0] == 0) return SHOE_OK;
    if (job->scratch_bytes < LARGEST_MODEL) return SHOE_ERR_ARENA;
    if (!job->fixed_table) choose_table(job, largest, zeros);
    if (job->table_bytes != TABLE_BYTES || job->table[0] < largest) return SHOE_ERR_TENSOR;
    if (!table_is_possible(job->table, job->row_elements)) return SHOE_ERR_TENSOR;
    if (shoe_encoding_elements(job) == 0) return SHOE_OK;
    job->payload_bytes = encode_first(job, job->table, shoe_encoding_elements(job), job->payload);
    return job->payload_bytes > job->payload_capacity ? SHOE_ERR_ARENA : SHOE_OK;
}
