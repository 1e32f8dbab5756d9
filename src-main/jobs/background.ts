// Work of a host that nobody watches: a worker thread for each piece, ended at once when the host closes.
import { runTask } from './worker-task.ts'

export interface Background extends AsyncDisposable {
  run(input: unknown): Promise<unknown>
}

const untold = { progress: () => undefined, log: () => undefined }

export function createBackground(workerUrl: URL): Background {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    async run(input) {
      const work = runTask(workerUrl, input, untold, closing.signal, 0)
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
