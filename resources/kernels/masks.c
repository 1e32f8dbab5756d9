// Which elements survive.
#include "masks.h"

#include "kernels.h"

/** Digits of a key, from the highest: 11, 11 and 10 bits. */
static const uint32_t shifts[3] = {21, 10, 0}, widths[3] = {11, 11, 10};

cut_t score_cut(const float *scores, size_t count, size_t keep) {
  uint32_t counts[2048], prefix = 0;
  size_t left = keep;
  for (int digit = 0; digit < 3; digit++) {
    uint32_t shift = shifts[digit], size = 1u << widths[digit], above = shift + widths[digit];
    for (uint32_t b = 0; b < size; b++) counts[b] = 0;
    for (size_t i = 0; i < count; i++) {
      uint32_t key = score_key(scores[i]);
      if (above == 32 || key >> above == prefix) counts[(key >> shift) & (size - 1)]++;
    }
    uint32_t b = size - 1;
    for (; b > 0 && counts[b] < left; b--) left -= counts[b];
    prefix = prefix << widths[digit] | b;
  }
  return (cut_t){prefix, left};
}

double top_mask_scratch(const top_mask_t *a, uint32_t threads) {
  (void)a;
  (void)threads;
  return 0;
}

void top_mask_run(const top_mask_t *a, team_t *team, uint32_t thread) {
  (void)team;
  if (thread != 0) return;
  int is_all = a->keep >= a->count;
  if (is_all || a->keep == 0) {
    for (size_t i = 0; i < a->count; i++) a->mask[i] = is_all ? 1 : 0;
    return;
  }
  cut_t cut = score_cut(a->scores, a->count, a->keep);
  for (size_t i = 0; i < a->count; i++) {
    uint32_t key = score_key(a->scores[i]);
    int is_tie = key == cut.key && cut.ties > 0;
    if (is_tie) cut.ties--;
    a->mask[i] = key > cut.key || is_tie;
  }
}

void mark_largest(const float *scores, size_t m, size_t n, uint8_t *mask) {
  if (m > 64 && n > 0 && n < m) {
    cut_t cut = score_cut(scores, m, n);
    for (size_t i = 0; i < m; i++) {
      uint32_t key = score_key(scores[i]);
      int is_tie = key == cut.key && cut.ties > 0;
      if (is_tie) cut.ties--;
      mask[i] = key > cut.key || is_tie;
    }
    return;
  }
  uint32_t keys[64];
  for (size_t i = 0; i < m && i < 64; i++) keys[i] = score_key(scores[i]);
  for (size_t i = 0; i < m; i++) {
    size_t larger = 0;
    if (m <= 64)
      for (size_t j = 0; j < m; j++) larger += keys[j] > keys[i] || (keys[j] == keys[i] && j < i);
    mask[i] = m <= 64 ? larger < n : n >= m;
  }
}

double nm_mask_scratch(const nm_mask_t *a, uint32_t threads) {
  (void)a;
  (void)threads;
  return 0;
}

void nm_mask_run(const nm_mask_t *a, team_t *team, uint32_t thread) {
  (void)thread;
  size_t batch = 8192 / (a->columns + 1) + 1, task;
  while (team_take(team, (a->rows + batch - 1) / batch, &task))
    for (size_t r = task * batch; r < a->rows && r < (task + 1) * batch; r++)
      for (size_t c = 0; c < a->columns; c += a->m) {
        size_t at = r * a->columns + c, width = a->columns - c < a->m ? a->columns - c : a->m;
        mark_largest(a->scores + at, width, a->n, a->mask + at);
      }
}
