/* The gap width that gives the fewest bits is found by counting gaps; nothing else is chosen. */
#include "bit_writer.h"
#include "encode.h"
#include "statistics.h"

enum { MAX_GAP_WIDTH = 12, LONGEST = 1 << MAX_GAP_WIDTH };

/* Gaps below LONGEST by length; longer ones are counted apart, in units of what each width can skip. */
typedef struct {
    uint32_t gaps[LONGEST];
    uint32_t longest; /* of them */
    uint64_t long_skips[MAX_GAP_WIDTH + 1];
} gap_counts;

static void count_gap(gap_counts *counts, uint32_t gap) {
    if (gap < LONGEST) {
        ++counts->gaps[gap];
        if (gap > counts->longest) counts->longest = gap;
    } else
        for (uint32_t width = 1; width <= MAX_GAP_WIDTH; ++width) counts->long_skips[width] += gap / ((1u << width) - 1u) + 1;
}

static void count_gaps(gap_counts *counts, const int8_t *data, uint32_t elements) {
    uint32_t gap = 0;
    __builtin_memset(counts, 0, sizeof *counts);
    for (uint32_t i = 0; i < elements; ++i) {
        if (data[i] == 0) {
            ++gap;
            continue;
        }
        count_gap(counts, gap);
        gap = 0;
    }
    if (gap) count_gap(counts, gap);
}

static uint64_t gap_bits(const gap_counts *counts, uint32_t width) {
    uint64_t fields = counts->long_skips[width];
    for (uint32_t gap = 0; gap <= counts->longest; ++gap) fields += (uint64_t)counts->gaps[gap] * (gap / ((1u << width) - 1u) + 1);
    return fields * width;
}

static void put_gap(bit_writer *writer, uint32_t gap, uint32_t width) {
    const uint32_t most = (1u << width) - 1u;
    for (; gap >= most; gap -= most) bit_writer_put(writer, most, width);
    bit_writer_put(writer, gap, width);
}

int shoe_relative_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    if (job->scratch_bytes < sizeof(gap_counts)) return SHOE_ERR_ARENA;
    gap_counts *const counts = (gap_counts *)(void *)job->scratch;
    histogram seen;
    histogram_of(&seen, job->data, elements);
    count_gaps(counts, job->data, elements);
    const uint32_t value_width = nonzero_width(&seen);
    uint32_t width = 1;
    for (uint32_t other = 2; other <= MAX_GAP_WIDTH; ++other)
        if (gap_bits(counts, other) < gap_bits(counts, width)) width = other;
    bit_writer writer = bit_writer_over(job->payload, job->payload_capacity);
    uint32_t gap = 0;
    for (uint32_t i = 0; i < elements; ++i) {
        if (job->data[i] == 0) {
            ++gap;
            continue;
        }
        put_gap(&writer, gap, width);
        bit_writer_put(&writer, nonzero_field(job->data[i], value_width), value_width);
        gap = 0;
    }
    if (gap) put_gap(&writer, gap, width);
    job->table[0] = (uint8_t)width;
    job->table[1] = (uint8_t)value_width;
    job->table_bytes = 2;
    return shoe_encoding_finish(job, bit_writer_finish(&writer));
}
