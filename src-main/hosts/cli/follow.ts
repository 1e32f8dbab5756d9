// Starts a run and follows its job on stderr; Ctrl-C cancels the job and waits for it to end.

import { catalogue } from '../../base/catalogue.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { AppError } from '../../base/errors.ts'
import type { Job, JobProgress } from '../../contract/job.ts'
import type { RunReport } from '../../contract/report.ts'
import type { RunRequest } from '../../contract/run.ts'
import { JobFailure } from './job-failure.ts'
import type { CliSession } from './session.ts'

export async function startAndFollow({ api, output, signal }: CliSession, request: RunRequest): Promise<RunReport> {
  const { job: id } = await api.runs.start(request)
  const cancel = () => void api.jobs.cancel({ id })
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  let last: Job | null = null
  let lines = 0
  for await (const job of await api.jobs.watch({ id })) {
    for (const { line } of job.log.slice(lines)) output.note(line)
    lines = job.log.length
    if (job.progress) output.progress(progressText(job.progress))
    last = job
  }
  signal.removeEventListener('abort', cancel)
  if (last?.error) throw failure(last)
  if (!last?.runId) throw new AppError('job.crashed', { problem: 'it ended without a result' })
  return api.runs.get({ id: last.runId })
}

function failure(job: Job): Error {
  const info = job.error!
  return info.code in catalogue ? new AppError(info.code as ErrorCode, info.data) : new JobFailure(info)
}

const progressText = ({ stage, fraction, note }: JobProgress) =>
  `${stage.padEnd(9)} ${String(Math.round(fraction * 100)).padStart(3)} %  ${note}`
