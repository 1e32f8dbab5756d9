import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { type JobId, jobId, runId } from '../../../src-main/contract/ids.ts'
import type { Job } from '../../../src-main/contract/job.ts'
import { createJobs } from '../../../src-main/jobs/jobs.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const workerUrl = new URL('../../support/failing-worker.ts', import.meta.url)

function open(folder: { path: string }) {
  const store = openStore(folder.path)
  const jobs = createJobs({ store, clock: systemClock, workerUrl })
  const start = (act: string, commit: () => void = () => undefined): JobId =>
    jobs.enqueue({
      title: act,
      projectId: null,
      request: { act },
      input: async () => ({ act }),
      finish: async () => ({ runId: runId.parse('the-run'), commit }),
    })
  return { store, jobs, start }
}

async function last(watch: AsyncIterable<Job>): Promise<Job> {
  let job: Job | undefined
  for await (job of watch);
  return job!
}

const short = ({ state, runId: run, error }: Job) => ({ state, run, code: error?.code ?? null })

test('a job that succeeds is stored with its run, and its log is told', async () => {
  using folder = temporaryFolder()
  const { store, jobs, start } = open(folder)
  const id = start('succeed')
  const done = await last(jobs.watch(id))
  await jobs[Symbol.asyncDispose]()
  expect([short(done), short(store.jobs.get(id)!), done.log.map((l) => l.line)]).toEqual([
    { state: 'done', run: 'the-run', code: null },
    { state: 'done', run: 'the-run', code: null },
    ['doing: succeed'],
  ])
  store.close()
})

test.each([
  { act: 'fail', code: 'data.empty' },
  { act: 'throw', code: 'job.crashed' },
  { act: 'exit', code: 'job.crashed' },
])('a worker that does "$act" ends as $code, and the next job runs', async ({ act, code }) => {
  using folder = temporaryFolder()
  const { store, jobs, start } = open(folder)
  const failed = start(act)
  const after = start('succeed')
  expect([short(await last(jobs.watch(failed))), short(await last(jobs.watch(after)))]).toEqual([
    { state: 'failed', run: null, code },
    { state: 'done', run: 'the-run', code: null },
  ])
  await jobs[Symbol.asyncDispose]()
  store.close()
})

test('a job can be cancelled while it runs and while it waits', async () => {
  using folder = temporaryFolder()
  const { store, jobs, start } = open(folder)
  const running = start('hang')
  const waiting = start('hang')
  jobs.cancel(waiting)
  for await (const job of jobs.watch(running)) if (job.progress) jobs.cancel(running)
  const states = [running, waiting].map((id) => id)
  const ended = await Promise.all(states.map((id) => last(jobs.watch(id))))
  expect(ended.map(short)).toEqual([
    { state: 'cancelled', run: null, code: 'job.cancelled' },
    { state: 'cancelled', run: null, code: 'job.cancelled' },
  ])
  await jobs[Symbol.asyncDispose]()
  store.close()
})

test('a run that cannot be stored fails the job and stores neither', async () => {
  using folder = temporaryFolder()
  const { store, jobs, start } = open(folder)
  const id = start('succeed', () => {
    throw new Error('disk')
  })
  expect(short(await last(jobs.watch(id)))).toEqual({ state: 'failed', run: null, code: 'bug' })
  await jobs[Symbol.asyncDispose]()
  store.close()
})

test('a job of a process that is gone is found interrupted, one of a living process is left alone', async () => {
  using folder = temporaryFolder()
  const first = open(folder)
  await first.jobs[Symbol.asyncDispose]()
  const job = (id: string): Job => ({
    id: jobId.parse(id),
    projectId: null,
    title: id,
    state: 'running',
    progress: null,
    log: [],
    error: null,
    runId: null,
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    endedAt: null,
  })
  first.store.jobs.add({ job: job('gone'), request: '{}', ownerPid: 2 ** 22 + 1 })
  first.store.jobs.add({ job: job('alive'), request: '{}', ownerPid: process.ppid })
  first.store.close()
  const again = open(folder)
  expect(again.jobs.list().map((j) => [j.id, j.state, j.error?.code ?? null])).toEqual([
    ['alive', 'running', null],
    ['gone', 'interrupted', 'job.interrupted'],
  ])
  await again.jobs[Symbol.asyncDispose]()
  again.store.close()
})
