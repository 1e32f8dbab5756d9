/*
 * Weights in fields of 4, 2 or 1 bits, multiplied as they are unpacked. A filter is low + step * field, so that with the window's
 * sum `low` is added once for all filters. Sums go to a tile of channels at a time.
 *
 * Cores with SIMD multiply two fields at once and take the channels in pairs, which share the inputs. On the others a byte of
 * ternary or binary weights picks sums of inputs out of two tables of 16, which are made once for a tile: no multiplication.
 */
#include "direct.h"
#include "direct_kernels.h"
#include "dot.h"
#include "window.h"

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static inline
#endif

/* Output channels whose sums are on the stack at once. */
enum { CHANNELS = 32 };

/* What is the same for all filters of a tile. */
typedef struct {
    const uint8_t *payload;
    uint32_t row;      /* elements of a filter */
    uint32_t channels; /* of the tile */
    int32_t zero;      /* of the inputs */
} tile;

/* sums[c] += sum of (x - zero) * field over `count` elements that begin at element `at` of the tile's first filter */
typedef void packed_run(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums);

#if defined(SHOE_HALVES) && defined(__OPTIMIZE__)
#define PAIRED
#endif

#if defined(PAIRED)
/* Fields without sign: two's complement with its sign bit turned over is the value plus 2^(width - 1). */
enum { SIGNED_FIELDS = 0 };
#else
enum { SIGNED_FIELDS = 1 };
#endif

/* The field at the low end of `bits`. */
INLINED int32_t field(uint32_t bits, uint32_t width) {
    const uint32_t value = bits & ((1u << width) - 1u);
    if (width == 1) return (int32_t)value;
    const uint32_t sign = 1u << (width - 1);
    return (int32_t)(value ^ sign) - (SIGNED_FIELDS ? (int32_t)sign : 0);
}

/* What is added to a field for its value. */
INLINED int32_t low_of(uint32_t width) {
    return SIGNED_FIELDS || width == 1 ? 0 : -(int32_t)(1u << (width - 1));
}

INLINED void add_fields(shoe_pair *sum, uint32_t a, uint32_t b, const int8_t *x, uint32_t count, int32_t zero, uint32_t width) {
    for (uint32_t i = 0; i < count; ++i, a >>= width, b >>= width) {
        const int32_t value = x[i] - zero;
        sum->a += (uint32_t)(value * field(a, width));
        sum->b += (uint32_t)(value * field(b, width));
    }
}

#if defined(PAIRED)
/* Fields of two filters at one place, halves of a word each. One piece of assembler, because a compiler that takes out the fields of
 * all places first has too few registers for them. shift: constant */
INLINED shoe_pair add_place(shoe_pair sum, uint32_t inputs, uint32_t a, uint32_t b, uint32_t shift, uint32_t mask) {
    uint32_t fields;
    __asm__("and.w %[f], %[mask], %[a], lsr %[shift]\n"
            "smlad %[s], %[x], %[f], %[s]\n"
            "and.w %[f], %[mask], %[b], lsr %[shift]\n"
            "smlad %[u], %[x], %[f], %[u]\n"
            : [s] "+r"(sum.a), [u] "+r"(sum.b), [f] "=&r"(fields)
            : [x] "r"(inputs), [a] "r"(a), [b] "r"(b), [mask] "r"(mask), [shift] "n"(shift));
    return sum;
}

/* Fields of elements k to k + 3 of both halves; x: input k; further: input k of the second half, from there */
INLINED shoe_pair add_places(shoe_pair sum, const int8_t *x, uint32_t further, uint32_t a, uint32_t b, uint32_t offsets, uint32_t k,
                             uint32_t width) {
    const uint32_t mask = ((1u << width) - 1u) * 0x10001u;
    const uint32_t first = shoe_word(x + k);
    const uint32_t second = shoe_word(x + k + further);
    const uint32_t even = shoe_even(offsets, first);
    const uint32_t even_further = shoe_even(offsets, second);
    sum = add_place(sum, shoe_low_halves(even, even_further), a, b, k * width, mask);
    sum = add_place(sum, shoe_high_halves(even, even_further), a, b, (k + 2) * width, mask);
    const uint32_t odd = shoe_odd(offsets, first);
    const uint32_t odd_further = shoe_odd(offsets, second);
    sum = add_place(sum, shoe_low_halves(odd, odd_further), a, b, (k + 1) * width, mask);
    return add_place(sum, shoe_high_halves(odd, odd_further), a, b, (k + 3) * width, mask);
}

/*
 * Words of fields. Shifted down by k fields, each half of a word has field k of that half at its low end: the fields of elements k and
 * k + 16 / width, which meet those two inputs as halves.
 */
INLINED shoe_pair add_words(shoe_pair sum, const uint8_t *a, const uint8_t *b, const int8_t *x, uint32_t words, uint32_t offsets,
                            uint32_t width) {
    const uint32_t half = 16 / width;
    const uint32_t flip = width == 4 ? 0x88888888u : width == 2 ? 0xaaaaaaaau : 0;
    for (; words > 0; --words, a += 4, b += 4, x += 2 * half) {
        const uint32_t fa = shoe_word((const int8_t *)a) ^ flip;
        const uint32_t fb = shoe_word((const int8_t *)b) ^ flip;
        sum = add_places(sum, x, half, fa, fb, offsets, 0, width);
        if (half > 4) sum = add_places(sum, x, half, fa, fb, offsets, 4 % half, width);
        if (half > 8) sum = add_places(sum, x, half, fa, fb, offsets, 8 % half, width);
        if (half > 8) sum = add_places(sum, x, half, fa, fb, offsets, 12 % half, width);
    }
    return sum;
}
#endif

/* Two filters, each `skip` fields behind the beginning of its byte. */
INLINED shoe_pair dot_fields(const uint8_t *a, const uint8_t *b, uint32_t skip, const int8_t *x, uint32_t count, int32_t zero,
                             uint32_t width) {
    const uint32_t per_byte = 8 / width;
    shoe_pair sum = {0, 0};
    if (skip > 0) {
        const uint32_t now = count < per_byte - skip ? count : per_byte - skip;
        add_fields(&sum, (uint32_t)*a++ >> (skip * width), (uint32_t)*b++ >> (skip * width), x, now, zero, width);
        x += now;
        count -= now;
    }
#if defined(PAIRED)
    const uint32_t words = count / (4 * per_byte);
    sum = add_words(sum, a, b, x, words, shoe_offsets(zero), width);
    a += words * 4;
    b += words * 4;
    x += words * 4 * per_byte;
    count -= words * 4 * per_byte;
#endif
    for (; count >= per_byte; count -= per_byte, x += per_byte) add_fields(&sum, *a++, *b++, x, per_byte, zero, width);
    if (count > 0) add_fields(&sum, *a, *b, x, count, zero, width);
    return sum;
}

/* Filters in pairs. Where rows do not end at a byte's end, a filter is its own partner. */
INLINED void run_pairs(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums, uint32_t width) {
    const uint32_t per_byte = 8 / width;
    const int even = t->row % per_byte == 0;
    for (uint32_t channel = 0; channel < t->channels; ++channel, at += t->row) {
        const uint8_t *a = t->payload + at / per_byte;
        const int paired = even && channel + 1 < t->channels;
        const shoe_pair sum = dot_fields(a, paired ? a + t->row / per_byte : a, at % per_byte, x, count, t->zero, width);
        sums[channel] += sum.a;
        if (!paired) continue;
        sums[++channel] += sum.b;
        at += t->row;
    }
}

#if !defined(PAIRED) && (SHOE_HAS_TERNARY || SHOE_HAS_BINARY)
/* What four bits of weights say of the inputs they belong to: four binary fields, or two ternary ones. */
static void table_of(int32_t *table, const int8_t *x, int32_t zero, uint32_t width) {
    table[0] = 0;
    for (uint32_t bit = 0; bit < 4; ++bit) {
        const int32_t value = width == 1 ? x[bit] - zero : x[bit / 2] - zero;
        const int32_t weight = width == 1 || bit % 2 == 0 ? value : -2 * value;
        for (uint32_t i = 0; i < 1u << bit; ++i) table[(1u << bit) + i] = table[i] + weight;
    }
}

/* Bytes of weights, a column of them at a time. */
INLINED void run_tables(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums, uint32_t width) {
    const uint32_t per_byte = 8 / width;
    const uint32_t stride = t->row / per_byte;
    if (t->row % per_byte != 0 || at % per_byte != 0 || t->channels < 4) {
        run_pairs(t, at, x, count, sums, width);
        return;
    }
    const uint8_t *column = t->payload + at / per_byte;
    for (; count >= per_byte; count -= per_byte, x += per_byte, at += per_byte, ++column) {
        int32_t low[16], high[16];
        table_of(low, x, t->zero, width);
        table_of(high, x + per_byte / 2, t->zero, width);
        const uint8_t *w = column;
        uint32_t *const end = sums + t->channels;
        for (uint32_t *sum = sums; sum < end; ++sum, w += stride) *sum += (uint32_t)(low[*w & 15u] + high[*w >> 4]);
    }
    if (count > 0) run_pairs(t, at, x, count, sums, width);
}
#else
#define run_tables run_pairs
#endif

#if SHOE_HAS_INT4
#if defined(SHOE_DOT2_FOURS)
#define TERM(shift)               \
    "ldrsb %[v], [%[x], %[i]]\n"  \
    "add   %[v], %[offset]\n"     \
    "lsls  %[t], %[b], #" shift "\n" \
    "asrs  %[t], %[t], #28\n"     \
    "muls  %[t], %[v], %[t]\n"    \
    "adds  %[s], %[s], %[t]\n"    \
    "adds  %[i], %[i], #1\n"
#define BYTE                      \
    "ldrb  %[b], [%[w]]\n"        \
    "adds  %[w], %[w], #1\n"

/* Fields of whole bytes; count: a multiple of 4, not 0 */
static uint32_t dot_nibbles(const uint8_t *w, const int8_t *x, uint32_t count, int32_t zero) {
    int32_t i = -(int32_t)count;
    int32_t v, t, b;
    uint32_t sum = 0;
    __asm__(".syntax unified\n"
            "1:\n" BYTE TERM("28") TERM("24") BYTE TERM("28") TERM("24") "bne   1b\n"
            : [i] "+l"(i), [s] "+l"(sum), [w] "+l"(w), [v] "=&l"(v), [t] "=&l"(t), [b] "=&l"(b)
            : [x] "l"(x + count), [offset] "h"(-zero)
            : "cc", "memory");
    return sum;
}

/* One filter at a time: this core has no registers for two. */
static void run_int4(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums) {
    const uint32_t fours = count & ~(uint32_t)3;
    if ((t->row | at) % 2 != 0 || fours == 0) {
        run_pairs(t, at, x, count, sums, 4);
        return;
    }
    const uint8_t *w = t->payload + at / 2;
    for (uint32_t channel = 0; channel < t->channels; ++channel, w += t->row / 2) sums[channel] += dot_nibbles(w, x, fours, t->zero);
    if (count > fours) run_pairs(t, at + fours, x + fours, count - fours, sums, 4);
}
#else
static void run_int4(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums) {
    run_pairs(t, at, x, count, sums, 4);
}
#endif
#endif

#if SHOE_HAS_TERNARY
static void run_ternary(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums) {
    run_tables(t, at, x, count, sums, 2);
}
#endif

#if SHOE_HAS_BINARY
static void run_binary(const tile *t, uint32_t at, const int8_t *x, uint32_t count, uint32_t *sums) {
    run_tables(t, at, x, count, sums, 1);
}
#endif

/* How fields become weights. */
typedef struct {
    packed_run *run;
    int32_t low, step;
} packing;

static packing packing_of(const shoe_coding *coding) {
    packing p = {NULL, 0, 1};
#if SHOE_HAS_INT4
    if (coding->codec == SHOE_CODEC_INT4) {
        p.run = run_int4;
        p.low = low_of(4);
    }
#endif
#if SHOE_HAS_TERNARY
    if (coding->codec == SHOE_CODEC_TERNARY) {
        p.run = run_ternary;
        p.low = low_of(2);
    }
#endif
#if SHOE_HAS_BINARY
    if (coding->codec == SHOE_CODEC_BINARY) {
        p.run = run_binary;
        p.low = shoe_i8(coding->coded.table);
        p.step = shoe_i8(coding->coded.table + 1) - p.low;
    }
#endif
    return p;
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

/* Sum of x - zero over the window, of the channels of one group. */
static int32_t window_sum(const shoe_filters *f, const runs *r, const int8_t *x) {
    int32_t sum = 0;
    for (uint32_t line = 0; line < r->lines; ++line, x += r->line_x)
        for (uint32_t run = 0; run < r->runs; ++run)
            sum = shoe_add(sum, shoe_row_offset(x + run * r->run_x, r->count, f->in_zero, 1));
    return sum;
}

/* The window under the tile's filters. at: of the first one; x: channel 0 of its group at the first tap inside */
static void tile_sums(const shoe_filters *f, const runs *r, const tile *t, packed_run *run, uint32_t at, const int8_t *x,
                      uint32_t *sums) {
    at += r->at;
    for (uint32_t line = 0; line < r->lines; ++line, x += r->line_x, at += r->line_w) {
        const int8_t *from = x;
        uint32_t element = at;
        for (uint32_t i = 0; i < r->runs; ++i, from += r->run_x, element += f->group_in) run(t, element, from, r->count, sums);
    }
}

/* All output channels of one position. */
static void packed_position(const shoe_filters *f, const shoe_coding *coding, const packing *p, const runs *r, int8_t *out) {
    const uint32_t row = coding->coded.row_elements;
    const int32_t offset = p->low - f->weights_zero;
    const int8_t *x = r->x;
    uint32_t channel = 0;
    for (uint32_t end = f->group_out; channel < f->channels; end += f->group_out, x += f->group_in) {
        const int32_t base = offset == 0 ? 0 : shoe_mul(window_sum(f, r, x), offset);
        while (channel < end) {
            const tile t = {coding->coded.payload, row, end - channel < CHANNELS ? end - channel : CHANNELS, f->in_zero};
            uint32_t sums[CHANNELS] = {0};
            tile_sums(f, r, &t, p->run, channel * row, x, sums);
            for (uint32_t i = 0; i < t.channels; ++i, ++channel)
                out[channel] =
                    shoe_filters_finish(f, channel, (uint32_t)shoe_add(shoe_mul((int32_t)sums[i], p->step), base));
        }
    }
}

void shoe_direct_packed(const shoe_filters *f, const shoe_coding *coding) {
    const int8_t *image = f->in;
    int8_t *out = f->out;
    const packing p = packing_of(coding);
    for (uint32_t n = 0; n < f->images; ++n, image += f->in_h * f->in_w * f->in_c)
        for (uint32_t y = 0; y < f->out_h; ++y) {
            const shoe_window row = shoe_window_row(f, y);
            for (uint32_t x = 0; x < f->out_w; ++x, out += f->channels) {
                const shoe_window window = shoe_window_at(f, &row, x);
                const runs r = runs_of(f, &window, image);
                packed_position(f, coding, &p, &r, out);
            }
        }
}
