// Order of scores.
#ifndef SHOEHORN_KERNELS_MASKS_H
#define SHOEHORN_KERNELS_MASKS_H

#include <stddef.h>
#include <stdint.h>

/** Ascending with the score; NaN below all numbers, -0 and 0 alike. */
static inline uint32_t score_key(float score) {
  union {
    float value;
    uint32_t bits;
  } u = {score};
  if (!(score == score)) return 0;
  if (score == 0) return 0x80000000u;
  return u.bits & 0x80000000u ? ~u.bits : u.bits | 0x80000000u;
}

/** What `keep` of the largest are: all above `key`, and the first `ties` that equal it. */
typedef struct {
  uint32_t key;
  size_t ties;
} cut_t;

cut_t score_cut(const float *scores, size_t count, size_t keep);
/** 1 for the n largest of up to m scores; of equal ones the earlier. */
void mark_largest(const float *scores, size_t m, size_t n, uint8_t *mask);

#endif
