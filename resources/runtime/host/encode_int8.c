#include "encode.h"

int shoe_int8_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    if (job->payload_capacity < elements) return SHOE_ERR_ARENA;
    for (uint32_t i = 0; i < elements; ++i) job->payload[i] = (uint8_t)job->data[i];
    job->payload_bytes = elements;
    job->table_bytes = 0;
    return SHOE_OK;
}
