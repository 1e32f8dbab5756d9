// im2col.
#include "patches.h"

double patches_scratch(const patches_t *a, uint32_t threads) {
  (void)a;
  (void)threads;
  return 0;
}

static void put_patch(const patches_t *a, size_t row, float *to) {
  const patch_shape_t *s = &a->shape;
  corner_t corner = corner_of(s, a->positions ? a->positions[row] : row);
  if (!is_inside(s, corner)) {
    for (size_t channel = 0; channel < s->channels; channel++)
      for (size_t ky = 0; ky < s->kernel_height; ky++)
        for (size_t kx = 0; kx < s->kernel_width; kx++) *to++ = patch_element(a->x, s, corner, channel, ky, kx);
    return;
  }
  const float *first = a->x + corner.sample + (size_t)corner.y * s->width + (size_t)corner.x;
  for (size_t channel = 0; channel < s->channels; channel++)
    for (size_t ky = 0; ky < s->kernel_height; ky++) {
      const float *from = first + channel * s->height * s->width + ky * s->dilation_y * s->width;
      for (size_t kx = 0; kx < s->kernel_width; kx++) *to++ = from[kx * s->dilation_x];
    }
}

void patches_run(const patches_t *a, team_t *team, uint32_t thread) {
  (void)thread;
  size_t columns = a->shape.channels * a->shape.kernel_height * a->shape.kernel_width;
  size_t batch = 16384 / (columns + 1) + 1, task;
  while (team_take(team, (a->rows + batch - 1) / batch, &task))
    for (size_t r = task * batch; r < a->rows && r < (task + 1) * batch; r++) put_patch(a, r, a->out + r * columns);
}
