/*
 * Weights that are mostly zeros: work is done for the others only. A fully connected layer goes through the coded filter as it
 * multiplies. A convolution uses each filter at many positions, so the filter's nonzero weights are listed in the scratch first.
 *
 * Both codecs are read part by part, a filter or a row of its kernel at a time; a part ends where the next one begins, whatever
 * the code does there.
 */
#include "direct.h"
#include "direct_kernels.h"
#include "dot.h"

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static inline
#endif

#if defined(__GNUC__)
#define OUTLINED static __attribute__((noinline))
#else
#define OUTLINED static
#endif

/* Where the code stands; copied to read a part again. Bits are counted from the byte where the present part begins. */
typedef struct {
    const uint8_t *from; /* byte with the next value; relative: with the next gap */
    const uint8_t *end;  /* of the payload */
    uint32_t skip;       /* bits of that byte that are behind */
    const uint8_t *mask; /* bitmap: the byte with the next element */
    uint32_t used;       /* bitmap: bits of it that are behind */
    int32_t at;          /* relative: element of the next part that the next gap counts from; below 0 when it began before */
    uint32_t gap, width; /* bits of a gap and of a value */
} walk;

/* Bytes that peek() reads: a gap and a value, 20 bits at most, begin in the first. */
enum { PEEKED = 4 };

/* No part takes as many bytes: LONGEST_LINE elements of 20 bits. */
#define MOST_BYTES ((uint32_t)1 << 27)

static uint32_t bytes_left(const walk *k) {
    const size_t left = (size_t)(k->end - k->from);
    return left < MOST_BYTES ? (uint32_t)left : MOST_BYTES;
}

/* Last place, in bits, from where `bytes` bytes can be read; 0 when there is none but perhaps that. */
INLINED uint32_t last_place(uint32_t left, uint32_t bytes) {
    return left < bytes ? 0 : (left - bytes) * 8;
}

/* Near the end of the payload: zeros follow it. */
OUTLINED uint32_t peek_end(const uint8_t *from, uint32_t left, uint32_t place) {
    uint32_t bits = 0;
    for (uint32_t i = 0; i < PEEKED && place / 8 + i < left; ++i) bits |= (uint32_t)from[place / 8 + i] << (8 * i);
    return bits >> (place & 7u);
}

INLINED uint32_t peek(const uint8_t *from, uint32_t place) {
    const uint8_t *at = from + (place >> 3);
#if defined(SHOE_HALVES)
    return shoe_word((const int8_t *)at) >> (place & 7u);
#else
    return ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24) >> (place & 7u);
#endif
}

INLINED uint32_t peek_value(const uint8_t *from, uint32_t place) {
#if defined(SHOE_HALVES)
    return peek(from, place);
#else
    const uint8_t *at = from + (place >> 3);
    return ((uint32_t)at[0] | (uint32_t)at[1] << 8) >> (place & 7u);
#endif
}

/* The value whose field lies `below` bits above the low end of `bits`: without 0, so that 0 up stand for 1 up, but for plain int8.
 * narrow: all ones unless it is 8 bits wide */
INLINED int32_t value_of(uint32_t bits, uint32_t below, uint32_t width, int32_t narrow) {
    const int32_t value = (int32_t)(bits << (32 - below - width)) >> (32 - width);
    return value - (~(value >> 31) & narrow);
}

static int32_t narrow_of(uint32_t width) {
    return width < 8 ? -1 : 0;
}

static walk walk_begin(const shoe_coding *coding) {
    const shoe_coded_t *coded = &coding->coded;
    walk k = {coded->payload, coded->payload + coded->payload_bytes, 0, coded->payload, 0, 0, 0, coded->table[0]};
    if (coding->codec == SHOE_CODEC_BITMAP) {
        k.from += (coded->rows * coded->row_elements + 7) / 8;
    } else {
        k.gap = coded->table[0];
        k.width = coded->table[1];
    }
    return k;
}

/* Behind what was read. 0 when that was more than there is. */
INLINED int walk_on(walk *k, uint32_t left, uint32_t place) {
    if (place > left * 8) return 0;
    k->from += place >> 3;
    k->skip = place & 7u;
    return 1;
}

/* What is done with the nonzero weights of a part: multiplied with the inputs, or listed. */
typedef struct {
    const int8_t *x;
    int32_t zero;
    uint32_t sum; /* of (x - zero) * weight */
} product;

typedef struct {
    uint32_t *next, *end; /* entries: element within the kernel row << 8 | weight */
} entries;

INLINED int multiply(product *p, uint32_t element, int32_t value) {
    p->sum += (uint32_t)((p->x[element] - p->zero) * value);
    return 1;
}

/* 0: there is no room. */
INLINED int list_entry(entries *e, uint32_t element, int32_t value) {
    if (e->next == e->end) return 0;
    *e->next++ = element << 8 | (uint8_t)value;
    return 1;
}

/*
 * Goes through a part of `count` elements and hands each nonzero weight to `action`. A gap that leads out of the part stays where it is:
 * the next part counts it from its own beginning. 0 when the payload is truncated or the action refuses.
 */
#define RELATIVE_PART(name, target, action)                                                             \
    OUTLINED int name(walk *k, uint32_t count, target *to) {                                           \
        target result = *to;                                                                            \
        const uint8_t *const from = k->from;                                                            \
        const uint32_t left = bytes_left(k);                                                            \
        const uint32_t last = last_place(left, PEEKED);                                                 \
        const uint32_t gap_width = k->gap, width = k->width, both = gap_width + width;                  \
        const uint32_t gap_mask = (1u << gap_width) - 1u;                                               \
        const int32_t narrow = narrow_of(width);                                                        \
        const int32_t end = (int32_t)count;                                                             \
        int32_t at = k->at;                                                                             \
        uint32_t place = k->skip;                                                                       \
        while (at < end) {                                                                              \
            const uint32_t bits = place < last ? peek(from, place) : peek_end(from, left, place);       \
            const uint32_t gap = bits & gap_mask;                                                       \
            const int32_t next = at + (int32_t)gap;                                                     \
            if (next >= end) {                                                                          \
                if (place + gap_width > left * 8) return 0;                                             \
                break;                                                                                  \
            }                                                                                           \
            at = next;                                                                                  \
            place += gap_width;                                                                         \
            if (gap == gap_mask) continue;                                                              \
            if (!action(&result, (uint32_t)at, value_of(bits, gap_width, width, narrow))) return 0;     \
            place += both - gap_width;                                                                  \
            ++at;                                                                                       \
        }                                                                                               \
        k->at = at - end;                                                                               \
        *to = result;                                                                                   \
        return walk_on(k, left, place);                                                                 \
    }

/* The nonzero weights whose bits are in `mask`, of element `base` up. */
#define BITMAP_BITS(mask, base, action)                                                                 \
    for (uint32_t element = (base); mask != 0; mask >>= 1, ++element) {                                 \
        const uint32_t zeros = lowest_bit(mask);                                                        \
        mask >>= zeros;                                                                                 \
        element += zeros;                                                                               \
        const uint32_t bits = place < last ? peek_value(from, place) : peek_end(from, left, place);     \
        if (!action(&result, element, value_of(bits, 0, width, narrow))) return 0;                      \
        place += width;                                                                                 \
    }

INLINED uint32_t lowest_bit(uint32_t mask) {
#if defined(SHOE_HALVES)
    return (uint32_t)__builtin_ctz(mask);
#else
    uint32_t bit = 0;
    for (; !(mask & 1u); mask >>= 1) ++bit;
    return bit;
#endif
}

/* Elements of the mask that are looked at together. */
#if defined(SHOE_HALVES)
enum { MASKED = 24 };
#else
enum { MASKED = 8 };
#endif

/* Bits of the mask from `used` bits behind `at` on; how many of them count. There is a word to read, or a byte. */
INLINED uint32_t mask_bits(const uint8_t *at, uint32_t used, const uint8_t *end, uint32_t left, uint32_t *count) {
    uint32_t now = 8 - used;
    uint32_t mask = (uint32_t)*at >> used;
#if defined(SHOE_HALVES)
    if (end - at >= 4) {
        mask = shoe_word((const int8_t *)at) >> used;
        now = MASKED;
    }
#else
    (void)end;
#endif
    if (left < now) now = left;
    *count = now;
    return mask & ((1u << now) - 1u);
}

/* The same for a bitmap. */
#define BITMAP_PART(name, target, action)                                                               \
    OUTLINED int name(walk *k, uint32_t count, target *to) {                                           \
        target result = *to;                                                                            \
        const uint8_t *const from = k->from;                                                            \
        const uint32_t left = bytes_left(k);                                                            \
        const uint32_t last = last_place(left, PEEKED);                                                 \
        const uint32_t width = k->width;                                                                \
        const int32_t narrow = narrow_of(width);                                                        \
        const uint8_t *mask_at = k->mask;                                                               \
        uint32_t used = k->used;                                                                        \
        uint32_t place = k->skip;                                                                       \
        for (uint32_t at = 0; at < count;) {                                                            \
            uint32_t now;                                                                               \
            uint32_t mask = mask_bits(mask_at, used, k->end, count - at, &now);                         \
            BITMAP_BITS(mask, at, action)                                                               \
            at += now;                                                                                  \
            used += now;                                                                                \
            mask_at += used >> 3;                                                                       \
            used &= 7u;                                                                                 \
            if (used == 0)                                                                              \
                for (; count - at >= 8 && *mask_at == 0; ++mask_at) at += 8;                            \
        }                                                                                               \
        k->mask = mask_at;                                                                              \
        k->used = used;                                                                                 \
        *to = result;                                                                                   \
        return walk_on(k, left, place);                                                                 \
    }

#if SHOE_HAS_BITMAP
BITMAP_PART(multiply_bitmap, product, multiply)
BITMAP_PART(list_bitmap, entries, list_entry)
#else
#define multiply_bitmap multiply_relative
#define list_bitmap list_relative
#endif

#if SHOE_HAS_RELATIVE
RELATIVE_PART(multiply_relative, product, multiply)
RELATIVE_PART(list_relative, entries, list_entry)
#else
#define multiply_relative multiply_bitmap
#define list_relative list_bitmap
#endif

static shoe_status sparse_rows(const shoe_filters *f, const shoe_coding *coding) {
    const uint32_t count = coding->coded.row_elements;
    const int bitmap = coding->codec == SHOE_CODEC_BITMAP;
    walk start = walk_begin(coding);
    walk k = start;
    for (uint32_t channel = 0; channel < f->channels; ++channel, start = k) {
        const int8_t *x = f->in;
        int8_t *out = f->out + channel;
        for (uint32_t i = 0; i < f->out_w; ++i, x += f->in_c, out += f->channels) {
            product p = {x, f->in_zero, 0};
            k = start;
            if (!(bitmap ? multiply_bitmap(&k, count, &p) : multiply_relative(&k, count, &p))) return SHOE_ERR_DECODE;
            p.sum -= (uint32_t)shoe_row_offset(x, f->in_c, f->in_zero, f->weights_zero);
            *out = shoe_filters_finish(f, channel, p.sum);
        }
    }
    return SHOE_OK;
}

/* The nonzero weights of one filter: for each kernel row, where its entries end; then all entries. */
typedef struct {
    uint32_t *ends;
    uint32_t *entries;
    uint32_t most;
} list;

/* Lists the next filter, of `lines` kernel rows of `width` elements. 0 when it is truncated or longer than the list. */
static int list_filter(const shoe_coding *coding, walk *k, const list *l, uint32_t lines, uint32_t width) {
    const int bitmap = coding->codec == SHOE_CODEC_BITMAP;
    entries to = {l->entries, l->entries + l->most};
    for (uint32_t line = 0; line < lines; ++line) {
        if (!(bitmap ? list_bitmap(k, width, &to) : list_relative(k, width, &to))) return 0;
        l->ends[line] = (uint32_t)(to.next - l->entries);
    }
    return 1;
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

/* Longest kernel row whose elements an entry can name, and whose bits a word can count. */
#define LONGEST_LINE ((uint32_t)1 << 24)

enum { ENTRY_BYTES = 4 };

static uint32_t list_room(const shoe_filters *f, uint32_t scratch_bytes) {
    const uint32_t before = f->taps_h * ENTRY_BYTES + ENTRY_BYTES - 1;
    if (f->taps_h > LONGEST_LINE || scratch_bytes < before) return 0;
    return (scratch_bytes - before) / ENTRY_BYTES;
}

int shoe_check_sparse(const shoe_filters *f, int is_conv, uint32_t scratch_bytes) {
    if (!is_conv) return f->in_c < LONGEST_LINE;
    return shoe_filters_solid(f) && f->taps_w * f->group_in < LONGEST_LINE && list_room(f, scratch_bytes) > 0;
}

shoe_status shoe_direct_sparse(const shoe_filters *f, const shoe_coding *coding, uint8_t *scratch, uint32_t scratch_bytes) {
    if (!scratch) return sparse_rows(f, coding);
    const uintptr_t past = (uintptr_t)scratch % ENTRY_BYTES;
    uint32_t *words = (uint32_t *)(void *)(past ? scratch + (ENTRY_BYTES - past) : scratch);
    const list l = {words, words + f->taps_h, list_room(f, scratch_bytes)};
    walk k = walk_begin(coding);
    for (uint32_t channel = 0; channel < f->channels; ++channel) {
        if (!list_filter(coding, &k, &l, f->taps_h, coding->coded.row_elements / f->taps_h)) return SHOE_ERR_DECODE;
        list_channel(f, &l, channel);
    }
    return SHOE_OK;
}
