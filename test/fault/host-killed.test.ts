// The host dies at any moment of a job: finished runs stay, the workspace opens, the job is found interrupted.
import { afterAll, expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random.ts'
import { runCli, runJson, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const workspace = ['--workspace', folder.file('workspace')]
const run = [
  'run',
  'resources/samples/gestures.onnx',
  '--data',
  'resources/samples/gestures-test.npz',
  '--device',
  'twin',
  '--device-samples',
  '5',
  '--limit',
  '100',
  ...workspace,
]

/** @returns whether it was killed before it ended */
async function killAfter(ms: number): Promise<boolean> {
  const child = startCli(run)
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_status, signal) => resolve(signal)),
  )
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  const signal = await ended
  clearTimeout(timer)
  return signal === 'SIGKILL'
}

test('killing the host loses no finished run and leaves a workspace that opens', async () => {
  const first = (await runJson(...run)) as { id: string; durationMs: number }
  const random = seededRandom(20261122)
  const whole = first.durationMs + 1500
  let killed = 0
  for (let i = 0; i < 8; i++) if (await killAfter(200 + random.next() * whole)) killed++
  const jobs = (await runJson('jobs', ...workspace)) as {
    state: string
    runId: string | null
    error: { next: string } | null
  }[]
  const again = await runJson('compare', first.id, ...workspace)
  expect(killed).toBeGreaterThan(0)
  expect(again).toMatchObject([{ id: first.id }])
  expect(jobs.every((job) => ['done', 'interrupted'].includes(job.state))).toBe(true)
  for (const job of jobs.filter((j) => j.state === 'done')) {
    const found = await runCli('compare', job.runId!, ...workspace)
    expect(found.status).toBe(0)
  }
  expect((await runCli(...run)).status).toBe(0)
})
