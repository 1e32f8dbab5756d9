// Analyses from the command line on the sample model, each command in a process of its own.
import { afterAll, describe, expect, test } from 'vitest'
import { divergence, sensitivity } from '../../src-main/contract/analysis.ts'
import { analysis } from '../../src-main/contract/model.ts'
import { runReport } from '../../src-main/contract/report.ts'
import { methods } from '../../src-main/search/methods.ts'
import { runCli, runJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const model = 'resources/samples/gestures.onnx'
const inWorkspace = ['--workspace', folder.file('workspace')]
const withData = ['--data', 'resources/samples/gestures-test.npz', '--preprocess', JSON.stringify({ scale: 0.03125 })]
const analyze = ['analyze', model, ...withData, ...inWorkspace, '--sensitivity']

describe('activations', () => {
  const histogram = ['histogram', model, '/2/Relu', ...withData, ...inWorkspace, '--activations', '--samples', '12']

  test('of a node, over samples, before any run; the same question again is answered from the workspace', async () => {
    const first = await runJson(...histogram)
    expect(first).toMatchObject({
      ...{ tensor: '/2/Relu_output_0', node: '/2/Relu', op: 'Relu', after: null, pack: null, seed: 0 },
      data: { name: 'gestures-test.npz', samples: 12 },
      before: { min: 0 },
    })
    expect(await runJson(...histogram)).toEqual(first)
  })

  test('a value that is not there is named', async () => {
    const { status, stderr } = await runCli(...histogram.with(2, 'no-such-node'))
    expect([status === 0, stderr.split('\n').find((line) => line.startsWith('error'))]).toEqual([
      false,
      'error store.notFound: There is no tensor no-such-node.',
    ])
  })
})

describe('sensitivity', () => {
  test('every layer under every method; fewer bits do more harm and take fewer bytes', async () => {
    const found = sensitivity.parse(await runJson(...analyze, '--samples', '120'))
    expect(found.methods.map(({ name }) => name)).toEqual(methods().map(({ name }) => name))
    expect(found.methods.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['w8', 'w4', 'w2', 'prune50', 'prune90']),
    )
    expect(found.originalAccuracy).toBeGreaterThan(0.95)
    expect(found.layers.length).toBeGreaterThan(2)
    for (const { cells, int8, node } of found.layers) {
      const cell = (method: string) => cells.find((each) => each.method === method)!
      const db = (method: string) => cell(method).output.sqnrDb!
      expect([node, db('w8') > db('w4') && db('w4') > db('w2')]).toEqual([node, true])
      expect([node, db('prune50') > db('prune90')]).toEqual([node, true])
      expect(cell('w2').footprint!.bytes).toBeLessThanOrEqual(cell('w8').footprint!.bytes)
      expect(cell('w2').footprint!.bytes).toBeLessThan(int8!.bytes + 4)
    }
    expect(found).toMatchObject({ cyclesKind: 'estimated', cost: { coreClass: 'cortex-m0plus', isExact: true } })
  })

  test('the same question again is answered from the workspace', async () => {
    const [first, second] = [
      await runJson(...analyze, '--samples', '120'),
      await runJson(...analyze, '--samples', '120'),
    ]
    expect(second).toEqual(first)
    const other = sensitivity.parse(await runJson(...analyze, '--samples', '60', '--methods', 'w4'))
    expect(other.methods.map(({ name }) => name)).toEqual(['w4'])
  })

  test('as a table, with the measure that is asked for and how figures were obtained', async () => {
    const { status, stdout } = await runCli(...analyze, '--samples', '120', '--measure', 'bytes')
    expect(status).toBe(0)
    expect(stdout).toContain('bytes saved against int8')
    expect(stdout).toMatch(
      /Cycles of plain int8 on .*: estimated; what a method adds: estimated, .*error on models not seen/,
    )
  })

  test('without data it says what is missing', async () => {
    const { status, stderr } = await runCli('analyze', model, '--sensitivity', ...inWorkspace)
    expect([status, stderr.split('\n')[0]]).toEqual([2, 'error usage.invalid: --sensitivity needs --data.'])
  })
})

describe('profiles refine estimates', () => {
  test('after a run on the emulated Pico its latency is simulated, and so are the cycles of the layers', async () => {
    const devices = async () => {
      const { devices: all } = analysis.parse(await runJson('analyze', model, ...inWorkspace))
      return all.find(({ device }) => device === 'pico')!
    }
    const before = await devices()
    expect(before).toMatchObject({ latencyKind: 'estimated', cost: { profiles: 0 } })
    const options = ['--device', 'pico', '--device-samples', '1', '--runs', '1', '--encoding', 'int8']
    const run = runReport.parse(await runJson('run', model, ...withData, ...options, ...inWorkspace))
    const after = await devices()
    expect(after).toMatchObject({ latencyKind: 'simulated', cost: { profiles: 1 } })
    const counted = run.latency.median / 1000
    expect(Math.abs(after.latencyMs! / counted - 1)).toBeLessThan(0.01)
    // The model was not told of this device's run before, but of the sample model when it was fitted.
    expect(Math.abs(before.latencyMs! / counted - 1)).toBeLessThan(0.05)
    // What a run counts and what was said before it are the same things.
    // The recipe of a run may leave longer names in its pack than the plainest one.
    expect(Math.abs(after.flash!.packBytes / run.flash.packBytes - 1)).toBeLessThan(0.01)
    expect(after.flashBytes! - after.flash!.packBytes).toBe(run.flash.codeBytes)
    expect(Math.abs(after.ramBytes! - run.ram.totalBytes)).toBeLessThan(256)
    const found = sensitivity.parse(await runJson(...analyze, '--samples', '60', '--methods', 'w4'))
    expect(found.cyclesKind).toBe('simulated')
  })
})

describe('diverge', () => {
  const diverge = (...args: string[]) => runJson('diverge', model, ...withData, ...inWorkspace, ...args)

  test('float against int8 on the twin: all values aligned by name, none parted', async () => {
    const found = divergence.parse(await diverge())
    expect(found.firstBelow).toBe(null)
    expect(found.rows.length).toBeGreaterThan(3)
    expect(found.rows.every(({ alignedBy, sqnrDb }) => alignedBy === 'name' && sqnrDb! > 20)).toBe(true)
  })

  test('a destroyed layer is found, not those behind it', async () => {
    const { layers } = analysis.parse(await runJson('analyze', model, ...inWorkspace))
    const weighted = layers.filter(({ op }) => op === 'Conv')
    const victim = weighted[1]!.node
    const folding = [
      'widen-floats',
      'fold-constants',
      'remove-dead',
      'canonical-activations',
      'canonical-linear',
      'fold-batch-norm',
    ]
    const prune = { pass: 'prune-magnitude', params: { sparsity: 0, layers: { [victim]: 0.99 } } }
    const recipe = JSON.stringify({ passes: [...folding, prune] })
    const path = folder.file('recipe.json')
    await import('node:fs/promises').then(({ writeFile }) => writeFile(path, recipe))
    const found = divergence.parse(await diverge('--recipe', path, '--device', 'host'))
    const parted = found.rows[found.firstBelow!]!
    const before = found.rows.slice(0, found.firstBelow!)
    expect(before.every(({ sqnrDb }) => sqnrDb === null || sqnrDb > 60)).toBe(true)
    expect([parted.otherOp, before.length > 0]).toEqual(['Conv', true])
  })

  test('the twin and the emulated Pico give the same values', async () => {
    const args = [
      '--first-recipe',
      'int8',
      '--first-device',
      'twin',
      '--recipe',
      'int8',
      '--device',
      'pico',
      '--samples',
      '1',
    ]
    const found = divergence.parse(await diverge(...args))
    expect(found.rows.map(({ sqnrDb }) => sqnrDb)).toEqual(found.rows.map(() => null))
  })
})
