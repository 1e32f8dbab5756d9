/* Bounded cursors over message payloads. Integers are little-endian and written out byte by byte, so no buffer is ever
 * cast to a struct. A reader or writer that ran out of room stays failed; check `failed` once at the end. */
#ifndef AGENT_WIRE_H
#define AGENT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
} wire_reader;

typedef struct {
    uint8_t *at;
    uint8_t *end;
    bool failed;
} wire_writer;

/* The bytes are inside the payload and live as long as it does. */
typedef struct {
    const uint8_t *data;
    size_t length;
} wire_bytes;

static inline const uint8_t *wire_take(wire_reader *reader, size_t length) {
    const uint8_t *start = reader->at;
    if (reader->failed || (size_t)(reader->end - reader->at) < length) {
        reader->failed = true;
        return NULL;
    }
    reader->at += length;
    return start;
}

static inline uint64_t wire_read(wire_reader *reader, unsigned bytes) {
    const uint8_t *from = wire_take(reader, bytes);
    uint64_t value = 0;
    if (from == NULL) return 0;
    for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static inline wire_bytes wire_read_rest(wire_reader *reader) {
    wire_bytes bytes = {reader->at, (size_t)(reader->end - reader->at)};
    reader->at = reader->end;
    return bytes;
}

/* True when the whole payload was read and nothing was missing. */
static inline bool wire_read_done(const wire_reader *reader) {
    return !reader->failed && reader->at == reader->end;
}

static inline void wire_write(wire_writer *writer, uint64_t value, unsigned bytes) {
    if (writer->failed || (size_t)(writer->end - writer->at) < bytes) {
        writer->failed = true;
        return;
    }
    for (unsigned i = 0; i < bytes; i++) *writer->at++ = (uint8_t)(value >> (8 * i));
}

static inline void wire_write_bytes(wire_writer *writer, const uint8_t *data, size_t length) {
    if (writer->failed || (size_t)(writer->end - writer->at) < length) {
        writer->failed = true;
        return;
    }
    for (size_t i = 0; i < length; i++) *writer->at++ = data[i];
}

/* A string longer than `max` is cut. */
static inline void wire_write_text(wire_writer *writer, const char *text, size_t max) {
    size_t length = 0;
    while (length < max && text[length] != '\0') length++;
    wire_write(writer, length, 1);
    wire_write_bytes(writer, (const uint8_t *)text, length);
}

#endif
