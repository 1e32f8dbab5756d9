/* The float codec as a WebAssembly module. One buffer for elements and one for a stream; nothing is kept between calls. */
#include "float_host.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

static uint8_t elements[FLOAT_MAX_BYTES + FLOAT_SLACK], stream[FLOAT_MAX_BYTES + FLOAT_SLACK], symbol[FLOAT_MAX_BYTES];
/* decoder_t with the largest alphabet and all contexts */
static uint32_t device_state[1 << 13];

uint8_t *EXPORT(float_elements)(void) { return elements; }
uint8_t *EXPORT(float_stream)(void) { return stream; }
uint32_t EXPORT(float_capacity)(void) { return FLOAT_MAX_BYTES; }

/* Bytes of the stream; 0 when it would have `limit` or more. */
uint32_t EXPORT(float_encode_elements)(uint32_t kind, uint32_t count, uint32_t cols, uint32_t limit) {
    return float_encode(elements, kind, count, cols, symbol, stream, limit < FLOAT_MAX_BYTES ? limit : FLOAT_MAX_BYTES);
}

int EXPORT(float_decode_elements)(uint32_t bytes, uint32_t element_bytes) { return float_decode(stream, bytes, elements, element_bytes); }

/* The decoder for devices, `step` elements of `width` bytes at a time. */
int EXPORT(float_device_decode)(uint32_t bytes, uint32_t count, uint32_t width, uint32_t step) {
    if ((uint64_t)count * width > FLOAT_MAX_BYTES || shoe_float_bytes(stream, bytes) > sizeof device_state) return SHOE_FLOAT_MALFORMED;
    int status = shoe_float_open(device_state, stream, bytes);
    for (uint32_t done = 0; status == SHOE_FLOAT_OK && done < count; done += step)
        status = shoe_float_read(device_state, elements + done * width, count - done < step ? count - done : step);
    return status;
}
