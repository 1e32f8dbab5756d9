// One task in one worker thread: input in, progress out, a result or an error at the end. Cancelling asks first, and ends
// the thread when it does not answer.
import { Worker } from 'node:worker_threads'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { ErrorInfo } from '../contract/error.ts'
import type { JobProgress } from '../contract/job.ts'

export type ToWorker = { readonly type: 'start'; readonly input: unknown } | { readonly type: 'cancel' }
export type FromWorker =
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'log'; readonly line: Note }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly error: ErrorInfo; readonly cancelled: boolean }

export interface TaskEvents {
  progress(progress: JobProgress): void
  log(line: Note): void
}

/** A failure that crossed the thread border; carries what the worker's AppError said. */
export class TaskError extends Error {
  readonly info: ErrorInfo
  readonly cancelled: boolean
  constructor(info: ErrorInfo, cancelled: boolean) {
    super(info.message)
    this.name = 'TaskError'
    this.info = info
    this.cancelled = cancelled
  }
}

const defaultPatienceMs = 5000

/** @param patienceMs how long a cancelled worker has to end by itself */
export function runTask(
  workerUrl: URL,
  input: unknown,
  events: TaskEvents,
  signal: AbortSignal,
  patienceMs = defaultPatienceMs,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const worker = new Worker(workerUrl, { name: 'job' })
  const send = (message: ToWorker) => worker.postMessage(message)
  let timer: NodeJS.Timeout | undefined
  const cancel = () => {
    send({ type: 'cancel' })
    timer = setTimeout(() => void worker.terminate(), patienceMs)
  }
  const crashed = (problem: Note, cause?: unknown) =>
    reject(signal.aborted ? new AppError('job.cancelled') : new AppError('job.crashed', { problem }, { cause }))
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'progress') events.progress(message.progress)
    else if (message.type === 'log') events.log(message.line)
    else if (message.type === 'done') resolve(message.result)
    else reject(new TaskError(message.error, message.cancelled))
  })
  worker.on('error', (error) => crashed(error instanceof Error ? error.message : String(error), error))
  worker.on('exit', (status) => crashed(say`exit status ${status}`))
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  send({ type: 'start', input })
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
    worker.removeAllListeners('exit')
    return worker.terminate()
  })
}
