// Threads over one memory. A small call runs at once on the calling thread; the others run on workers, so that the caller's
// event loop goes on, one call after the other.
import { Worker } from 'node:worker_threads'
import { Bug } from '../../base/errors.ts'
import { Arena, type Field } from './arena.ts'
import { type Exports, instantiate, type KernelName, loadModule, type SharedMemory, sharedMemory } from './module.ts'
import type { Share, ThreadData } from './worker.ts'

const stackBytes = 2 ** 18
/** Steps (about a nanosecond each) below which a call runs on the calling thread. */
const inlineSteps = 1e6
/** Least steps that are worth a thread. */
const threadSteps = 5e5
/** Memory cannot shrink: more than this is not kept after a call. */
const keptBytes = 2 ** 29

/** One call, when its memory has been laid out. */
export interface Call<T> {
  /** What follows the scratch pointer. */
  readonly fields: readonly Field[]
  /** About how long it takes, in multiply-adds or elements. */
  readonly steps: number
  result(): T
}

interface Threads {
  readonly memory: SharedMemory
  readonly exports: Exports
  readonly arena: Arena
  readonly workers: Worker[]
}

export class Pool {
  readonly #threadCount: number
  readonly #signal: AbortSignal | undefined
  #threads: Threads | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(threadCount: number, signal?: AbortSignal) {
    this.#threadCount = threadCount
    this.#signal = signal
  }

  /** Calls run in the order in which they come. */
  run<T>(kernel: KernelName, prepare: (arena: Arena) => Call<T>): Promise<T> {
    const run = this.#last.then(() => this.#runOne(kernel, prepare))
    this.#last = run.catch(() => undefined)
    return run
  }

  async #runOne<T>(kernel: KernelName, prepare: (arena: Arena) => Call<T>): Promise<T> {
    this.#signal?.throwIfAborted()
    this.#threads ??= this.#open()
    const { arena, exports } = this.#threads
    arena.reset()
    try {
      const call = prepare(arena)
      const args = arena.putFields(call.fields)
      const isInline = call.steps < inlineSteps
      const threads = isInline ? 1 : Math.max(1, Math.min(this.#threadCount, Math.floor(call.steps / threadSteps)))
      const scratch = arena.reserve(exports[`${kernel}_scratch`](args, threads))
      const team = arena.zeros(32)
      arena.integers(team, 1)[0] = threads
      arena.integers(args, 1)[0] = scratch
      if (isInline) exports[`${kernel}_run`](args, team, 0)
      else await this.#runThreads(kernel, args, team, threads)
      return call.result()
    } finally {
      if (arena.heldBytes > keptBytes) await this.#close()
    }
  }

  #open(): Threads {
    const memory = sharedMemory()
    const exports = instantiate(loadModule(), memory)
    const stacks = Math.ceil(exports.__heap_base.value / 16) * 16
    const arena = new Arena(memory, stacks + this.#threadCount * stackBytes)
    arena.reserve(16)
    return { memory, exports, arena, workers: [] }
  }

  /** The worker of a thread, started when it is first needed. */
  #worker(threads: Threads, thread: number): Worker {
    const stacks = Math.ceil(threads.exports.__heap_base.value / 16) * 16
    const stackTop = stacks + (thread + 1) * stackBytes
    const workerData: ThreadData = { module: loadModule(), memory: threads.memory, stackTop }
    threads.workers[thread] ??= new Worker(new URL('./worker.ts', import.meta.url), { name: 'kernels', workerData })
    return threads.workers[thread]
  }

  async #runThreads(kernel: KernelName, args: number, team: number, count: number) {
    const threads = this.#threads!
    const workers = Array.from({ length: count }, (_, thread) => this.#worker(threads, thread))
    // The second word of a team (resources/kernels/team.h): no further task is handed out.
    const stop = () => Atomics.store(threads.arena.integers(team, 2), 1, 1)
    this.#signal?.addEventListener('abort', stop, { once: true })
    try {
      await Promise.all(workers.map((worker, thread) => shareOf(worker, { kernel, args, team, thread })))
    } catch (error) {
      // The other threads may wait for one that is gone.
      await this.#close()
      throw error
    } finally {
      this.#signal?.removeEventListener('abort', stop)
    }
    this.#signal?.throwIfAborted()
  }

  async #close() {
    const threads = this.#threads
    this.#threads = null
    await Promise.all(threads?.workers.map((worker) => worker.terminate()) ?? [])
  }

  async [Symbol.asyncDispose]() {
    await this.#last
    await this.#close()
  }
}

/** A worker that has nothing to do does not keep the process. */
function shareOf(worker: Worker, share: Share): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onError = (cause: unknown) => reject(new Bug(`a thread of kernel ${share.kernel} failed`, { cause }))
  const onExit = (status: number) => reject(new Bug(`a thread of kernel ${share.kernel} ended with status ${status}`))
  const onMessage = () => resolve()
  worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  worker.ref()
  worker.postMessage(share)
  return promise.finally(() => {
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    worker.unref()
  })
}
