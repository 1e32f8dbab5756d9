// Runs one kernel as native code, on random numbers in memory of exactly the size that it asks for.
//
//   native <kernel> <threads> <repeats> <size>...
//
// Prints the least CPU milliseconds of a run, and a checksum of the result. For the comparison of speed with WebAssembly, and
// for the sanitizers.
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels.h"

typedef void (*run_fn)(const void *args, team_t *team, uint32_t thread);

typedef struct {
  run_fn run;
  const void *args;
  team_t *team;
  uint32_t thread;
} share_t;

static uint32_t threads, repeats;
static size_t sizes[8];
static uint32_t seed = 1;
static double least_ms = 1e30;

static float uniform(void) {
  seed = seed * 1664525u + 1013904223u;
  return (float)(seed >> 8) / 16777216.0f;
}

static float normal(void) { return uniform() + uniform() + uniform() + uniform() - uniform() - uniform() - uniform() - uniform(); }

/** Aligned as the kernels want it; the end is the end of the allocation, so that a sanitizer sees any step beyond it. */
static void *memory(size_t bytes) {
  void *p = 0;
  if (posix_memalign(&p, 16, bytes ? bytes : 1)) exit(2);
  memset(p, 0x7f, bytes);
  return p;
}

static float *normals(size_t count) {
  float *x = memory(count * sizeof(float));
  for (size_t i = 0; i < count; i++) x[i] = normal();
  return x;
}

static void *run_share(void *p) {
  share_t *share = p;
  share->run(share->args, share->team, share->thread);
  return 0;
}

static double cpu_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void run_team(run_fn run, const void *args) {
  for (uint32_t i = 0; i < repeats; i++) {
    team_t team = {threads, 0, 0, 0, 0};
    share_t shares[16];
    pthread_t handles[16];
    double begin = cpu_ms();
    for (uint32_t t = 1; t < threads; t++) {
      shares[t] = (share_t){run, args, &team, t};
      if (pthread_create(&handles[t], 0, run_share, &shares[t])) exit(2);
    }
    run(args, &team, 0);
    for (uint32_t t = 1; t < threads; t++) pthread_join(handles[t], 0);
    double took = cpu_ms() - begin;
    if (took < least_ms) least_ms = took;
  }
}

static double checksum(const void *data, size_t bytes) {
  const uint8_t *p = data;
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes; i++) sum = sum * 31 + p[i];
  return (double)(sum >> 20);
}

/** Calls through the kernel's own type, and gives what the result sums to. */
#define RUN(name, args, out, bytes)                                              \
  {                                                                              \
    (args).scratch = memory((size_t)name##_scratch(&(args), threads));           \
    run_team(name##_any, &(args));                                               \
    sum = checksum(out, bytes);                                                  \
    free((args).scratch);                                                        \
    free(out);                                                                   \
    return sum;                                                                  \
  }
#define ANY(name)                                                                \
  static void name##_any(const void *args, team_t *team, uint32_t thread) { name##_run(args, team, thread); }

ANY(row_statistics)
ANY(histogram)
ANY(search_scales)
ANY(quantize)
ANY(dequantize)
ANY(kmeans)
ANY(top_mask)
ANY(nm_mask)
ANY(patches)
ANY(gram)
ANY(multiply)
ANY(factor)
ANY(solve)
ANY(gptq)
ANY(obs_prune)
ANY(optimize_rounding)

static double sum;

static double do_row_statistics(void) {
  size_t rows = sizes[0], columns = sizes[1];
  float *out = memory(rows * 16);
  row_statistics_t a = {0, normals(rows * columns), rows, columns, out, out + rows, out + 2 * rows, out + 3 * rows};
  if (rows * columns > 2) ((float *)a.x)[1] = NAN;
  RUN(row_statistics, a, out, rows * 16)
}

static double do_histogram(void) {
  uint32_t *counts = calloc(sizes[1], 4);
  histogram_t a = {0, normals(sizes[0]), sizes[0], sizes[1], -2, 2, (float)sizes[1] / 4, counts};
  if (sizes[0] > 2) ((float *)a.x)[1] = INFINITY;
  RUN(histogram, a, counts, sizes[1] * 4)
}

/** rows, columns, candidates, metric (3: a power that is not 2), bits, is_symmetric, is_power_of_two */
static double do_search_scales(void) {
  size_t rows = sizes[0], columns = sizes[1];
  int32_t most = 1 << sizes[4], is_symmetric = (int32_t)sizes[5];
  limits_t limits = {is_symmetric ? -most / 2 : 0, is_symmetric ? most / 2 - 1 : most - 1};
  float *scale = memory(rows * 4);
  search_scales_t a = {0, normals(rows * columns), rows, columns, limits, is_symmetric, (int32_t)sizes[6],
                       sizes[3] == 3 ? metric_power : (int32_t)sizes[3], sizes[3] == 3 ? 2.4f : 2.0f, 512, sizes[2],
                       sizes[3] == 1 ? normals(columns) : 0, scale, memory(rows * 4), 0.3};
  RUN(search_scales, a, scale, rows * 4)
}

static const float *positive(size_t count) {
  float *x = normals(count);
  for (size_t i = 0; i < count; i++) x[i] = 0.05f + fabsf(x[i]) * 0.1f;
  return x;
}

static double do_quantize(void) {
  size_t rows = sizes[0], columns = sizes[1];
  int32_t *out = memory(rows * columns * 4);
  quantize_t a = {0, normals(rows * columns), rows, columns, {-7, 7}, positive(rows), calloc(rows + 1, 4), out};
  RUN(quantize, a, out, rows * columns * 4)
}

static double do_dequantize(void) {
  size_t rows = sizes[0], columns = sizes[1];
  float *out = memory(rows * columns * 4);
  dequantize_t a = {0, calloc(rows * columns + 1, 4), rows, columns, positive(rows), calloc(rows + 1, 4), out};
  RUN(dequantize, a, out, rows * columns * 4)
}

/** elements, k, most steps of the exact method, is_weighted */
static double do_kmeans(void) {
  static const float fixed[1] = {0};
  size_t count, k = sizes[1];
  double error;
  uint16_t *out = memory(sizes[0] * 2);
  kmeans_t a = {0, normals(sizes[0]), sizes[3] ? positive(sizes[0]) : 0, sizes[0], k, 20, fixed, 1,
                memory((k + 1) * 4), out, &count, &error, (double)sizes[2]};
  RUN(kmeans, a, out, sizes[0] * 2)
}

static double do_top_mask(void) {
  uint8_t *mask = memory(sizes[0]);
  top_mask_t a = {0, normals(sizes[0]), sizes[0], sizes[1], mask};
  RUN(top_mask, a, mask, sizes[0])
}

static double do_nm_mask(void) {
  size_t count = sizes[0] * sizes[1];
  uint8_t *mask = memory(count);
  nm_mask_t a = {0, normals(count), sizes[0], sizes[1], sizes[2], sizes[3], mask};
  RUN(nm_mask, a, mask, count)
}

/** channels, size of the image, of the kernel, samples: padded to the same size. */
static patch_shape_t image(size_t channels, size_t size, size_t kernel) {
  return (patch_shape_t){channels, size, size, kernel, kernel, 1, 1, 1, 1, kernel / 2, kernel / 2, size, size};
}

static double do_patches(void) {
  size_t rows = sizes[3] * sizes[1] * sizes[1], columns = sizes[0] * sizes[2] * sizes[2];
  float *out = memory(rows * columns * 4);
  patches_t a = {0, normals(sizes[3] * sizes[0] * sizes[1] * sizes[1]), 0, rows, out, image(sizes[0], sizes[1], sizes[2])};
  RUN(patches, a, out, rows * columns * 4)
}

/** samples, size; or of patches: 0, channels, image, kernel, samples, groups */
static double do_gram(void) {
  int is_patches = sizes[0] == 0;
  size_t groups = is_patches ? sizes[5] : 1, samples = is_patches ? sizes[4] * sizes[2] * sizes[2] : sizes[0];
  size_t size = is_patches ? sizes[1] / groups * sizes[3] * sizes[3] : sizes[1], bytes = groups * size * size * 4;
  size_t elements = is_patches ? sizes[4] * sizes[1] * sizes[2] * sizes[2] : samples * size;
  float *out = memory(bytes);
  gram_t a = {0, normals(elements), samples, groups, size, 0, out, is_patches, 0, image(sizes[1], sizes[2], sizes[3])};
  RUN(gram, a, out, bytes)
}

static double do_multiply(void) {
  size_t m = sizes[0], k = sizes[1], n = sizes[2];
  float *out = memory(m * n * 4);
  multiply_t a = {0, normals(m * k), normals(k * n), m, n, k, out};
  RUN(multiply, a, out, m * n * 4)
}

/** Positive: random off the diagonal, more on it. */
static float *positive_stack(size_t groups, size_t n) {
  float *a = memory(groups * n * n * 4);
  for (size_t g = 0; g < groups; g++)
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j <= i; j++) {
        float value = i == j ? 2.0f * sqrtf((float)n) + 2 : normal();
        a[(g * n + i) * n + j] = a[(g * n + j) * n + i] = value;
      }
  return a;
}

static float *factor_of(size_t groups, size_t n, int32_t is_inverse) {
  uint32_t failed[2] = {0, 0}, held = repeats;
  float *out = memory(groups * n * n * 4);
  factor_t a = {0, positive_stack(groups, n), groups, n, is_inverse, 0, out, failed, 0.01};
  a.scratch = memory((size_t)factor_scratch(&a, threads));
  repeats = 1;
  run_team(factor_any, &a);
  repeats = held;
  least_ms = 1e30;
  if (failed[0]) exit(3);
  return out;
}

/** groups, size, is_inverse, is_exact */
static double do_factor(void) {
  uint32_t failed[2] = {0, 0};
  size_t groups = sizes[0], n = sizes[1], bytes = groups * n * n * 4;
  float *out = memory(bytes);
  factor_t a = {0, positive_stack(groups, n), groups, n, (int32_t)sizes[2], (int32_t)sizes[3], out, failed, 0.01};
  RUN(factor, a, out, bytes)
}

static double do_solve(void) {
  size_t groups = sizes[0], n = sizes[1], columns = sizes[2], bytes = groups * n * columns * 4;
  float *out = memory(bytes);
  solve_t a = {0, factor_of(groups, n, 0), normals(groups * n * columns), groups, n, columns, out};
  RUN(solve, a, out, bytes)
}

/** rows, columns, groups, columns of a grid */
static double do_gptq(void) {
  size_t rows = sizes[0], n = sizes[1], groups = sizes[2], grids = rows * ((n + sizes[3] - 1) / sizes[3]);
  int32_t *out = memory(rows * n * 4);
  gptq_t a = {0, normals(rows * n), rows, n, groups, factor_of(groups, n, 1), {-7, 7}, positive(grids),
              calloc(grids, 4), sizes[3], 128, 1, out};
  RUN(gptq, a, out, rows * n * 4)
}

/** rows, columns, groups, n, m (0: half of all), columns of a block */
static double do_obs_prune(void) {
  size_t rows = sizes[0], n = sizes[1], groups = sizes[2];
  float *out = memory(rows * n * 4);
  obs_prune_t a = {0, normals(rows * n), rows, n, groups, factor_of(groups, n, 1), sizes[3], sizes[4], sizes[5], out, 0.5};
  RUN(obs_prune, a, out, rows * n * 4)
}

/** rows, columns, groups, iterations */
static double do_optimize_rounding(void) {
  size_t rows = sizes[0], n = sizes[1], groups = sizes[2];
  int32_t *out = memory(rows * n * 4);
  float *exponents = memory(sizes[3] * 4);
  for (size_t i = 0; i < sizes[3]; i++) exponents[i] = i * 5 < sizes[3] ? 0 : 20 - 18 * (float)i / (float)sizes[3];
  optimize_rounding_t a = {0, normals(rows * n), rows, n, groups, positive_stack(groups, n), {-7, 7}, positive(rows),
                           calloc(rows, 4), sizes[3], exponents, 0.01f, 0.01f, 1, out, memory(rows * 16), 100};
  RUN(optimize_rounding, a, out, rows * n * 4)
}

static const struct {
  const char *name;
  double (*run)(void);
} kernels[] = {{"row_statistics", do_row_statistics}, {"histogram", do_histogram}, {"search_scales", do_search_scales},
               {"quantize", do_quantize}, {"dequantize", do_dequantize}, {"kmeans", do_kmeans},
               {"top_mask", do_top_mask}, {"nm_mask", do_nm_mask}, {"patches", do_patches}, {"gram", do_gram},
               {"multiply", do_multiply}, {"factor", do_factor}, {"solve", do_solve}, {"gptq", do_gptq},
               {"obs_prune", do_obs_prune}, {"optimize_rounding", do_optimize_rounding}};

int main(int argc, char **argv) {
  if (argc < 5) return 1;
  threads = (uint32_t)atoi(argv[2]);
  repeats = (uint32_t)atoi(argv[3]);
  for (int i = 4; i < argc && i < 12; i++) sizes[i - 4] = (size_t)atol(argv[i]);
  for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++) {
    if (strcmp(argv[1], kernels[k].name)) continue;
    double result = kernels[k].run();
    printf("%.3f %.0f\n", least_ms, result);
    return 0;
  }
  return 1;
}
