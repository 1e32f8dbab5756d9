// `shoehorn kernels` as a user runs it: the state, a calibration that is remembered, and refusals.
import { existsSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { kernelState } from '../../src-main/contract/kernels.ts'
import { kernelNames } from '../../src-main/kernels/work.ts'
import { runCli, runJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const folder = temporaryFolder()
const before = { ...process.env }
process.env.XDG_CACHE_HOME = folder.file('cache')
process.env.VK_ICD_FILENAMES = '/nowhere.json'
const workspace = ['--workspace', folder.file('workspace')]
afterAll(() => {
  process.env = before
  folder[Symbol.dispose]()
})

// Elsewhere the cache folder is not taken from the environment.
describe.runIf(process.platform === 'linux')('shoehorn kernels', () => {
  test('before and after a calibration', { timeout: 300_000 }, async () => {
    const first = kernelState.parse(await runJson('kernels', ...workspace))
    expect([first.measuredAt, first.gpu.state, first.kernels.map(({ kernel }) => kernel)]).toEqual([
      null,
      'unknown',
      kernelNames,
    ])
    const made = kernelState.parse(await runJson('kernels', '--calibrate', ...workspace))
    expect(made.gpu).toEqual({
      state: 'none',
      name: null,
      problem: 'No GPU can be used on this machine: the drivers of this machine offer no adapter.',
    })
    expect(made.kernels.every(({ gpuFrom, sizes }) => gpuFrom === null && sizes.length === 2)).toBe(true)
    expect(existsSync(folder.file('cache/shoehorn/kernels.json'))).toBe(true)
    expect(await runJson('kernels', ...workspace)).toEqual(made)
  })

  test('a GPU that is asked for and missing is refused with its next step', { timeout: 200_000 }, async () => {
    const { status, stderr } = await runCli('kernels', '--perf', '--backend', 'gpu', ...workspace)
    expect(status).toBe(7)
    expect(stderr).toContain('error kernel.noGpu: No GPU can be used on this machine')
    expect(stderr).toContain('Choose the backend "auto" or "cpu"')
  })

  test('an unknown backend is a mistake in the command', { timeout: 200_000 }, async () => {
    expect((await runCli('kernels', '--test', '--backend', 'abacus', ...workspace)).status).toBe(2)
  })
})
