// Where the elements of a patch lie.
#ifndef SHOEHORN_KERNELS_PATCHES_H
#define SHOEHORN_KERNELS_PATCHES_H

#include "kernels.h"

/** The first element of a patch: row and column (negative in the padding), and the sample's offset. */
typedef struct {
  int32_t y, x;
  size_t sample;
} corner_t;

static inline corner_t corner_of(const patch_shape_t *s, size_t position) {
  size_t plane = s->out_height * s->out_width, sample = position / plane, at = position % plane;
  return (corner_t){(int32_t)(at / s->out_width * s->stride_y) - (int32_t)s->pad_top,
                    (int32_t)(at % s->out_width * s->stride_x) - (int32_t)s->pad_left,
                    sample * s->channels * s->height * s->width};
}

/** Whether nothing of a patch is padding. */
static inline int is_inside(const patch_shape_t *s, corner_t c) {
  return c.y >= 0 && c.x >= 0 && (size_t)c.y + (s->kernel_height - 1) * s->dilation_y < s->height &&
         (size_t)c.x + (s->kernel_width - 1) * s->dilation_x < s->width;
}

static inline float patch_element(const float *x, const patch_shape_t *s, corner_t c, size_t channel, size_t ky,
                                  size_t kx) {
  int32_t y = c.y + (int32_t)(ky * s->dilation_y), column = c.x + (int32_t)(kx * s->dilation_x);
  if (y < 0 || column < 0 || (size_t)y >= s->height || (size_t)column >= s->width) return 0;
  return x[c.sample + (channel * s->height + (size_t)y) * s->width + (size_t)column];
}

#endif
