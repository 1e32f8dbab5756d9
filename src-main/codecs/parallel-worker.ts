// A thread of parallel.ts.
import { parentPort } from 'node:worker_threads'
import { AppError } from '../base/errors.ts'
import type { ParallelAnswer, ParallelTask } from './parallel.ts'
import { bestCodec, decode } from './registry.ts'

function answerTo(task: ParallelTask): ParallelAnswer {
  try {
    return task.kind === 'encode'
      ? { kind: 'choice', choice: bestCodec(task.tensor, task.names) }
      : { kind: 'data', data: decode(task.coded) }
  } catch (error) {
    // Anything else ends the thread, which the other side reports.
    if (error instanceof AppError) return { kind: 'refused', code: error.code, data: error.data }
    throw error
  }
}

parentPort?.on('message', (task: ParallelTask) => parentPort?.postMessage(answerTo(task)))
