/* Weights that are mostly zeros: work is done for the others only. A filter is walked once for each position of the output. */
#include "codec_bits.h"
#include "direct.h"
#include "direct_kernels.h"

/* Where the walk through the nonzero weights stands; copied to walk a filter again. */
typedef struct {
    shoe_bits bits;      /* of values; relative: of gaps and values */
    const uint8_t *mask; /* bitmap: the byte with the next element */
    uint32_t used;       /* bits of it that are behind */
    uint32_t ahead;      /* relative: zeros before what follows in `bits` */
    uint32_t value;      /* relative: 1 when that is a value, 0 when it is a gap */
    uint32_t gap_width, value_width;
} walk;

/* One filter at one position. */
typedef struct {
    const int8_t *in; /* the image */
    int32_t line;     /* index in it of the kernel row's tap 0; valid from `from` to `to` */
    uint32_t line_end, from, to; /* elements of the filter: end of the kernel row, and the part of it inside the input */
    uint32_t ky;
    uint32_t sum;
} meeting;

static void set_line(const shoe_filters *f, const shoe_window *w, meeting *m, uint32_t ky) {
    const uint32_t width = f->taps_w * f->group_in;
    const int inside = ky >= w->rows.first && ky < w->rows.end;
    m->ky = ky;
    m->line_end = (ky + 1) * width;
    m->from = ky * width + w->cols.first * f->group_in;
    m->to = inside ? ky * width + w->cols.end * f->group_in : 0;
    m->line = (int32_t)((uint32_t)w->origin + ky * f->dilation_h * f->in_w * f->in_c - ky * width);
}

/* The weight `value` at element `at` of the filter. */
static inline void meet(const shoe_filters *f, const shoe_window *w, meeting *m, uint32_t at, int32_t value) {
    while (at >= m->line_end) set_line(f, w, m, m->ky + 1);
    if (at >= m->from && at < m->to) m->sum += (uint32_t)((m->in[m->line + (int32_t)at] - f->in_zero) * value);
}

#if SHOE_HAS_BITMAP
static int walk_bitmap(const shoe_filters *f, const shoe_window *w, walk *k, meeting *m, uint32_t count) {
    for (uint32_t at = 0; at < count;) {
        const uint32_t rest = 8 - k->used;
        const uint32_t now = count - at < rest ? count - at : rest;
        uint32_t mask = ((uint32_t)*k->mask >> k->used) & ((1u << now) - 1u);
        for (uint32_t i = at; mask != 0; ++i, mask >>= 1) {
            if (!(mask & 1u)) continue;
            const int32_t field = shoe_bits_take(&k->bits, k->value_width);
            if (field < 0) return 0;
            meet(f, w, m, i, shoe_nonzero((uint32_t)field, k->value_width));
        }
        at += now;
        k->used = (k->used + now) & 7u;
        k->mask += k->used == 0;
    }
    return 1;
}
#endif

#if SHOE_HAS_RELATIVE
static int walk_relative(const shoe_filters *f, const shoe_window *w, walk *k, meeting *m, uint32_t count) {
    const uint32_t longest = (1u << k->gap_width) - 1u;
    uint32_t at = 0;
    for (;;) {
        if (k->ahead >= count - at) {
            k->ahead -= count - at;
            return 1;
        }
        at += k->ahead;
        k->ahead = 0;
        if (k->value) {
            const int32_t field = shoe_bits_take(&k->bits, k->value_width);
            if (field < 0) return 0;
            meet(f, w, m, at++, shoe_nonzero((uint32_t)field, k->value_width));
            if (at == count) {
                k->value = 0;
                return 1;
            }
        }
        const int32_t gap = shoe_bits_take(&k->bits, k->gap_width);
        if (gap < 0) return 0;
        k->ahead = (uint32_t)gap;
        k->value = k->ahead != longest;
    }
}
#endif

int shoe_sparse_codec(uint32_t codec) {
    return (SHOE_HAS_BITMAP && codec == SHOE_CODEC_BITMAP) || (SHOE_HAS_RELATIVE && codec == SHOE_CODEC_RELATIVE);
}

static walk walk_begin(const shoe_coding *coding) {
    const shoe_coded_t *coded = &coding->coded;
    walk k = {{0}, coded->payload, 0, 0, 0, 0, 0};
    uint32_t before = 0;
    if (coding->codec == SHOE_CODEC_BITMAP) {
        before = (coded->rows * coded->row_elements + 7) / 8;
        k.value_width = coded->table[0];
    } else {
        k.gap_width = coded->table[0];
        k.value_width = coded->table[1];
    }
    shoe_bits_begin(&k.bits, coded->payload + before, coded->payload_bytes - before);
    return k;
}

static int walk_filter(const shoe_filters *f, const shoe_window *w, const shoe_coding *coding, walk *k, meeting *m) {
    const uint32_t count = coding->coded.row_elements;
    set_line(f, w, m, 0);
    m->sum = 0;
#if SHOE_HAS_BITMAP
    if (coding->codec == SHOE_CODEC_BITMAP) return walk_bitmap(f, w, k, m, count);
#endif
#if SHOE_HAS_RELATIVE
    return walk_relative(f, w, k, m, count);
#else
    return 0;
#endif
}

/* sum(x - in_zero) times the zero point of the weights, which only a fully connected layer has. */
static uint32_t zero_sum(const shoe_filters *f, const int8_t *image, const shoe_window *w) {
    if (f->weights_zero == 0) return 0;
    return (uint32_t)shoe_row_offset(image + w->origin, f->in_c, f->in_zero, f->weights_zero);
}

/* Output channel `channel` at all positions; moves `start` behind its filter. */
static int sparse_channel(const shoe_filters *f, const shoe_coding *coding, uint32_t channel, walk *start) {
    const int8_t *image = f->in;
    int8_t *out = f->out + channel;
    walk k = *start;
    meeting m = {0};
    for (uint32_t n = 0; n < f->images; ++n, image += f->in_h * f->in_w * f->in_c)
        for (uint32_t y = 0; y < f->out_h; ++y)
            for (uint32_t x = 0; x < f->out_w; ++x, out += f->channels) {
                const shoe_window w = shoe_window_at(f, y, x);
                k = *start;
                m.in = image;
                if (!walk_filter(f, &w, coding, &k, &m)) return 0;
                *out = shoe_filters_finish(f, channel, m.sum - zero_sum(f, image, &w));
            }
    *start = k;
    return 1;
}

shoe_status shoe_direct_sparse(const shoe_filters *f, const shoe_coding *coding) {
    walk k = walk_begin(coding);
    for (uint32_t channel = 0; channel < f->channels; ++channel)
        if (!sparse_channel(f, coding, channel, &k)) return SHOE_ERR_DECODE;
    return SHOE_OK;
}
