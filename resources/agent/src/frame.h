/* Frames: COBS(type u8, seq u16, payload, CRC-32 u32) between 0x00 bytes; and beside them, in the same stream, the text
 * commands of the MLPerf Tiny protocol (printable ASCII ended by '%'). The second byte after a 0x00 tells them apart: a
 * frame's is its type, which has bit 7 set. Decoding takes one byte at a time and never more than the fixed buffer. */
#ifndef AGENT_FRAME_H
#define AGENT_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* maxPayload of hello: at least PROTOCOL_RESPONSE_BYTES. A port with little RAM sets a smaller one. */
#ifndef FRAME_PAYLOAD_BYTES
#define FRAME_PAYLOAD_BYTES 1024u
#endif
#define FRAME_HEADER_BYTES 3u
#define FRAME_CRC_BYTES 4u
#define FRAME_BYTES (FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES + FRAME_CRC_BYTES)
/* As in the reference implementation of MLPerf Tiny: longer commands keep overwriting the last character. */
#define FRAME_TEXT_BYTES 80u

typedef enum { FRAME_NOTHING, FRAME_READY, FRAME_TEXT } frame_event;

typedef enum { FRAME_FRESH, FRAME_FIRST, FRAME_BINARY, FRAME_ASCII, FRAME_SKIP } frame_mode;

typedef struct {
    frame_mode mode;
    /* COBS: data bytes left in the current block, and whether a zero follows the block. */
    uint8_t block_left;
    uint8_t zero_after;
    uint8_t first;
    /* Frames dropped: bad COBS, too long, wrong CRC. */
    uint32_t corrupt;
    size_t length;
    uint8_t bytes[FRAME_BYTES];
    size_t text_length;
    char text[FRAME_TEXT_BYTES];
} frame_decoder;

typedef struct {
    uint8_t type;
    uint16_t seq;
    const uint8_t *payload;
    size_t length;
} frame;

void frame_reset(frame_decoder *decoder);

/* FRAME_READY: frame_read gives the frame until the next push. FRAME_TEXT: `text` holds a command without its '%'. */
frame_event frame_push(frame_decoder *decoder, uint8_t byte);

frame frame_read(const frame_decoder *decoder);

/* Encodes and sends `bytes` (type, seq and payload of `length` bytes in all, with room for the CRC behind them). */
void frame_send(uint8_t *bytes, size_t length);

#endif
