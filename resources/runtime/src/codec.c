/* Which decoder a tensor needs, and the checks that are the same for all. */
#include "codec.h"

#define ROW(name) {shoe_##name##_bytes, shoe_##name##_open, shoe_##name##_read}
#define NO_ROW {0, 0, 0}

static const shoe_codec codecs[SHOE_CODEC_COUNT] = {
#if SHOE_CODECS & 0x001
    ROW(int8),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x002
    ROW(int4),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x004
    ROW(ternary),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x008
    ROW(binary),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x010
    ROW(bitmap),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x020
    ROW(relative),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x040
    ROW(codebook),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x080
    ROW(huffman),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x100
    ROW(rans),
#else
    NO_ROW,
#endif
#if SHOE_CODECS & 0x200
    ROW(arithmetic),
#else
    NO_ROW,
#endif
};

/* Comes before the codec's own state. */
typedef struct {
    const shoe_codec *codec;
    uintptr_t left; /* elements not read yet; as wide as a pointer, so that what follows is aligned for one */
} decoder;

static int sizes_are_possible(const shoe_coded_t *coded) {
    if (coded->row_elements == 0 || coded->rows == 0) return 1;
    if (coded->rows > UINT32_MAX / coded->row_elements) return 0;
    return coded->inner != 0 && coded->row_elements % coded->inner == 0;
}

uint32_t shoe_decoder_bytes(uint32_t codec, const shoe_coded_t *coded) {
    if (codec >= SHOE_CODEC_COUNT || !codecs[codec].bytes || !sizes_are_possible(coded)) return 0;
    const uint32_t own = codecs[codec].bytes(coded);
    return own == 0 ? 0 : (uint32_t)sizeof(decoder) + own;
}

int shoe_decoder_open(void *state, uint32_t codec, const shoe_coded_t *coded) {
    decoder *const head = state;
    if (shoe_decoder_bytes(codec, coded) == 0) return SHOE_ERR_TENSOR;
    head->codec = &codecs[codec];
    head->left = coded->rows * coded->row_elements;
    const int status = head->codec->open(head + 1, coded);
    if (status != SHOE_OK) head->left = 0;
    return status;
}

int shoe_decoder_read(void *state, int8_t *out, uint32_t count) {
    decoder *const head = state;
    if (count > head->left) return SHOE_ERR_ARGUMENT;
    const int status = head->codec->read(head + 1, out, count);
    head->left = status == SHOE_OK ? head->left - count : 0;
    return status;
}
