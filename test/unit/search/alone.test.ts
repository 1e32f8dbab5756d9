// One layer changed alone must give what the whole network gives with that layer changed.
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { f32Tensor, readFloats, type Tensor } from '../../../src-main/ir/tensor.ts'
import { weightLayers } from '../../../src-main/passes/layers.ts'
import { advance, inputActivations, openTrial } from '../../../src-main/search/alone.ts'
import { liveBefore, part } from '../../../src-main/search/parts.ts'
import { layerEffects } from '../../../src-main/search/sensitivity.ts'
import { makeGraph } from '../passes/graphs.ts'

const random = seededRandom(3)
const normal = (shape: readonly number[]): Tensor =>
  f32Tensor(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() * 0.5),
  )

/** A branch around the second convolution, so that two values live at once; the end is a dense layer. */
const graph = makeGraph({
  inputs: { x: ['N', 2, 6, 6] },
  outputs: 'y',
  constants: { w1: normal([4, 2, 3, 3]), w2: normal([4, 4, 3, 3]), w3: normal([4, 5]) },
  nodes: [
    ['Conv', 'x w1', 'a', { pads: [1, 1, 1, 1] }],
    ['Relu', 'a', 'b'],
    ['Conv', 'b w2', 'c', { pads: [1, 1, 1, 1] }],
    ['Add', 'b c', 'd'],
    ['GlobalAveragePool', 'd', 'e'],
    ['Flatten', 'e', 'f'],
    ['MatMul', 'f w3', 'y'],
  ],
})
const count = 7
const samples = memorySamples({ x: { data: readFloats(normal([count, 2, 6, 6])), shape: [count, 2, 6, 6] } })
const walk = { engine: { open: openHostModel }, batchSize: 3 }

async function whole(of: Graph): Promise<Float32Array> {
  await using host = await openHostModel(of)
  return (await host.run(await samples.read(0, count))).y!.data
}

const withWeights = (name: string, held: Tensor): Graph => ({
  ...graph,
  constants: new Map(graph.constants).set(name, held),
})

describe('a layer alone', () => {
  test.each(weightLayers(graph).map((layer) => [layer.node.name, layer] as const))(
    '%s: as the whole network',
    async (_, layer) => {
      const at = graph.nodes.indexOf(layer.node)
      const live = await advance(graph, await inputActivations(graph, samples), [0, at], walk)
      await using trial = await openTrial(graph, layer.node, live, walk)
      const changed = normal(layer.tensor.shape)
      const { output } = await trial.run(readFloats(changed))
      const expected = await whole(withWeights(layer.weights, changed))
      expect(output.length).toBe(expected.length)
      for (const [i, value] of output.entries()) expect(value).toBeCloseTo(expected[i]!, 4)
    },
  )

  test('what lives before a node, and the rest as a graph of its own', () => {
    expect(liveBefore(graph, 3)).toEqual(['b', 'c'])
    const rest = part(graph, 3, graph.nodes.length, ['y'])
    expect([rest.inputs, [...rest.constants.keys()]]).toEqual([['b', 'c'], ['w3']])
  })
})

describe('effects', () => {
  const method = (name: string) => ({
    name,
    title: name,
    description: '',
    step: { pass: 'prune-magnitude', params: {} },
  })
  const zeros = (name: string) => {
    const shape = graph.constants.get(name)!.shape
    return f32Tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)))
  }
  const nudged = (name: string) => {
    const held = graph.constants.get(name)!
    return f32Tensor(
      held.shape,
      readFloats(held).map((value) => value * 1.001),
    )
  }

  test('destroying a layer is worse than nudging it; an unchanged layer has no cell', async () => {
    const labels = Int32Array.from({ length: count }, (_, i) => i % 5)
    const found = await layerEffects({
      ...{ graph, samples, labels, batchSize: 4, engine: { open: openHostModel } },
      variants: [
        { method: method('nudge'), graph: withWeights('w2', nudged('w2')) },
        { method: method('zero'), graph: withWeights('w2', zeros('w2')) },
      ],
    })
    expect(found.layers.map(({ node, cells }) => [node, cells.length])).toEqual([
      ['conv0', 0],
      ['conv2', 2],
      ['matmul6', 0],
    ])
    const [nudge, zero] = found.layers[1]!.cells
    expect(nudge!.weights.sqnrDb).toBeCloseTo(60, 0)
    expect(nudge!.layerOutput.sqnrDb).toBeCloseTo(60, 0)
    expect(nudge!.output.sqnrDb!).toBeGreaterThan(zero!.output.sqnrDb! + 20)
    expect(zero!.kl!).toBeGreaterThan(nudge!.kl!)
    expect(nudge!.agreement).toBe(1)
    expect(zero!.accuracyDrop).toBeCloseTo((found.originalAccuracy! - zero!.accuracy!) * 100)
  })

  test('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const input = { graph, samples, labels: null, batchSize: 4, engine: { open: openHostModel }, variants: [], signal }
    await expect(layerEffects(input)).rejects.toThrow('enough')
  })
})
