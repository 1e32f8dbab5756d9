#include "levels.h"

typedef struct {
    uint32_t field;
    uint32_t width;
} code;

/* How `level` follows `before`, and `last`, the last level that was not 0. */
static code level_code(uint32_t level, uint32_t before, uint32_t last) {
    code here = {3, 2}; /* does not occur: 1 1 0 */
    here.width = 3;
    if (level == last) here = (code){0, 1};
    else if (level != 0 && level + 1 == last) here = (code){1, 3};
    else if (level == last + 1) here = (code){1 | 4, 3};
    else if (level != 0) here = (code){7 | level << 3, 7};
    if (before != 0) return here;
    if (level == 0) return (code){0, 1};
    return (code){1 | here.field << 1, here.width + 1};
}

void span_write(bit_writer *writer, const shoe_span *span) {
    bit_writer_put(writer, (uint32_t)(span->first + 128), 8);
    bit_writer_put(writer, span->count - 1, 8);
}

static uint32_t first_sent(const shoe_span *span, uint32_t mirrored) {
    return mirrored ? span->count / 2 : 0;
}

void levels_write(bit_writer *writer, const shoe_span *span, const uint8_t *levels, uint32_t mirrored) {
    const uint32_t first = first_sent(span, mirrored);
    uint32_t last = levels[first];
    bit_writer_put(writer, mirrored, 1);
    bit_writer_put(writer, levels[first], 4);
    for (uint32_t i = first + 1; i < span->count; ++i) {
        const code next = level_code(levels[i], levels[i - 1], last);
        bit_writer_put(writer, next.field, next.width);
        if (levels[i]) last = levels[i];
    }
}

uint32_t level_bits(uint32_t level, uint32_t before, uint32_t last) {
    return level_code(level, before, last).width;
}

uint32_t levels_bits(const shoe_span *span, const uint8_t *levels, uint32_t mirrored) {
    const uint32_t first = first_sent(span, mirrored);
    uint32_t last = levels[first];
    uint32_t bits = 5;
    for (uint32_t i = first + 1; i < span->count; ++i) {
        bits += level_bits(levels[i], levels[i - 1], last);
        if (levels[i]) last = levels[i];
    }
    return bits;
}
