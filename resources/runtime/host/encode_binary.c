#include "bit_writer.h"
#include "encode.h"
#include "statistics.h"

/* The lower value is bit 0. A tensor of one value has it twice in the table, an empty one has zeros. */
int shoe_binary_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    uint32_t first = 128, last = 128;
    histogram seen;
    histogram_of(&seen, job->data, elements);
    (void)histogram_span(&seen, &first, &last);
    for (uint32_t v = first + 1; v < last; ++v)
        if (seen.count[v]) return SHOE_ERR_TENSOR;
    const int32_t high = (int32_t)last - 128;
    job->table[0] = (uint8_t)(first ^ 128u);
    job->table[1] = (uint8_t)(last ^ 128u);
    job->table_bytes = 2;
    bit_writer writer = bit_writer_over(job->payload, job->payload_capacity);
    for (uint32_t i = 0; i < elements; ++i) bit_writer_put(&writer, first != last && job->data[i] == high, 1);
    return shoe_encoding_finish(job, bit_writer_finish(&writer));
}
