// Work of a host that is no job: a worker thread for each piece, ended at once when the host closes.
import type { JobProgress } from '../contract/job.ts'
import { runTask } from './worker-task.ts'

export interface Background extends AsyncDisposable {
  /** @param progress told from 0 to 1 */
  run(input: unknown, progress?: (fraction: number) => void): Promise<unknown>
}

export function createBackground(workerUrl: URL): Background {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    async run(input, progress) {
      const events = { progress: ({ fraction }: JobProgress) => progress?.(fraction), log: () => undefined }
      const work = runTask(workerUrl, input, events, closing.signal, 0)
      running.add(work)
      try {
        return await work
      } finally {
        running.delete(work)
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.allSettled(running)
    },
  }
}
