// Sums of x xᵀ over samples, from a matrix or from patches that are never all held.
#include "gemm.h"
#include "patches.h"
#include "simd.h"

/** Samples that are packed at once by one thread. */
#define CHUNK ((size_t)256)
/** Floats that all threads pack together, for one large matrix. */
#define SHARED_FLOATS ((size_t)1 << 21)
#define SMALL ((size_t)256)

/** Small matrices are summed in slices of the samples, whose number does not depend on the threads. */
static size_t slices_of(const gram_t *a) {
  if (a->groups >= 16 || a->size > SMALL) return 1;
  size_t slices = (a->samples + 1023) / 1024;
  return slices < 1 ? 1 : slices > 8 ? 8 : slices;
}

static int is_shared(const gram_t *a) { return a->groups == 1 && a->size > SMALL; }

static size_t shared_chunk(const gram_t *a) {
  size_t chunk = SHARED_FLOATS / (panels_of(a->size) * PANEL) / CHUNK * CHUNK;
  return chunk < CHUNK ? CHUNK : chunk;
}

double gram_scratch(const gram_t *a, uint32_t threads) {
  double per_sample = (double)(panels_of(a->size) * PANEL) * sizeof(float);
  if (is_shared(a)) return per_sample * (double)shared_chunk(a);
  double partial = (double)(slices_of(a) * a->groups) * (double)(a->size * a->size) * sizeof(float);
  return partial + 64 + threads * per_sample * (double)CHUNK;
}

/** Columns of one panel of patches, for up to CHUNK samples. */
static void pack_patches(const gram_t *a, size_t first_column, size_t columns, size_t from, size_t count, float *panel) {
  const patch_shape_t *s = &a->shape;
  corner_t corners[CHUNK];
  int inside = 1;
  for (size_t i = 0; i < count; i++) {
    corners[i] = corner_of(s, a->positions ? a->positions[from + i] : from + i);
    inside &= is_inside(s, corners[i]);
  }
  size_t taps = s->kernel_height * s->kernel_width, plane = s->height * s->width;
  for (size_t c = 0; c < PANEL; c++) {
    float *to = panel + c;
    if (c >= columns) {
      for (size_t i = 0; i < count; i++) to[i * PANEL] = 0;
      continue;
    }
    size_t channel = (first_column + c) / taps, tap = (first_column + c) % taps;
    size_t ky = tap / s->kernel_width, kx = tap % s->kernel_width;
    const float *base = a->x + channel * plane + ky * s->dilation_y * s->width + kx * s->dilation_x;
    for (size_t i = 0; i < count; i++)
      to[i * PANEL] = inside ? base[corners[i].sample + (size_t)corners[i].y * s->width + (size_t)corners[i].x]
                             : patch_element(a->x, s, corners[i], channel, ky, kx);
  }
}

/** Panel p of a group, samples [from, from + count) with count at most CHUNK. */
static void pack(const gram_t *a, size_t group, size_t p, size_t from, size_t count, float *panel) {
  size_t column = p * PANEL, left = a->size - column;
  if (a->is_patches) {
    pack_patches(a, group * a->size + column, left < PANEL ? left : PANEL, from, count, panel);
    return;
  }
  size_t stride = a->groups * a->size;
  pack_panel(a->x + from * stride + group * a->size, stride, count, column, a->size, panel);
}

/** Rows of panel p of the sum, from the diagonal on, += the packed samples. */
static void add_rows(size_t size, size_t p, size_t count, const float *packed, size_t panel_stride, float *sum) {
  size_t i = p * PANEL, rows = size - i < PANEL ? size - i : PANEL;
  left_t left = {packed + p * panel_stride, 1, PANEL};
  panels_t right = {packed + p * panel_stride, panel_stride};
  gemm(rows, size - i, count, left, right, (product_t){sum + i * size + i, size, PANEL, 0}, gemm_add);
}

static void mirror(float *matrix, size_t n, size_t first, size_t last) {
  for (size_t i = first; i < last; i++)
    for (size_t j = 0; j < i; j++) matrix[i * n + j] = matrix[j * n + i];
}

/** One large matrix: all threads pack some samples, then each adds some rows of the sum. */
static void run_shared(const gram_t *a, team_t *team) {
  size_t n = a->size, panels = panels_of(n), chunk = shared_chunk(a), task;
  float *packed = a->scratch;
  while (team_take(team, panels, &task))
    for (size_t i = task * PANEL * n, end = (task + 1) * PANEL * n; i < end && i < n * n; i++)
      a->out[i] = a->sum ? a->sum[i] : 0;
  team_wait(team);
  for (size_t from = 0; from < a->samples; from += chunk) {
    size_t count = a->samples - from < chunk ? a->samples - from : chunk, parts = (count + CHUNK - 1) / CHUNK;
    while (team_take(team, panels * parts, &task)) {
      size_t p = task / parts, at = task % parts * CHUNK, length = count - at < CHUNK ? count - at : CHUNK;
      pack(a, 0, p, from + at, length, packed + (p * chunk + at) * PANEL);
    }
    team_wait(team);
    while (team_take(team, panels, &task)) add_rows(n, task, count, packed, chunk * PANEL, a->out);
    team_wait(team);
  }
  while (team_take(team, panels, &task)) {
    size_t first = task * PANEL;
    mirror(a->out, n, first, n - first < PANEL ? n : first + PANEL);
  }
}

static void sum_slice(const gram_t *a, size_t group, size_t slice, size_t slices, float *packed, float *sum) {
  size_t n = a->size;
  size_t from = a->samples / slices * slice + (slice < a->samples % slices ? slice : a->samples % slices);
  size_t to = from + a->samples / slices + (slice < a->samples % slices);
  for (size_t i = 0; i < n * n; i++) sum[i] = 0;
  for (; from < to; from += CHUNK) {
    size_t count = to - from < CHUNK ? to - from : CHUNK;
    for (size_t p = 0; p < panels_of(n); p++) pack(a, group, p, from, count, packed + p * CHUNK * PANEL);
    for (size_t p = 0; p < panels_of(n); p++) add_rows(n, p, count, packed, CHUNK * PANEL, sum);
  }
}

void gram_run(const gram_t *a, team_t *team, uint32_t thread) {
  if (is_shared(a)) {
    run_shared(a, team);
    return;
  }
  size_t square = a->size * a->size, slices = slices_of(a), task;
  float *packed = (float *)a->scratch + thread * panels_of(a->size) * PANEL * CHUNK;
  float *partial = (float *)a->scratch + team->threads * panels_of(a->size) * PANEL * CHUNK;
  while (team_take(team, a->groups * slices, &task))
    sum_slice(a, task / slices, task % slices, slices, packed, partial + task * square);
  team_wait(team);
  while (team_take(team, a->groups, &task)) {
    float *out = a->out + task * square;
    for (size_t i = 0; i < square; i++) {
      double total = a->sum ? (double)a->sum[task * square + i] : 0;
      for (size_t s = 0; s < slices; s++) total += (double)partial[(task * slices + s) * square + i];
      out[i] = (float)total;
    }
    mirror(out, a->size, 0, a->size);
  }
}
