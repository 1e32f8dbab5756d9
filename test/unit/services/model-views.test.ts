// Graphs, histograms and differences of the sample model that is shipped.
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import type { ModelGraph } from '../../../src-main/contract/model-graph.ts'
import { f32Tensor, readFloats } from '../../../src-main/ir/tensor.ts'
import { differenceOf } from '../../../src-main/services/model-difference.ts'
import { graphOf } from '../../../src-main/services/model-graph.ts'
import { isQuick } from '../../../src-main/services/model-views.ts'
import { resolveRecipe } from '../../../src-main/services/recipes.ts'
import { applyRecipe, packGraph } from '../../../src-main/services/run/compress.ts'
import { type LoadedModel, loadModel, portsOfGraph } from '../../../src-main/services/run/load.ts'
import { anyDevice } from '../../../src-main/services/run/pack-target.ts'
import { probePorts } from '../../../src-main/services/run/probe-samples.ts'
import { histogramOf, packedWeights, realsOf } from '../../../src-main/services/tensor-histogram.ts'
import { repository } from '../../support/cli.ts'

let model: LoadedModel
let shown: ModelGraph
beforeAll(async () => {
  model = await loadModel(join(repository, 'resources/samples/gestures.onnx'))
  shown = graphOf(model.graph, 'gestures.onnx')
})

describe('graph', () => {
  test('every node is there once, between the inputs and the outputs', () => {
    expect(shown.nodes.map(({ name }) => name)).toEqual([
      ...model.graph.inputs,
      ...model.graph.nodes.map(({ name }) => name),
      ...model.graph.outputs,
    ])
    expect(shown.nodes.map(({ kind }) => kind).filter((kind) => kind !== 'node')).toEqual(['input', 'output'])
  })

  test('each edge goes from who makes the tensor to who reads it', () => {
    for (const { from, to, tensor } of shown.edges) {
      expect(shown.nodes[from]!.outputs.map(({ name }) => name)).toContain(tensor)
      expect(shown.nodes[to]!.inputs.map(({ name }) => name)).toContain(tensor)
    }
    const reads = shown.nodes.reduce((sum, { inputs }) => sum + inputs.length, 0)
    expect(shown.edges).toHaveLength(reads)
  })

  test('a convolution says its kernel and its weights', () => {
    const conv = shown.nodes.find(({ op }) => op === 'Conv')!
    expect(conv.attributes.map(({ name }) => name)).toContain('kernel_shape')
    expect(conv.constants[0]!.shape).toHaveLength(3)
    expect([conv.parameters > 0, conv.macs > 0, conv.refusal]).toEqual([true, true, null])
  })
})

describe('histogram', () => {
  test('counts every element, in the bins that its extremes make', () => {
    const values = Float32Array.of(-1, -0.5, 0, 0, 0.5, 1)
    const { low, high, before, after } = histogramOf('w', values, null, 4)
    expect([low, high, before.counts, before.zeros, before.mean, after]).toEqual([-1, 1, [1, 1, 2, 2], 2 / 6, 0, null])
  })

  test('only a small tensor of a small model is counted where others wait', () => {
    const name = model.graph.nodes.find(({ op }) => op === 'Conv')!.inputs[1]!
    const [first, ...others] = shown.nodes
    const withConstant = (shape: number[], bytes: number) => ({
      ...shown,
      nodes: [{ ...first!, constants: [{ name: 'other', dtype: 'f32', shape, bytes }] }, ...others],
    })
    expect(isQuick(shown, name)).toBe(true)
    // The whole model is read, however small the tensor.
    expect(isQuick(withConstant([4096, 4096], 1 << 26), name)).toBe(false)
    // Two bits an element: many in few bytes.
    expect(isQuick(withConstant([4096, 4096], 1 << 22), 'other')).toBe(false)
  })

  test('a tensor of equal values has one bin', () => {
    expect(histogramOf('w', Float32Array.of(3, 3), null, 2).before).toMatchObject({
      counts: [2, 0],
      std: 0,
      min: 3,
      max: 3,
    })
  })

  test('weights of a pack come back as real numbers, half a step from what they were', async () => {
    const { graph, sha256 } = model
    const input = {
      ...{ graph, modelName: 'gestures.onnx', modelSha256: sha256, recipe: resolveRecipe('int8-minmax', 0) },
      ...{ encoding: 'int8' as const, target: anyDevice, calibration: probePorts(portsOfGraph(graph), 32) },
      ...{ calibrationSha256: null, producer: 'test', clock: systemClock, signal: new AbortController().signal },
      ...{ progress: () => undefined, log: () => undefined },
    }
    const { plan } = packGraph(input, await applyRecipe(input))
    const dense = graph.nodes.find(({ op }) => op === 'Gemm')!
    const name = dense.inputs[1]!
    const before = realsOf(graph, name)
    const after = packedWeights(plan, graph, name)!
    expect(after.values).toHaveLength(before.length)
    const [rows, columns] = graph.constants.get(name)!.shape as [number, number]
    const transposed = dense.attrs.transB === 1
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const step = Math.max(...before.map(Math.abs)) / 127
        const at = transposed ? row * columns + column : column * rows + row
        expect(Math.abs(after.values[at]! - before[row * columns + column]!)).toBeLessThanOrEqual(step * 0.51)
      }
    expect(packedWeights(plan, graph, dense.inputs[2]!)).toBeNull()
  })
})

describe('difference', () => {
  test('a model does not differ from itself', () => {
    const same = differenceOf({ name: 'a', graph: model.graph }, { name: 'b', graph: model.graph })
    expect([same.added, same.removed, same.changed, same.unmatched]).toEqual([[], [], [], []])
    expect(same.tensors.every(({ changed, sqnrDb }) => changed === 0 && sqnrDb === null)).toBe(true)
  })

  test('one weight, one attribute and one node are found', () => {
    const { graph } = model
    const conv = graph.nodes.find(({ op }) => op === 'Conv')!
    const weights = graph.constants.get(conv.inputs[1]!)!
    const changed = Float32Array.from(readFloats(weights))
    changed[3]! += 0.25
    const other = {
      ...graph,
      constants: new Map(graph.constants).set(conv.inputs[1]!, f32Tensor(weights.shape, changed)),
      nodes: graph.nodes
        .filter((node) => node !== graph.nodes.find(({ op }) => op === 'Relu'))
        .map((node) => (node === conv ? { ...node, attrs: { ...node.attrs, group: 2 } } : node)),
    }
    const found = differenceOf({ name: 'a', graph }, { name: 'b', graph: other })
    expect(found.removed.map(({ op }) => op)).toEqual(['Relu'])
    expect(found.changed).toEqual([
      { name: conv.name, op: 'Conv', changes: [{ what: 'attribute', a: 'group=1', b: 'group=2' }] },
    ])
    const differing = found.tensors.filter((tensor) => tensor.changed > 0)
    expect(differing.map((tensor) => [tensor.name, tensor.changed])).toEqual([[conv.inputs[1], 1]])
    expect(differing[0]!.maxAbs).toBeCloseTo(0.25, 5)
  })

  test('nodes with made-up names are paired by operator and order', () => {
    const { graph } = model
    const renamed = { ...graph, nodes: graph.nodes.map((node, i) => ({ ...node, name: `made-up-${i}` })) }
    const found = differenceOf({ name: 'a', graph }, { name: 'b', graph: renamed })
    expect([found.added, found.removed, found.sameNodes]).toEqual([[], [], graph.nodes.length])
  })
})
