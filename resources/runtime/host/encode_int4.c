#include "encode.h"

int shoe_int4_encode(shoe_encoding *job) {
    const uint32_t elements = shoe_encoding_elements(job);
    const uint32_t bytes = elements / 2 + (elements & 1u);
    if (job->payload_capacity < bytes) return SHOE_ERR_ARENA;
    uint32_t outside = 0;
    for (uint32_t i = 0; i < elements; ++i) outside |= (uint32_t)(job->data[i] + 8) & ~15u;
    if (outside) return SHOE_ERR_TENSOR;
    for (uint32_t i = 0; i < elements / 2; ++i)
        job->payload[i] = (uint8_t)((job->data[2 * i] & 15) | ((job->data[2 * i + 1] & 15) << 4));
    if (elements & 1u) job->payload[bytes - 1] = (uint8_t)(job->data[elements - 1] & 15);
    job->payload_bytes = bytes;
    job->table_bytes = 0;
    return SHOE_OK;
}
