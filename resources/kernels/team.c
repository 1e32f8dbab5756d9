#include "team.h"

#ifndef __wasm__
#include <sched.h>
#endif

int team_take(team_t *team, size_t count, size_t *task) {
  if (__atomic_load_n(&team->stop, __ATOMIC_RELAXED)) return 0;
  *task = __atomic_fetch_add(&team->next, 1, __ATOMIC_RELAXED);
  return *task < count;
}

static void sleep_while(uint32_t *word, uint32_t value) {
#ifdef __wasm__
  __builtin_wasm_memory_atomic_wait32((int *)word, (int)value, -1);
#else
  (void)word;
  (void)value;
  sched_yield();
#endif
}

static void wake(uint32_t *word) {
#ifdef __wasm__
  __builtin_wasm_memory_atomic_notify((int *)word, UINT32_MAX);
#else
  (void)word;
#endif
}

void team_wait(team_t *team) {
  uint32_t phase = __atomic_load_n(&team->phase, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&team->arrived, 1, __ATOMIC_ACQ_REL) == team->threads) {
    team->arrived = 0;
    team->next = 0;
    __atomic_store_n(&team->phase, phase + 1, __ATOMIC_RELEASE);
    wake(&team->phase);
    return;
  }
  while (__atomic_load_n(&team->phase, __ATOMIC_ACQUIRE) == phase) sleep_while(&team->phase, phase);
}
