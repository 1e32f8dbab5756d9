// LeNet-300-100 with 92 % of its weights zero on the micro:bit: 256 KB of flash, 16 KB of RAM, a Cortex-M0. Its int8 weights
// alone would fill the flash. Left out, saying so, without QEMU or the reference models.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { textOf } from '../../src-main/base/note.ts'
import { type RunReport, runReport } from '../../src-main/contract/report.ts'
import { runJson } from '../support/cli.ts'
import { hasShared, sharedData, sharedModel } from '../support/shared.ts'
import { temporaryFolder } from '../support/workspace.ts'

const hasQemu = spawnSync('qemu-system-arm', ['--version']).status === 0
if (!hasQemu) console.info('skipped: there is no qemu-system-arm (Debian package of that name)')
if (!hasShared) console.info('skipped: the reference models are not there')

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

/** Nothing is trained. One threshold for all layers. */
const recipe = `
name: pruned-92
passes:
  - widen-floats
  - fold-constants
  - remove-dead
  - canonical-activations
  - canonical-linear
  - fold-batch-norm
  - { pass: prune-magnitude, params: { sparsity: 0.92, scope: global, minElements: 0 } }
  - { pass: quantize-int8, params: { method: mse } }
`

async function runPruned(encoding: string, samples: number, limit: number): Promise<RunReport> {
  const recipeFile = folder.file('pruned.yaml')
  writeFileSync(recipeFile, recipe)
  const document = await runJson(
    ...['run', sharedModel('lenet-300-100.onnx'), '--data', sharedData('mnist')],
    ...['--preprocess', JSON.stringify({ scale: 1 / 255 }), '--recipe', recipeFile, '--encoding', encoding],
    ...[
      '--device',
      'qemu:microbit',
      '--limit',
      String(limit),
      '--device-samples',
      String(samples),
      '--warmup',
      '0',
      '--runs',
      '1',
    ],
    ...['--workspace', folder.file('workspace')],
  )
  return runReport.parse(document)
}

const zerosIn = (run: RunReport) =>
  run.steps
    .find(({ pass }) => pass === 'prune-magnitude')!
    .notes.map((note) => textOf(note).match(/: (\d+) of (\d+) /)!)
    .reduce((sum, [, zeros, all]) => ({ zeros: sum.zeros + Number(zeros), all: sum.all + Number(all) }), {
      zeros: 0,
      all: 0,
    })

describe.skipIf(!hasQemu || !hasShared)('LeNet-300-100, 92 % zeros, on the micro:bit', { timeout: 300_000 }, () => {
  test.each([
    { encoding: 'auto', samples: 20, limit: 10_000 },
    // Arithmetic decoding takes the board ten seconds and more an inference, and the twin some milliseconds.
    { encoding: 'smallest', samples: 2, limit: 500 },
  ])('fits and gives the integers of the twin, encoding $encoding', async ({ encoding, samples, limit }) => {
    const run = await runPruned(encoding, samples, limit)
    expect(zerosIn(run)).toEqual({ zeros: 244_904, all: 266_200 })
    expect(run.bitExact).toEqual({ samples, equal: samples, firstDifference: null })
    expect(run.flash.totalBytes).toBeLessThan(256 * 1024)
    expect(run.ram.totalBytes).toBeLessThan(16 * 1024)
    const fc1 = run.encoding?.find(({ elements }) => elements === 235_200)
    expect(fc1).toMatchObject({ mode: expect.stringMatching(/^(direct|streamed)$/), int8Bytes: 235_200 })
    expect(fc1!.bytes).toBeLessThan(235_200 / 8)
    const { twin, original } = run.quality
    if (twin.task !== 'classification' || original.task !== 'classification') throw new Error('no classification')
    // Magnitude pruning without training costs 3.7 points here.
    expect(twin.n).toBe(limit)
    expect(original.top1 - twin.top1).toBeLessThan(0.05)
  })
})
