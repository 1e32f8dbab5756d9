#include "statistics.h"

/* Four sets of counters, since adding to the same counter twice in a row has to wait. */
void histogram_of(histogram *of, const int8_t *data, uint32_t elements) {
    static uint32_t part[4][256];
    for (uint32_t k = 0; k < 4; ++k)
        for (uint32_t v = 0; v < 256; ++v) part[k][v] = 0;
    uint32_t i = 0;
    for (; i + 4 <= elements; i += 4) {
        ++part[0][(uint8_t)data[i] ^ 128u];
        ++part[1][(uint8_t)data[i + 1] ^ 128u];
        ++part[2][(uint8_t)data[i + 2] ^ 128u];
        ++part[3][(uint8_t)data[i + 3] ^ 128u];
    }
    for (; i < elements; ++i) ++part[0][(uint8_t)data[i] ^ 128u];
    for (uint32_t v = 0; v < 256; ++v) of->count[v] = part[0][v] + part[1][v] + part[2][v] + part[3][v];
}

int histogram_span(const histogram *of, uint32_t *first, uint32_t *last) {
    uint32_t low = 0, high = 255;
    while (low < 256 && of->count[low] == 0) ++low;
    if (low == 256) return 0;
    while (of->count[high] == 0) --high;
    *first = low;
    *last = high;
    return 1;
}

uint32_t nonzero_width(const histogram *of) {
    uint32_t first, last;
    if (!histogram_span(of, &first, &last)) return 1;
    const int32_t low = (int32_t)first - 128;
    const int32_t high = (int32_t)last - 128;
    uint32_t width = 1;
    while (width < 8 && (low < -(1 << (width - 1)) || high > 1 << (width - 1))) ++width;
    return width;
}

uint32_t log2_fixed(uint32_t x) {
    const uint32_t whole = 31u - (uint32_t)__builtin_clz(x);
    uint64_t mantissa = (uint64_t)x << (31 - whole); /* 1 to 2, in units of 2^-31 */
    uint32_t fraction = 0;
    for (uint32_t bit = 0; bit < 16; ++bit) {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if (mantissa >> 32) {
            fraction |= 1;
            mantissa >>= 1;
        }
    }
    return whole << 16 | fraction;
}
