// The worker thread of one job: gets the input, runs it, tells progress, answers once.
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { AppError, Bug, isAbort } from '../../base/errors.ts'
import { toErrorInfo } from '../../contract/error.ts'
import type { FromWorker, ToWorker } from '../../jobs/worker-task.ts'
import { executeSensitivity, type SensitivityInput } from '../../services/analysis/execute.ts'
import { type EncodingTask, executeEncoding } from '../../services/encoding-task.ts'
import { executeRun } from '../../services/run/execute-run.ts'
import type { RunEvents, RunInput } from '../../services/run/run-input.ts'
import { executeVerification, type VerifyTask } from '../../services/run/verify-run.ts'

if (!parentPort) throw new Bug('the job worker runs in a worker thread only')
const port = parentPort
const controller = new AbortController()
const tell = (message: FromWorker) => port.postMessage(message)

const events: RunEvents = {
  progress: (stage, fraction, note) =>
    tell({ type: 'progress', progress: { stage, fraction: Math.min(1, Math.max(0, fraction)), note } }),
  log: (line) => tell({ type: 'log', line }),
  signal: controller.signal,
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') controller.abort(new AppError('job.cancelled'))
  else void work(message.input as WorkerInput)
})

type WorkerInput = RunInput | SensitivityInput | EncodingTask | VerifyTask

const host = { clock: systemClock, events }

function execute(input: WorkerInput) {
  if (!('task' in input)) return executeRun(input, host)
  if (input.task === 'sensitivity') return executeSensitivity(input, host)
  return input.task === 'verify' ? executeVerification(input, host) : executeEncoding(input, host)
}

async function work(input: WorkerInput) {
  try {
    tell({ type: 'done', result: await execute(input) })
  } catch (error) {
    const cancelled = controller.signal.aborted || isAbort(error)
    tell({ type: 'failed', error: toErrorInfo(error), cancelled })
  }
}
