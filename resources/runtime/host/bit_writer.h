/* Writing fields of a few bits, the first field in the lowest bits of the first byte. */
#ifndef SHOE_BIT_WRITER_H
#define SHOE_BIT_WRITER_H

#include <stdint.h>

typedef struct {
    uint8_t *from;
    uint8_t *at;
    uint8_t *end;
    uint64_t window;
    uint32_t have;     /* bits in the window, below 8 between two fields */
    uint32_t overflow; /* 1 once a byte did not fit */
} bit_writer;

static inline bit_writer bit_writer_over(uint8_t *bytes, uint32_t capacity) {
    return (bit_writer){bytes, bytes, bytes + capacity, 0, 0, 0};
}

static inline void bit_writer_byte(bit_writer *writer) {
    if (writer->at == writer->end) writer->overflow = 1;
    else *writer->at++ = (uint8_t)writer->window;
    writer->window >>= 8;
}

/* width: 0 to 32; field below 1 << width */
static inline void bit_writer_put(bit_writer *writer, uint32_t field, uint32_t width) {
    writer->window |= (uint64_t)field << writer->have;
    for (writer->have += width; writer->have >= 8; writer->have -= 8) bit_writer_byte(writer);
}

/* Pads with zero bits to a whole byte. Returns the bytes written, or -1 when they did not fit. */
static inline int64_t bit_writer_finish(bit_writer *writer) {
    if (writer->have) bit_writer_byte(writer);
    writer->have = 0;
    return writer->overflow ? -1 : writer->at - writer->from;
}

#endif
