/* How many ticks the decoders take on a core. The cases are put into the board's first flash slot from outside; for each, one
 * line is sent: its index, the decoder's status, bytes of its state, ticks of opening, ticks of reading the whole tensor row
 * by row, and the CRC-32 of the elements. A line "done" ends them. */
#include "agent.h"
#include "codec.h"

/* A case: eight little-endian u32 (codec, rows, elements of a row, inner, table bytes, payload bytes, 0, 0), then the table
 * and the payload, each padded to a multiple of 4. MAGIC and the number of cases come first. */
#define MAGIC 0x434e4542u /* "BENC" */
#define CASE_FIELDS 8u

static uint32_t word(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t padded(uint32_t bytes) {
    return (bytes + 3u) & ~3u;
}

static void send_number(uint64_t value, char end) {
    uint8_t digits[21];
    unsigned at = sizeof digits;
    digits[--at] = (uint8_t)end;
    do {
        digits[--at] = (uint8_t)('0' + (int)(value % 10u));
        value /= 10u;
    } while (value > 0);
    port_send(digits + at, sizeof digits - at);
}

typedef struct {
    uint32_t codec;
    shoe_coded_t coded;
} bench_case;

static const uint8_t *read_case(const uint8_t *at, bench_case *out) {
    const uint8_t *table = at + 4u * CASE_FIELDS;
    out->codec = word(at);
    out->coded.rows = word(at + 4);
    out->coded.row_elements = word(at + 8);
    out->coded.inner = word(at + 12);
    out->coded.table = table;
    out->coded.table_bytes = word(at + 16);
    out->coded.payload = table + padded(out->coded.table_bytes);
    out->coded.payload_bytes = word(at + 20);
    return out->coded.payload + padded(out->coded.payload_bytes);
}

typedef struct {
    int status;
    uint32_t state_bytes;
    uint64_t open_ticks;
    uint64_t read_ticks;
    uint32_t crc;
} bench_result;

/* Decodes twice: once for the time, once for the CRC. */
static void measure(const bench_case *each, const port_description *port, bench_result *out) {
    uint8_t *state = port->pool;
    out->state_bytes = shoe_decoder_bytes(each->codec, &each->coded);
    const uint32_t row_at = (out->state_bytes + 15u) & ~15u;
    int8_t *row = (int8_t *)port->pool + row_at;
    if (out->state_bytes == 0 || row_at + each->coded.row_elements > port->pool_bytes) {
        out->status = SHOE_ERR_ARENA;
        return;
    }
    const uint64_t start = port_cycles();
    out->status = shoe_decoder_open(state, each->codec, &each->coded);
    const uint64_t opened = port_cycles();
    for (uint32_t i = 0; i < each->coded.rows && out->status == SHOE_OK; i++)
        out->status = shoe_decoder_read(state, row, each->coded.row_elements);
    out->open_ticks = opened - start;
    out->read_ticks = port_cycles() - opened;
    if (out->status == SHOE_OK) out->status = shoe_decoder_open(state, each->codec, &each->coded);
    for (uint32_t i = 0; i < each->coded.rows && out->status == SHOE_OK; i++) {
        out->status = shoe_decoder_read(state, row, each->coded.row_elements);
        out->crc = shoe_crc32(out->crc, row, each->coded.row_elements);
    }
}

void agent_start(agent *self) {
    const uint8_t *at = port_describe()->flash_slots[0].base;
    const uint32_t count = word(at) == MAGIC ? word(at + 4) : 0;
    self->port = port_describe();
    at += 8;
    for (uint32_t i = 0; i < count; i++) {
        bench_case each;
        bench_result result = {0, 0, 0, 0, 0};
        at = read_case(at, &each);
        measure(&each, self->port, &result);
        send_number(i, ' ');
        send_number((uint64_t)(uint32_t)-result.status, ' ');
        send_number(result.state_bytes, ' ');
        send_number(result.open_ticks, ' ');
        send_number(result.read_ticks, ' ');
        send_number(result.crc, '\n');
    }
    static const uint8_t done[] = {'d', 'o', 'n', 'e', '\n'};
    port_send(done, sizeof done);
}

bool agent_step(agent *self) {
    (void)self;
    return false;
}
