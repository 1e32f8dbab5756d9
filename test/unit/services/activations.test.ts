// Distributions of activations of the sample model that is shipped, beside an int8 pack of it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../../src-main/app.ts'
import { systemClock } from '../../../src-main/base/clock.ts'
import type { Activation, Activations } from '../../../src-main/contract/activations.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { type ActivationsInput, executeActivations } from '../../../src-main/services/analysis/activations.ts'
import { arrangedLike, orderLike } from '../../../src-main/services/analysis/arrangement.ts'
import { resolveRecipe } from '../../../src-main/services/recipes.ts'
import { applyRecipe, packGraph } from '../../../src-main/services/run/compress.ts'
import { chooseSamples, loadData, loadModel, portsOfGraph } from '../../../src-main/services/run/load.ts'
import { anyDevice } from '../../../src-main/services/run/pack-target.ts'
import { repository } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const path = join(repository, 'resources/samples/gestures.onnx')
const dataPath = join(repository, 'resources/samples/gestures-test.npz')
const data = { path: dataPath, name: 'gestures', preprocess: {}, limit: null, sha256: 'd' }
const run = '3f2a1c9e-8a51-4c1d-9d6e-2f4b8a7c6d5e'
const events = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined }

async function packWith(recipe: string): Promise<string> {
  const { graph, sha256 } = await loadModel(path)
  const ports = portsOfGraph(graph)
  const calibration = chooseSamples(await loadData(data, ports, 'test'), 64, 1, ports).samples
  const input = {
    ...{ graph, modelName: 'gestures.onnx', modelSha256: sha256, recipe: resolveRecipe(recipe, 0) },
    ...{ encoding: 'int8' as const, target: anyDevice, calibration, calibrationSha256: null, producer: 'test' },
    ...{ clock: systemClock, signal: events.signal, progress: () => undefined, log: () => undefined },
  }
  const { pack } = packGraph(input, await applyRecipe(input))
  writeFileSync(folder.file(`${recipe}.shoe`), pack)
  return folder.file(`${recipe}.shoe`)
}

function observe(pack: string | null, part: Partial<ActivationsInput> = {}) {
  const input: ActivationsInput = {
    ...{ task: 'activations', model: { path, name: 'gestures.onnx' }, data, samples: 20, seed: 3 },
    ...{ pack: pack === null ? null : { path: pack, run, recipe: 'int8' }, ...part },
  }
  return executeActivations(input, { clock: systemClock, events })
}

describe('a model beside its int8 pack', () => {
  let found: Activations
  const of = (op: string) => found.tensors.find((each) => each.op === op)!
  beforeAll(async () => {
    found = await observe(await packWith('int8'))
  })

  test('every value is counted whole, in the model and in the pack', () => {
    const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)
    for (const { before, after } of found.tensors) {
      expect(total(before.counts)).toBe(before.elements)
      if (after) expect([total(after.counts), after.elements]).toEqual([before.elements, before.elements])
    }
    expect([of('Input').before.elements, found.data.samples, found.seed]).toEqual([20 * 3 * 128, 20, 3])
  })

  test('the model is what ONNX Runtime gives for the same samples', async () => {
    const { graph } = await loadModel(path)
    const ports = portsOfGraph(graph)
    const { samples } = chooseSamples(await loadData(data, ports, 'test'), 20, 3, ports)
    await using host = await openHostModel(graph)
    const { logits } = await host.run(await samples.read(0, 20))
    const gemm = of('Gemm').before
    // Fused another way when nothing inside is asked for.
    expect(gemm.min).toBeCloseTo(Math.min(...logits!.data), 3)
    expect(gemm.max).toBeCloseTo(Math.max(...logits!.data), 3)
    expect(gemm.mean).toBeCloseTo(logits!.data.reduce((a, b) => a + b, 0) / logits!.data.length, 3)
  })

  test('the pack is near, within its grid, and layouts do not confuse it', () => {
    const compared = found.tensors.filter((each): each is Activation & { after: object } => each.after !== null)
    expect(compared.map(({ op }) => op)).toEqual(
      expect.arrayContaining(['Input', 'Relu', 'MaxPool', 'GlobalAveragePool', 'Gemm']),
    )
    for (const { after } of compared) {
      expect(after!.sqnrDb).toBeGreaterThan(15)
      expect(after!.min).toBeGreaterThanOrEqual(after!.gridLow - 1e-4)
      expect(after!.max).toBeLessThanOrEqual(after!.gridHigh + 1e-4)
    }
  })

  test('what was fused away says where it went', () => {
    expect(of('Conv').after).toBeNull()
    expect(of('Conv').partOf).toBe(of('Relu').tensor)
  })
})

test('a narrower grid clips, which is counted', async () => {
  const clippedOf = ({ tensors }: Activations) => tensors.reduce((sum, { after }) => sum + (after?.clipped ?? 0), 0)
  const wide = await observe(await packWith('int8-minmax'))
  const narrow = await observe(await packWith('int8-mse'))
  expect(clippedOf(narrow)).toBeGreaterThan(clippedOf(wide))
})

test('without a pack there is the model alone', async () => {
  const { pack, tensors } = await observe(null)
  expect(pack).toBeNull()
  expect(tensors.every(({ after, partOf }) => after === null && partOf === null)).toBe(true)
  const [input] = tensors
  expect([input!.low, input!.high]).toEqual([input!.before.min, input!.before.max])
})

test('a word to stop is heard between two samples', async () => {
  const pack = await packWith('int8-minmax')
  const stopping = new AbortController()
  const input: ActivationsInput = {
    ...{ task: 'activations', model: { path, name: 'gestures.onnx' }, data, samples: 20, seed: 3 },
    pack: { path: pack, run, recipe: 'int8' },
  }
  // Counting begins after the first sweep; the model alone takes 0.3 of the progress.
  const progress = (_: string, fraction: number) => {
    if (fraction > 0.3) setImmediate(() => stopping.abort(new Error('enough')))
  }
  const asked = executeActivations(input, {
    clock: systemClock,
    events: { signal: stopping.signal, progress, log: () => undefined },
  })
  await expect(asked).rejects.toThrow('enough')
})

test('a pack with its channels last is brought to the order of the graph', () => {
  const graph = Float32Array.of(1, 2, 3, 4, 5, 6)
  const last = Float32Array.of(1, 4, 2, 5, 3, 6)
  expect(orderLike(last, [1, 1, 3, 2], graph, [2, 3])).toBe('channels last')
  expect([...arrangedLike(last, 'channels last', [2, 3])]).toEqual([...graph])
  expect(orderLike(graph, [1, 2, 3], graph, [2, 3])).toBe('as the graph')
  // The same sizes both ways: what is nearer decides.
  const square = Float32Array.of(1, 2, 3, 4)
  expect(orderLike(Float32Array.of(1, 3, 2, 4), [1, 2, 2], square, [2, 2])).toBe('channels last')
  expect(orderLike(square, [1, 2, 2], square, [2, 2])).toBe('as the graph')
})

test('a second question is answered from what was stored', async () => {
  const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
  await using app = await createApp({ workspace: folder.file('w'), host: 'electron', workerUrl, version: '0.0.0' })
  const api = createRouterClient(app.router)
  const model = await api.models.add({ source: { kind: 'path', path } })
  const set = await api.data.add({ source: { kind: 'path', path: dataPath } })
  const request = { model: model.id, data: set.id, samples: 4 }
  expect(await api.activations.find(request)).toBeNull()
  const { job } = await api.activations.start(request)
  expect((await api.activations.running(request)).job).toBe(job)
  for await (const { state, progress } of await api.jobs.watch({ id: job! }))
    expect([state, progress?.stage ?? 'analyze']).toEqual([expect.stringMatching(/queued|running|done/), 'analyze'])
  expect((await api.activations.find(request))?.data.samples).toBe(4)
  expect(await api.activations.start(request)).toEqual({ job: null })
  expect(await api.activations.find({ ...request, seed: 1 })).toBeNull()
})
