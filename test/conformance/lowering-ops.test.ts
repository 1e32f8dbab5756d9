// Every lowering rule: the plan in the twin against the graph in ONNX Runtime with every quantised value rounded to its
// grid. Both compute the same real function, so outputs may differ by a step of the output's scale, where rounding falls.
import { expect, test } from 'vitest'
import { openTwin } from '../../src-main/device/twin.ts'
import { openHostModel } from '../../src-main/engine/host-model.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import type { Graph } from '../../src-main/ir/graph.ts'
import { elementsOf } from '../../src-main/ir/tensor.ts'
import { lower } from '../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import { type GraphSpec, graphOf, random } from '../unit/targets/graphs.ts'
import { cases } from './lowering-cases.ts'

const zeros = '0'.repeat(64)
const origin = { modelName: 'test', modelSha256: zeros, recipeSha256: zeros, dataSha256: zeros, producer: 'test' }
const samples = 4

function randomInputs(graph: Graph, seed: number) {
  const source = random(seed)
  return graph.inputs.map((name) => {
    const { shape, quant: q } = graph.values.get(name)!
    const elements = elementsOf(shape!.map((dim) => (typeof dim === 'number' ? dim : 1)))
    const dims = shape!.map((dim) => (typeof dim === 'number' ? dim : 1))
    const shift = q!.dtype === 'u8' ? 128 : 0
    const stored = Int8Array.from({ length: elements }, () => source.below(256) - 128)
    const real = Float32Array.from(stored, (v) => (v + shift - q!.zeroPoint[0]!) * q!.scale[0]!)
    return { name, stored, real, shape: dims }
  })
}

async function largestDifference(spec: GraphSpec): Promise<number[]> {
  const graph = graphOf(spec)
  const plan = planMemory(lower(graph))
  using twin = await openTwin(writeShoe(plan, origin))
  await using host = await openHostModel(graph, { quantization: 'fake', threads: 1 })
  const worst = graph.outputs.map(() => 0)
  for (let sample = 0; sample < samples; sample++) {
    const inputs = randomInputs(graph, 100 + sample)
    const device = twin.run(inputs.map((input) => input.stored))
    const expected = await host.run(
      Object.fromEntries(inputs.map(({ name, real, shape }) => [name, { data: real, shape }])),
    )
    graph.outputs.forEach((name, i) => {
      const { scale, zeroPoint } = twin.outputs[i]!
      const reals = expected[name]!.data
      expect(reals.length).toBe(device[i]!.length)
      device[i]!.forEach((q, at) => {
        const clamped = Math.min(127, Math.max(-128, reals[at]! / scale + zeroPoint))
        worst[i] = Math.max(worst[i]!, Math.abs(q - clamped))
      })
    })
  }
  return worst
}

test.each(cases)('$name', async ({ graph, steps = 1 }) => {
  for (const worst of await largestDifference(graph)) expect(worst).toBeLessThanOrEqual(steps + 0.01)
})
