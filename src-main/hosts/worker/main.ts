// The worker thread of one job: gets the input, runs it, tells progress, answers once.
import { enableCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { AppError, Bug, isAbort } from '../../base/errors.ts'
import { toErrorInfo } from '../../contract/error.ts'
import type { FromWorker, ToWorker } from '../../jobs/worker-task.ts'
import type { ActivationsInput } from '../../services/analysis/activations.ts'
import type { SensitivityInput } from '../../services/analysis/execute.ts'
import type { EncodingTask } from '../../services/encoding-task.ts'
import type { GraphWork } from '../../services/graph-task.ts'
import type { KernelWork } from '../../services/kernel-task.ts'
import type { ModelTask } from '../../services/model-task.ts'
import type { OutputsWork } from '../../services/outputs-task.ts'
import type { PackWork } from '../../services/pack-task.ts'
import type { ReportTask } from '../../services/report-task.ts'
import type { RunEvents, RunInput } from '../../services/run/run-input.ts'
import type { VerifyTask } from '../../services/run/verify-run.ts'

if (!parentPort) throw new Bug('the job worker runs in a worker thread only')
const port = parentPort
enableCompileCache()
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

type WorkerInput =
  | RunInput
  | SensitivityInput
  | ActivationsInput
  | EncodingTask
  | VerifyTask
  | ModelTask
  | PackWork
  | GraphWork
  | OutputsWork
  | KernelWork
  | ReportTask

/** Each task loads what it needs, so that a short one starts quickly. */
async function execute(input: WorkerInput): Promise<unknown> {
  const host = { clock: systemClock, events }
  if (!('task' in input)) return (await import('../../services/run/execute-run.ts')).executeRun(input, host)
  switch (input.task) {
    case 'sensitivity':
      return (await import('../../services/analysis/execute.ts')).executeSensitivity(input, host)
    case 'verify':
      return (await import('../../services/run/verify-run.ts')).executeVerification(input, host)
    case 'activations':
      return (await import('../../services/analysis/activations.ts')).executeActivations(input, host)
    case 'model': {
      const { executeModelTask } = await import('../../services/model-task.ts')
      return executeModelTask(input, (fraction) => events.progress('analyze', fraction, ''))
    }
    case 'report':
      return (await import('../../services/report-task.ts')).executeReport(input)
    case 'kernels':
      return (await import('../../services/kernel-task.ts')).executeKernelTask(host)
    case 'graph':
      return (await import('../../services/graph-task.ts')).executeGraphTask(input, host)
    case 'outputs':
      return (await import('../../services/outputs-task.ts')).executeOutputsTask(input, host)
    case 'pack':
      return (await import('../../services/pack-task.ts')).executePackTask(input, host)
    default:
      return (await import('../../services/encoding-task.ts')).executeEncoding(input, host)
  }
}

async function work(input: WorkerInput) {
  try {
    tell({ type: 'done', result: await execute(input) })
  } catch (error) {
    const cancelled = controller.signal.aborted || isAbort(error)
    tell({ type: 'failed', error: toErrorInfo(error), cancelled })
  }
}
