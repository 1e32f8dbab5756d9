/* Weights in fields of 4, 2 or 1 bits, multiplied as they are unpacked. */
#include "direct.h"
#include "direct_kernels.h"
#include "dot.h"
#include "window.h"

/* Sum of (x - zero) * w over `count` elements, w from element `at` of the payload on. */
typedef uint32_t packed_dot(const uint8_t *payload, uint32_t at, const int8_t *x, uint32_t count, int32_t zero);

/* Two's complement field at the low end of `bits`. */
static inline int32_t field(uint32_t bits, uint32_t width) {
    return (int32_t)(bits << (32 - width)) >> (32 - width);
}

#if defined(SHOE_HALVES)
/* Four bytes of inputs, offset, as halves. */
typedef struct {
    uint32_t even, odd;
} four;

static inline four four_at(const int8_t *x, uint32_t offsets) {
    const uint32_t word = shoe_word(x);
    const four f = {shoe_even(offsets, word), shoe_odd(offsets, word)};
    return f;
}

/*
 * Words of fields, 8 of 4 bits or 16 of 2. Field k of every byte is moved to the byte's top, where it stands for itself times
 * 2^(8 - width), so that bytes are extended and multiplied in pairs; bytes 0 and 2 meet inputs that are two bytes' fields apart.
 */
static inline uint32_t dot_words(const uint8_t *w, const int8_t *x, uint32_t words, uint32_t offsets, uint32_t width) {
    uint32_t sum = 0;
    for (; words > 0; --words, w += 4) {
        const uint32_t word = shoe_word((const int8_t *)w);
        if (width == 4) {
            const uint32_t first = (word << 4) & 0xf0f0f0f0u;
            const uint32_t second = word & 0xf0f0f0f0u;
            const four a = four_at(x, offsets);
            const four b = four_at(x + 4, offsets);
            sum = shoe_smlad(shoe_low_halves(a.even, b.even), shoe_even(0, first), sum);
            sum = shoe_smlad(shoe_high_halves(a.even, b.even), shoe_odd(0, first), sum);
            sum = shoe_smlad(shoe_low_halves(a.odd, b.odd), shoe_even(0, second), sum);
            sum = shoe_smlad(shoe_high_halves(a.odd, b.odd), shoe_odd(0, second), sum);
            x += 8;
        } else {
            for (uint32_t half = 0; half < 2; ++half) {
                /* Bytes 0 and 2, then 1 and 3, against inputs 0 to 3 with 8 to 11, then 4 to 7 with 12 to 15. */
                const uint32_t bytes = word >> (8 * half);
                const four a = four_at(x + 4 * half, offsets);
                const four b = four_at(x + 4 * half + 8, offsets);
                sum = shoe_smlad(shoe_low_halves(a.even, b.even), shoe_even(0, (bytes << 6) & 0x00c000c0u), sum);
                sum = shoe_smlad(shoe_low_halves(a.odd, b.odd), shoe_even(0, (bytes << 4) & 0x00c000c0u), sum);
                sum = shoe_smlad(shoe_high_halves(a.even, b.even), shoe_even(0, (bytes << 2) & 0x00c000c0u), sum);
                sum = shoe_smlad(shoe_high_halves(a.odd, b.odd), shoe_even(0, bytes & 0x00c000c0u), sum);
            }
            x += 16;
        }
    }
    return (uint32_t)((int32_t)sum >> (8 - width));
}

/* Elements whose scaled sum stays within int32: 255 * 2^7 each. */
enum { MOST_SCALED = 1 << 15 };
#endif

static inline uint32_t dot_fields(const uint8_t *w, uint32_t at, const int8_t *x, uint32_t count, int32_t zero, uint32_t width) {
    const uint32_t per_byte = 8 / width;
    const uint32_t skip = at % per_byte;
    uint32_t sum = 0;
    w += at / per_byte;
    if (skip > 0) {
        uint32_t bits = (uint32_t)*w++ >> (skip * width);
        for (uint32_t i = skip; i < per_byte && count > 0; ++i, --count, bits >>= width)
            sum += (uint32_t)((*x++ - zero) * field(bits, width));
    }
#if defined(SHOE_HALVES)
    while (count >= 4 * per_byte) {
        const uint32_t words = (count < MOST_SCALED ? count : MOST_SCALED) / (4 * per_byte);
        sum += dot_words(w, x, words, shoe_offsets(zero), width);
        count -= words * 4 * per_byte;
        x += words * 4 * per_byte;
        w += words * 4;
    }
#endif
    for (; count >= per_byte; count -= per_byte, x += per_byte) {
        const uint32_t bits = *w++;
        for (uint32_t i = 0; i < per_byte; ++i) sum += (uint32_t)((x[i] - zero) * field(bits >> (i * width), width));
    }
    if (count > 0) {
        uint32_t bits = *w;
        for (; count > 0; --count, bits >>= width) sum += (uint32_t)((*x++ - zero) * field(bits, width));
    }
    return sum;
}

#if SHOE_HAS_INT4
static uint32_t dot_int4(const uint8_t *payload, uint32_t at, const int8_t *x, uint32_t count, int32_t zero) {
    return dot_fields(payload, at, x, count, zero, 4);
}
#endif

#if SHOE_HAS_TERNARY
static uint32_t dot_ternary(const uint8_t *payload, uint32_t at, const int8_t *x, uint32_t count, int32_t zero) {
    return dot_fields(payload, at, x, count, zero, 2);
}
#endif

#if SHOE_HAS_BINARY
/* Sum of the inputs whose bit is set. */
static inline uint32_t sum_bits(const int8_t *x, uint32_t bits, uint32_t count) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t value = (uint32_t)x[i];
        if (bits >> i & 1u) sum += value;
    }
    return sum;
}

static inline uint32_t count_bits(uint32_t byte) {
    byte -= (byte >> 1) & 0x55u;
    byte = (byte & 0x33u) + ((byte >> 2) & 0x33u);
    return (byte + (byte >> 4)) & 0x0fu;
}

/* As if w were 1 where the bit is set and 0 elsewhere: the zero point is taken off once for each bit. */
static uint32_t dot_binary(const uint8_t *payload, uint32_t at, const int8_t *x, uint32_t count, int32_t zero) {
    const uint8_t *w = payload + at / 8;
    const uint32_t skip = at % 8;
    uint32_t sum = 0;
    uint32_t ones = 0;
    if (skip > 0) {
        const uint32_t now = count < 8 - skip ? count : 8 - skip;
        const uint32_t bits = ((uint32_t)*w++ >> skip) & ((1u << now) - 1u);
        sum = sum_bits(x, bits, now);
        ones = count_bits(bits);
        x += now;
        count -= now;
    }
    for (; count >= 8; count -= 8, x += 8) {
        const uint32_t bits = *w++;
        sum += sum_bits(x, bits, 8);
        ones += count_bits(bits);
    }
    if (count > 0) {
        const uint32_t bits = *w & ((1u << count) - 1u);
        sum += sum_bits(x, bits, count);
        ones += count_bits(bits);
    }
    return sum - ones * (uint32_t)zero;
}
#endif

static packed_dot *dot_of(uint32_t codec) {
    switch (codec) {
#if SHOE_HAS_INT4
        case SHOE_CODEC_INT4: return dot_int4;
#endif
#if SHOE_HAS_TERNARY
        case SHOE_CODEC_TERNARY: return dot_ternary;
#endif
#if SHOE_HAS_BINARY
        case SHOE_CODEC_BINARY: return dot_binary;
#endif
        default: return NULL;
    }
}

/* The runs of a window that are contiguous in input and weights alike. */
typedef struct {
    uint32_t lines, runs, count;        /* kernel rows, runs in each, elements of a run */
    uint32_t line_x, run_x, line_w;     /* from one to the next, in the input and in the weights; run to run: group_in */
    uint32_t at;                        /* first element in the filter */
    const int8_t *x;
} runs;

static runs runs_of(const shoe_filters *f, const shoe_window *w, const int8_t *image) {
    const uint32_t cols = w->cols.end - w->cols.first;
    const int solid = shoe_filters_solid(f);
    const uint32_t step = f->dilation_w * f->in_c;
    runs r;
    r.lines = w->rows.end - w->rows.first;
    r.runs = solid ? 1 : cols;
    r.count = solid ? cols * f->group_in : f->group_in;
    r.line_x = f->dilation_h * f->in_w * f->in_c;
    r.run_x = step;
    r.line_w = f->taps_w * f->group_in;
    r.at = (w->rows.first * f->taps_w + w->cols.first) * f->group_in;
    r.x = image;
    if (r.lines > 0) r.x += w->origin + w->rows.first * r.line_x + w->cols.first * step;
    return r;
}

static uint32_t filter_sum(const shoe_filters *f, const runs *r, packed_dot *dot, const uint8_t *payload, uint32_t at, const int8_t *x) {
    uint32_t sum = 0;
    at += r->at;
    for (uint32_t line = 0; line < r->lines; ++line, x += r->line_x, at += r->line_w) {
        const int8_t *from = x;
        uint32_t element = at;
        for (uint32_t run = 0; run < r->runs; ++run, from += r->run_x, element += f->group_in)
            sum += dot(payload, element, from, r->count, f->in_zero);
    }
    return sum;
}

/* Sum of x - zero over the window, of the channels of one group. */
static int32_t window_sum(const shoe_filters *f, const runs *r, const int8_t *x) {
    int32_t sum = 0;
    for (uint32_t line = 0; line < r->lines; ++line, x += r->line_x)
        for (uint32_t run = 0; run < r->runs; ++run)
            sum = shoe_add(sum, shoe_row_offset(x + run * r->run_x, r->count, f->in_zero, 1));
    return sum;
}

/* All output channels of one position. A filter is a + (b - a) * bit for binary weights, so that with the window's sum a
 * is added once; elsewhere it is 0 + 1 * field. */
static void packed_position(const shoe_filters *f, const shoe_coding *coding, const runs *r, int8_t *out) {
    packed_dot *dot = dot_of(coding->codec);
    const int binary = coding->codec == SHOE_CODEC_BINARY;
    const int32_t low = binary ? shoe_i8(coding->coded.table) : 0;
    const int32_t step = binary ? shoe_i8(coding->coded.table + 1) - low : 1;
    const int32_t offset = low - f->weights_zero;
    const int8_t *x = r->x;
    uint32_t at = 0;
    for (uint32_t channel = 0; channel < f->channels; x += f->group_in) {
        const int32_t base = offset == 0 ? 0 : shoe_mul(window_sum(f, r, x), offset);
        for (const uint32_t end = channel + f->group_out; channel < end; ++channel, at += coding->coded.row_elements) {
            const uint32_t sum = filter_sum(f, r, dot, coding->coded.payload, at, x);
            out[channel] = shoe_filters_finish(f, channel, (uint32_t)shoe_add(shoe_mul((int32_t)sum, step), base));
        }
    }
}

void shoe_direct_packed(const shoe_filters *f, const shoe_coding *coding) {
    const int8_t *image = f->in;
    int8_t *out = f->out;
    for (uint32_t n = 0; n < f->images; ++n, image += f->in_h * f->in_w * f->in_c)
        for (uint32_t y = 0; y < f->out_h; ++y) {
            const shoe_window row = shoe_window_row(f, y);
            for (uint32_t x = 0; x < f->out_w; ++x, out += f->channels) {
                const shoe_window window = shoe_window_at(f, &row, x);
                const runs r = runs_of(f, &window, image);
                packed_position(f, coding, &r, out);
            }
        }
}
