// Starts a run and follows its job on stderr; Ctrl-C cancels the job and waits for it to end.
import { catalogue } from '../../base/catalogue.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { AppError } from '../../base/errors.ts'
import { textOf } from '../../base/note.ts'
import type { JobId } from '../../contract/ids.ts'
import type { Job, JobProgress } from '../../contract/job.ts'
import type { RunReport } from '../../contract/report.ts'
import type { RunRequest } from '../../contract/run.ts'
import { JobFailure } from './job-failure.ts'
import type { CliSession } from './session.ts'

export async function startAndFollow(session: CliSession, request: RunRequest): Promise<RunReport> {
  const { api } = session
  const { job } = await api.runs.start(request)
  const { runId } = await followJob(session, job)
  if (!runId) throw new AppError('job.crashed', { problem: 'it ended without a result' })
  return api.runs.get({ id: runId })
}

/** To its end; fails with what it failed with. */
export async function followJob({ api, output, signal }: CliSession, id: JobId): Promise<Job> {
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
  if (!last) throw new AppError('job.crashed', { problem: 'it ended without a word' })
  return last
}

function failure(job: Job): Error {
  const info = job.error!
  return info.code in catalogue ? new AppError(info.code as ErrorCode, info.data) : new JobFailure(info)
}

const progressText = ({ stage, fraction, note }: JobProgress) =>
  `${stage.padEnd(9)} ${String(Math.round(fraction * 100)).padStart(3)} %  ${textOf(note)}`
