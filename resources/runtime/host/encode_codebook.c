#include "bit_writer.h"
#include "encode.h"
#include "statistics.h"

/* The table holds the values that occur, ascending; that of an empty tensor holds 0. */
int shoe_codebook_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    uint8_t index[256];
    uint32_t count = 0, width = 0;
    histogram seen;
    histogram_of(&seen, job->data, elements);
    for (uint32_t v = 0; v < 256; ++v) {
        index[v] = (uint8_t)count;
        if (seen.count[v]) job->table[count++] = (uint8_t)(v ^ 128u);
    }
    if (count == 0) job->table[count++] = 0;
    while (1u << width < count) ++width;
    bit_writer writer = bit_writer_over(job->payload, job->payload_capacity);
    for (uint32_t i = 0; i < elements; ++i) bit_writer_put(&writer, index[(uint8_t)job->data[i] ^ 128u], width);
    job->table_bytes = count;
    return shoe_encoding_finish(job, bit_writer_finish(&writer));
}
