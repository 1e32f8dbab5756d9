/*
 * Weights that are mostly zeros: work is done for the others only. A fully connected layer walks through the coded filter as it
 * multiplies. A convolution uses each filter at many positions, so the filter's nonzero weights are listed in the scratch first.
 */
#include "codec_bits.h"
#include "direct.h"
#include "direct_kernels.h"

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static inline
#endif

/* Fields of equal width, with what taking one out of a window needs. */
typedef struct {
    uint32_t width, mask;
} fields;

static fields fields_of(uint32_t width) {
    const fields f = {width, (1u << width) - 1u};
    return f;
}

/* Where the walk through the nonzero weights stands; copied to walk a filter again. */
typedef struct {
    shoe_bits bits;      /* of values; relative: of gaps and values */
    const uint8_t *mask; /* bitmap: the byte with the next element */
    uint32_t used;       /* bits of it that are behind */
    uint32_t ahead;      /* relative: zeros of the next filter before what follows in `bits` */
    uint32_t value;      /* relative: 1 when that is a value, 0 when it is a gap */
    fields gaps, values;
} walk;

/* Room for at least a gap and a value, which are 20 bits at most, unless the payload ends. */
INLINED void refill(shoe_bits *bits) {
    while (bits->have <= 24 && bits->at != bits->end) {
        bits->window |= (uint32_t)*bits->at++ << bits->have;
        bits->have += 8;
    }
}

INLINED uint32_t take(shoe_bits *bits, const fields *f) {
    const uint32_t field = bits->window & f->mask;
    bits->window >>= f->width;
    bits->have -= f->width;
    return field;
}

enum { END = 0, FOUND = 1, TRUNCATED = -1 };

/* The next nonzero weight of a filter of `count` elements, from element *at on, where a filter begins with *at as start_*() says.
 * END leaves the walk at the next filter. */
INLINED int next_relative(walk *k, uint32_t count, uint32_t *at, int32_t *value) {
    for (;;) {
        if (*at >= count) break;
        if (k->value) {
            if (k->bits.have < k->values.width) return TRUNCATED;
            *value = shoe_nonzero(take(&k->bits, &k->values), k->values.width);
            k->value = 0;
            return FOUND;
        }
        refill(&k->bits);
        if (k->bits.have < k->gaps.width) return TRUNCATED;
        const uint32_t gap = take(&k->bits, &k->gaps);
        *at += gap;
        k->value = gap != k->gaps.mask;
    }
    k->ahead = *at - count;
    return END;
}

INLINED uint32_t start_relative(walk *k) {
    refill(&k->bits);
    return k->ahead;
}

INLINED int next_bitmap(walk *k, uint32_t count, uint32_t *at, int32_t *value) {
    while (*at < count) {
        uint32_t mask = (uint32_t)*k->mask >> k->used;
        uint32_t zeros = 8 - k->used;
        if (mask != 0) {
            for (zeros = 0; !(mask & 1u); mask >>= 1) ++zeros;
        }
        const uint32_t left = count - *at;
        const int found = mask != 0 && zeros < left;
        const uint32_t passed = found ? zeros + 1 : zeros < left ? zeros : left;
        *at += found ? zeros : passed;
        k->used += passed;
        k->mask += k->used >> 3;
        k->used &= 7u;
        if (!found) continue;
        refill(&k->bits);
        if (k->bits.have < k->values.width) return TRUNCATED;
        *value = shoe_nonzero(take(&k->bits, &k->values), k->values.width);
        return FOUND;
    }
    return END;
}

INLINED uint32_t start_bitmap(walk *k) {
    (void)k;
    return 0;
}

static walk walk_begin(const shoe_coding *coding) {
    const shoe_coded_t *coded = &coding->coded;
    walk k = {{0}, coded->payload, 0, 0, 0, {0, 0}, {0, 0}};
    uint32_t before = 0;
    if (coding->codec == SHOE_CODEC_BITMAP) {
        before = (coded->rows * coded->row_elements + 7) / 8;
        k.values = fields_of(coded->table[0]);
    } else {
        k.gaps = fields_of(coded->table[0]);
        k.values = fields_of(coded->table[1]);
    }
    shoe_bits_begin(&k.bits, coded->payload + before, coded->payload_bytes - before);
    return k;
}

/* Adds (x - zero) * w over one filter that meets x element by element, and moves the walk behind it. 0 when it is truncated. */
#define WALK_DOT(name, start, next)                                                                             \
    static int name(walk *from, const int8_t *x, uint32_t count, int32_t zero, uint32_t *sum) {                 \
        walk k = *from;                                                                                         \
        uint32_t total = 0;                                                                                     \
        uint32_t at = start(&k);                                                                                \
        int32_t value = 0;                                                                                      \
        int step;                                                                                               \
        while ((step = next(&k, count, &at, &value)) == FOUND) total += (uint32_t)((x[at++] - zero) * value);   \
        *from = k;                                                                                              \
        *sum = total;                                                                                           \
        return step == END;                                                                                     \
    }

/* The nonzero weights of one filter: for each kernel row, where its entries end; then all entries. */
typedef struct {
    uint32_t *ends;
    uint32_t *entries; /* element within the kernel row << 8 | weight */
    uint32_t most;
} list;

/* Lists one filter of `lines` kernel rows and moves the walk behind it. 0 when it is truncated or longer than the list. */
#define WALK_LIST(name, start, next)                                                                            \
    static int name(walk *from, const list *l, uint32_t lines, uint32_t width) {                                \
        walk k = *from;                                                                                         \
        const uint32_t count = lines * width;                                                                   \
        uint32_t line = 0, begin = 0, found = 0, at = start(&k);                                                \
        int32_t value = 0;                                                                                      \
        int step;                                                                                               \
        while ((step = next(&k, count, &at, &value)) == FOUND) {                                                \
            if (found == l->most) return 0;                                                                     \
            for (; at - begin >= width; begin += width) l->ends[line++] = found;                                \
            l->entries[found++] = (at++ - begin) << 8 | (uint8_t)value;                                         \
        }                                                                                                       \
        while (line < lines) l->ends[line++] = found;                                                           \
        *from = k;                                                                                              \
        return step == END;                                                                                     \
    }

#if SHOE_HAS_BITMAP
WALK_DOT(dot_bitmap, start_bitmap, next_bitmap)
WALK_LIST(list_bitmap, start_bitmap, next_bitmap)
#endif
#if SHOE_HAS_RELATIVE
WALK_DOT(dot_relative, start_relative, next_relative)
WALK_LIST(list_relative, start_relative, next_relative)
#endif

static int walk_dot(const shoe_coding *coding, walk *k, const int8_t *x, int32_t zero, uint32_t *sum) {
    const uint32_t count = coding->coded.row_elements;
#if SHOE_HAS_BITMAP
    if (coding->codec == SHOE_CODEC_BITMAP) return dot_bitmap(k, x, count, zero, sum);
#endif
#if SHOE_HAS_RELATIVE
    if (coding->codec == SHOE_CODEC_RELATIVE) return dot_relative(k, x, count, zero, sum);
#endif
    return 0;
}

static int walk_list(const shoe_coding *coding, walk *k, const list *l, uint32_t lines) {
    const uint32_t width = coding->coded.row_elements / lines;
#if SHOE_HAS_BITMAP
    if (coding->codec == SHOE_CODEC_BITMAP) return list_bitmap(k, l, lines, width);
#endif
#if SHOE_HAS_RELATIVE
    if (coding->codec == SHOE_CODEC_RELATIVE) return list_relative(k, l, lines, width);
#endif
    return 0;
}

static shoe_status sparse_rows(const shoe_filters *f, const shoe_coding *coding) {
    walk start = walk_begin(coding);
    walk k = start;
    for (uint32_t channel = 0; channel < f->channels; ++channel, start = k) {
        const int8_t *x = f->in;
        int8_t *out = f->out + channel;
        for (uint32_t i = 0; i < f->out_w; ++i, x += f->in_c, out += f->channels) {
            uint32_t sum = 0;
            k = start;
            if (!walk_dot(coding, &k, x, f->in_zero, &sum)) return SHOE_ERR_DECODE;
            sum -= (uint32_t)shoe_row_offset(x, f->in_c, f->in_zero, f->weights_zero);
            *out = shoe_filters_finish(f, channel, sum);
        }
    }
    return SHOE_OK;
}

/* Entries [first, end) of a kernel row of which elements [from, to) are inside the input; x: at element `from` */
static uint32_t line_sum(const list *l, uint32_t first, uint32_t end, const int8_t *x, uint32_t from, uint32_t to, int32_t zero) {
    uint32_t sum = 0;
    while (first < end && l->entries[first] >> 8 < from) ++first;
    while (end > first && l->entries[end - 1] >> 8 >= to) --end;
    const uint32_t *const last = l->entries + end;
    for (const uint32_t *at = l->entries + first; at < last; ++at)
        sum += (uint32_t)((x[(*at >> 8) - from] - zero) * (int8_t)(uint8_t)*at);
    return sum;
}

static uint32_t list_sum(const shoe_filters *f, const list *l, const shoe_window *w, const int8_t *image) {
    const uint32_t step = f->dilation_h * f->in_w * f->in_c;
    const uint32_t from = w->cols.first * f->group_in;
    const uint32_t to = w->cols.end * f->group_in;
    uint32_t sum = 0;
    if (w->rows.first == w->rows.end) return 0;
    const int8_t *x = image + (w->origin + w->rows.first * step + w->cols.first * f->dilation_w * f->in_c);
    for (uint32_t ky = w->rows.first; ky < w->rows.end; ++ky, x += step) {
        const uint32_t first = ky == 0 ? 0 : l->ends[ky - 1];
        sum += line_sum(l, first, l->ends[ky], x, from, to, f->in_zero);
    }
    return sum;
}

static void list_channel(const shoe_filters *f, const list *l, uint32_t channel) {
    const int8_t *image = f->in;
    int8_t *out = f->out + channel;
    for (uint32_t n = 0; n < f->images; ++n, image += f->in_h * f->in_w * f->in_c)
        for (uint32_t y = 0; y < f->out_h; ++y) {
            const shoe_window row = shoe_window_row(f, y);
            for (uint32_t x = 0; x < f->out_w; ++x, out += f->channels) {
                const shoe_window w = shoe_window_at(f, &row, x);
                *out = shoe_filters_finish(f, channel, list_sum(f, l, &w, image));
            }
        }
}

/* Longest kernel row whose elements an entry can name. */
#define LONGEST_LINE ((uint32_t)1 << 24)

enum { ENTRY_BYTES = 4 };

static uint32_t list_room(const shoe_filters *f, uint32_t scratch_bytes) {
    const uint32_t before = f->taps_h * ENTRY_BYTES + ENTRY_BYTES - 1;
    if (f->taps_h > LONGEST_LINE || scratch_bytes < before) return 0;
    return (scratch_bytes - before) / ENTRY_BYTES;
}

int shoe_check_sparse(const shoe_filters *f, int is_conv, uint32_t scratch_bytes) {
    if (!is_conv) return 1;
    return shoe_filters_solid(f) && f->taps_w * f->group_in < LONGEST_LINE && list_room(f, scratch_bytes) > 0;
}

shoe_status shoe_direct_sparse(const shoe_filters *f, const shoe_coding *coding, uint8_t *scratch, uint32_t scratch_bytes) {
    if (!scratch) return sparse_rows(f, coding);
    const uintptr_t past = (uintptr_t)scratch % ENTRY_BYTES;
    uint32_t *words = (uint32_t *)(void *)(past ? scratch + (ENTRY_BYTES - past) : scratch);
    const list l = {words, words + f->taps_h, list_room(f, scratch_bytes)};
    walk k = walk_begin(coding);
    for (uint32_t channel = 0; channel < f->channels; ++channel) {
        if (!walk_list(coding, &k, &l, f->taps_h)) return SHOE_ERR_DECODE;
        list_channel(f, &l, channel);
    }
    return SHOE_OK;
}
