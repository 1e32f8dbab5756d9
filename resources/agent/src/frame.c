#include "frame.h"

#include "shoe.h"
#include "port.h"

#define COBS_BLOCK 254u

static void start(frame_decoder *decoder) {
    decoder->mode = FRAME_FRESH;
    decoder->length = 0;
    decoder->text_length = 0;
    decoder->block_left = 0;
    decoder->zero_after = 0;
}

void frame_reset(frame_decoder *decoder) {
    start(decoder);
    decoder->corrupt = 0;
}

static void drop(frame_decoder *decoder) {
    decoder->corrupt++;
    decoder->mode = FRAME_SKIP;
}

static void keep(frame_decoder *decoder, uint8_t byte) {
    if (decoder->length == FRAME_BYTES)
        drop(decoder);
    else
        decoder->bytes[decoder->length++] = byte;
}

static void push_cobs(frame_decoder *decoder, uint8_t byte) {
    if (decoder->block_left > 0) {
        decoder->block_left--;
        keep(decoder, byte);
        return;
    }
    if (decoder->zero_after) keep(decoder, 0);
    decoder->block_left = (uint8_t)(byte - 1u);
    decoder->zero_after = byte <= COBS_BLOCK;
}

static uint32_t read_u32(const uint8_t *from) {
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/* A 0x00 came. The bytes stay in the buffer for frame_read. */
static frame_event finish(frame_decoder *decoder) {
    frame_mode mode = decoder->mode;
    size_t length = decoder->length;
    uint8_t missing = decoder->block_left;
    start(decoder);
    if (mode != FRAME_BINARY) return FRAME_NOTHING;
    if (missing == 0 && length >= FRAME_HEADER_BYTES + FRAME_CRC_BYTES) {
        size_t body = length - FRAME_CRC_BYTES;
        if (shoe_crc32(0, decoder->bytes, body) == read_u32(decoder->bytes + body)) {
            decoder->length = body;
            return FRAME_READY;
        }
    }
    decoder->corrupt++;
    return FRAME_NOTHING;
}

static frame_event push_text(frame_decoder *decoder, uint8_t byte) {
    if (byte == (uint8_t)'%') {
        size_t length = decoder->text_length;
        start(decoder);
        decoder->text_length = length;
        return FRAME_TEXT;
    }
    decoder->text[decoder->text_length] = (char)byte;
    if (decoder->text_length < FRAME_TEXT_BYTES - 1u) decoder->text_length++;
    return FRAME_NOTHING;
}

/* The first byte after a 0x00 waits for the second, which is a frame's type or text. */
static frame_event push_second(frame_decoder *decoder, uint8_t byte) {
    if (byte >= 0x80u) {
        decoder->mode = FRAME_BINARY;
        decoder->length = 0;
        push_cobs(decoder, decoder->first);
        push_cobs(decoder, byte);
        return FRAME_NOTHING;
    }
    if (decoder->first == (uint8_t)'%') {
        /* An empty command; this byte is a first one again. */
        decoder->first = byte;
        return FRAME_NOTHING;
    }
    decoder->mode = FRAME_ASCII;
    (void)push_text(decoder, decoder->first);
    return push_text(decoder, byte);
}

frame_event frame_push(frame_decoder *decoder, uint8_t byte) {
    if (byte == 0) return finish(decoder);
    switch (decoder->mode) {
        case FRAME_FRESH:
            start(decoder);
            decoder->first = byte;
            decoder->mode = FRAME_FIRST;
            return FRAME_NOTHING;
        case FRAME_FIRST:
            return push_second(decoder, byte);
        case FRAME_BINARY:
            push_cobs(decoder, byte);
            return FRAME_NOTHING;
        case FRAME_ASCII:
            return push_text(decoder, byte);
        default:
            /* A host that speaks text only never sends 0x00: its next command ends the garbage. */
            if (byte == (uint8_t)'%') start(decoder);
            return FRAME_NOTHING;
    }
}

frame frame_read(const frame_decoder *decoder) {
    frame result = {
        decoder->bytes[0],
        (uint16_t)(decoder->bytes[1] | (unsigned)decoder->bytes[2] << 8),
        decoder->bytes + FRAME_HEADER_BYTES,
        decoder->length - FRAME_HEADER_BYTES,
    };
    return result;
}

void frame_send(uint8_t *bytes, size_t length) {
    static const uint8_t delimiter = 0;
    uint32_t crc = shoe_crc32(0, bytes, length);
    for (unsigned i = 0; i < FRAME_CRC_BYTES; i++) bytes[length++] = (uint8_t)(crc >> (8 * i));
    port_send(&delimiter, 1);
    size_t from = 0;
    bool more = true;
    while (more) {
        size_t run = 0;
        while (from + run < length && run < COBS_BLOCK && bytes[from + run] != 0) run++;
        uint8_t code = (uint8_t)(run + 1u);
        port_send(&code, 1);
        port_send(bytes + from, run);
        from += run;
        /* A full block stands for no zero; any other ends at a zero or at the end. */
        more = run == COBS_BLOCK ? from < length : from++ < length;
    }
    port_send(&delimiter, 1);
}
