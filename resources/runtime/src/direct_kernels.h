/* Which codecs have a direct kernel, and those kernels. SHOE_CODECS leaves out the ones whose codec is left out. */
#ifndef SHOE_DIRECT_KERNELS_H
#define SHOE_DIRECT_KERNELS_H

#include "window.h"

#if defined(SHOE_CODECS)
#define SHOE_HAS(codec) (((SHOE_CODECS) >> (codec)) & 1)
#else
#define SHOE_HAS(codec) 1
#endif

/* Numbers of codec.h, which the preprocessor cannot read there. */
#define SHOE_HAS_INT4 SHOE_HAS(1)
#define SHOE_HAS_TERNARY SHOE_HAS(2)
#define SHOE_HAS_BINARY SHOE_HAS(3)
#define SHOE_HAS_BITMAP SHOE_HAS(4)
#define SHOE_HAS_RELATIVE SHOE_HAS(5)

/* Whether there is a kernel. */
int shoe_packed_codec(uint32_t codec);
int shoe_sparse_codec(uint32_t codec);

void shoe_direct_packed(const shoe_filters *filters, const shoe_coding *coding);

/* Whether the filters suit the sparse kernels, and the scratch that a convolution needs has room for one nonzero weight. */
int shoe_check_sparse(const shoe_filters *filters, int is_conv, uint32_t scratch_bytes);

/* scratch: null for a fully connected layer. SHOE_ERR_DECODE when the payload ends too early, or a filter has more nonzero
 * weights than the scratch can hold. */
shoe_status shoe_direct_sparse(const shoe_filters *filters, const shoe_coding *coding, uint8_t *scratch, uint32_t scratch_bytes);

#endif
