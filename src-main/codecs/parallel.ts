// Several tensors at once, on worker threads: the largest first, each thread taking the next one when it is free.
import { Worker } from 'node:worker_threads'
import { AppError, Bug, type ErrorCode, type ErrorData } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { CodecName, Coded, IntTensor } from './codec.ts'
import type { CodecChoice } from './registry.ts'

export type ParallelTask =
  | { readonly kind: 'encode'; readonly tensor: IntTensor; readonly names: readonly CodecName[] | undefined }
  | { readonly kind: 'decode'; readonly coded: Coded }

export type ParallelAnswer =
  | { readonly kind: 'choice'; readonly choice: CodecChoice }
  | { readonly kind: 'data'; readonly data: Int8Array }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly data: ErrorData }

export interface ParallelOptions {
  readonly threads: number
  readonly signal?: AbortSignal
  /** Where a bundle has parallel-worker.ts. */
  readonly workerUrl?: URL
  /** Called as each tensor is done, in no particular order. */
  readonly onDone?: (index: number) => void
}

/** `bestCodec` of every tensor. */
export async function bestCodecs(
  tensors: readonly IntTensor[],
  options: ParallelOptions & { readonly names?: readonly CodecName[] },
): Promise<CodecChoice[]> {
  const jobs = tensors.map((tensor) => ({
    weight: tensor.data.length,
    task: (): ParallelTask => ({
      kind: 'encode',
      tensor: { ...tensor, data: tensor.data.slice() },
      names: options.names,
    }),
  }))
  const answers = await runAll(jobs, options)
  return answers.map((answer) => {
    if (answer.kind !== 'choice') throw new Bug(`a worker answered ${answer.kind} to encode`)
    return answer.choice
  })
}

/** Every tensor decoded. */
export async function decodeAll(coded: readonly Coded[], options: ParallelOptions): Promise<Int8Array[]> {
  const jobs = coded.map((one) => ({
    weight: one.payload.length,
    task: (): ParallelTask => ({
      kind: 'decode',
      coded: { ...one, payload: one.payload.slice(), table: one.table.slice() },
    }),
  }))
  const answers = await runAll(jobs, options)
  return answers.map((answer) => {
    if (answer.kind !== 'data') throw new Bug(`a worker answered ${answer.kind} to decode`)
    return answer.data
  })
}

/** `task` makes copies, so that a view on a large buffer is not sent with all of it; it is called when a thread is free. */
interface Job {
  readonly weight: number
  task(): ParallelTask
}

async function runAll(jobs: readonly Job[], options: ParallelOptions): Promise<ParallelAnswer[]> {
  options.signal?.throwIfAborted()
  const order = [...jobs.keys()].sort((a, b) => jobs[b]!.weight - jobs[a]!.weight || a - b)
  const answers: ParallelAnswer[] = []
  const url = options.workerUrl ?? new URL('./parallel-worker.ts', import.meta.url)
  const workers = Array.from({ length: Math.min(options.threads, jobs.length) }, () => new Worker(url))
  const stop = () => {
    for (const worker of workers) void worker.terminate()
  }
  options.signal?.addEventListener('abort', stop, { once: true })
  const serve = async (worker: Worker) => {
    for (let index = order.shift(); index !== undefined; index = order.shift()) {
      answers[index] = await ask(worker, jobs[index]!.task(), options.signal)
      options.onDone?.(index)
    }
  }
  try {
    await Promise.all(workers.map(serve))
    return answers
  } finally {
    options.signal?.removeEventListener('abort', stop)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** One task on one thread. */
function ask(worker: Worker, task: ParallelTask, signal: AbortSignal | undefined): Promise<ParallelAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ParallelAnswer>()
  const ended = (problem: Note, cause?: unknown) =>
    reject(signal?.aborted ? signal.reason : new AppError('job.crashed', { problem }, { cause }))
  const onMessage = (answer: ParallelAnswer) =>
    answer.kind === 'refused' ? reject(new AppError(answer.code, answer.data)) : resolve(answer)
  const onError = (error: unknown) => ended(error instanceof Error ? error.message : String(error), error)
  const onExit = (status: number) => ended(say`exit status ${status}`)
  worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  worker.postMessage(task)
  return promise.finally(() => {
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
  })
}
