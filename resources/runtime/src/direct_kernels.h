/* Which codecs have a direct kernel, and those kernels. SHOE_DIRECT_CODECS leaves out the others. */
#ifndef SHOE_DIRECT_KERNELS_H
#define SHOE_DIRECT_KERNELS_H

#include "window.h"

#define SHOE_HAS(codec) (((SHOE_DIRECT_CODECS) >> (codec)) & 1)

/* Numbers of codec.h, which the preprocessor cannot read there. */
#define SHOE_HAS_INT4 SHOE_HAS(1)
#define SHOE_HAS_TERNARY SHOE_HAS(2)
#define SHOE_HAS_BINARY SHOE_HAS(3)
#define SHOE_HAS_BITMAP SHOE_HAS(4)
#define SHOE_HAS_RELATIVE SHOE_HAS(5)

#define SHOE_HAS_PACKED (SHOE_HAS_INT4 || SHOE_HAS_TERNARY || SHOE_HAS_BINARY)
#define SHOE_HAS_SPARSE (SHOE_HAS_BITMAP || SHOE_HAS_RELATIVE)

/* Whether there is a kernel. */
static inline int shoe_packed_codec(uint32_t codec) {
    return (SHOE_HAS_INT4 && codec == SHOE_CODEC_INT4) || (SHOE_HAS_TERNARY && codec == SHOE_CODEC_TERNARY) ||
           (SHOE_HAS_BINARY && codec == SHOE_CODEC_BINARY);
}

static inline int shoe_sparse_codec(uint32_t codec) {
    return (SHOE_HAS_BITMAP && codec == SHOE_CODEC_BITMAP) || (SHOE_HAS_RELATIVE && codec == SHOE_CODEC_RELATIVE);
}

void shoe_direct_packed(const shoe_filters *filters, const shoe_coding *coding);

/* Whether the filters suit the sparse kernels, and the scratch that a convolution needs has room for one nonzero weight. */
int shoe_check_sparse(const shoe_filters *filters, int is_conv, uint32_t scratch_bytes);

/* scratch: null for a fully connected layer. SHOE_ERR_DECODE when the payload ends too early, or a filter has more nonzero
 * weights than the scratch can hold. */
shoe_status shoe_direct_sparse(const shoe_filters *filters, const shoe_coding *coding, uint8_t *scratch, uint32_t scratch_bytes);

#endif
