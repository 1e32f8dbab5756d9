// Threads that run one kernel together. Every kernel is called by all threads of a team with the same arguments; it shares
// out numbered tasks, and waits between phases. What a task computes never depends on who computes it, so that results do
// not depend on the number of threads.
#ifndef SHOEHORN_KERNELS_TEAM_H
#define SHOEHORN_KERNELS_TEAM_H

#include <stddef.h>
#include <stdint.h>

/** In memory that all threads see; zero but for `threads` before a kernel starts. */
typedef struct {
  uint32_t threads;
  /** Not 0: the caller gave up; no further task is handed out. */
  uint32_t stop;
  /** The next task of this phase. */
  uint32_t next;
  /** Threads that wait at the end of the phase. */
  uint32_t arrived;
  /** Phases that have ended. */
  uint32_t phase;
} team_t;

/** The next task below `count` into `task`, or 0 when none is left for this thread. */
int team_take(team_t *team, size_t count, size_t *task);
/** Returns when every thread has called it, and begins again at task 0. What was written before is seen after. */
void team_wait(team_t *team);

#endif
