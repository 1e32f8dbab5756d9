#include "bit_writer.h"
#include "encode.h"
#include "statistics.h"

int shoe_bitmap_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    histogram seen;
    histogram_of(&seen, job->data, elements);
    const uint32_t width = nonzero_width(&seen);
    const uint32_t mask_bytes = elements / 8 + (elements % 8 != 0);
    if (job->payload_capacity < mask_bytes) return SHOE_ERR_ARENA;
    bit_writer mask = bit_writer_over(job->payload, mask_bytes);
    bit_writer values = bit_writer_over(job->payload + mask_bytes, job->payload_capacity - mask_bytes);
    for (uint32_t i = 0; i < elements; ++i) {
        const int32_t value = job->data[i];
        bit_writer_put(&mask, value != 0, 1);
        if (value) bit_writer_put(&values, nonzero_field(value, width), width);
    }
    (void)bit_writer_finish(&mask);
    job->table[0] = (uint8_t)width;
    job->table_bytes = 1;
    const int status = shoe_encoding_finish(job, bit_writer_finish(&values));
    job->payload_bytes += mask_bytes;
    return status;
}
