// A job worker that does what its input says: succeed, fail, hang, crash.
import { parentPort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from '../../src-main/jobs/worker-task.ts'

const port = parentPort!
const tell = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') {
    tell({
      type: 'failed',
      cancelled: true,
      error: { code: 'job.cancelled', message: 'cancelled', next: '', data: {} },
    })
    return
  }
  const { act } = message.input as { act: string }
  tell({ type: 'progress', progress: { stage: 'import', fraction: 0.5, note: act } })
  tell({ type: 'log', line: `doing: ${act}` })
  if (act === 'succeed') tell({ type: 'done', result: 42 })
  if (act === 'fail')
    tell({
      type: 'failed',
      cancelled: false,
      error: { code: 'data.empty', message: 'x has no samples.', next: 'Choose', data: { path: 'x' } },
    })
  if (act === 'throw') throw new Error('a bug')
  if (act === 'exit') process.exit(3)
})
