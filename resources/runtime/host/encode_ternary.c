#include "bit_writer.h"
#include "encode.h"

int shoe_ternary_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    bit_writer writer = bit_writer_over(job->payload, job->payload_capacity);
    for (uint32_t i = 0; i < elements; ++i) {
        if (job->data[i] < -1 || job->data[i] > 1) return SHOE_ERR_TENSOR;
        bit_writer_put(&writer, (uint32_t)job->data[i] & 3u, 2);
    }
    job->table_bytes = 0;
    return shoe_encoding_finish(job, bit_writer_finish(&writer));
}
