// Values inside a quantised graph, given out beside its outputs: every one must come out and none may end the process.
import { expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openHostModel } from '../../../src-main/engine/host-model.ts'
import { graphOf, quant, weights } from '../targets/graphs.ts'

test('the input of a Relu whose output is rounded', async () => {
  const grid = quant(0.05, -128)
  const graph = graphOf({
    inputs: { x: [1, 2, 4, 4] },
    outputs: ['y'],
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['linear'] },
      { op: 'Relu', inputs: ['linear'], outputs: ['y'] },
    ],
    constants: { w: weights([3, 2, 1, 1], 0, seededRandom(1)) },
    quants: { x: quant(0.02), linear: grid, y: grid },
  })
  await using host = await openHostModel(graph, { extraOutputs: ['linear'] })
  const data = Float32Array.from({ length: 32 }, (_, i) => (i - 16) / 10)
  const { linear, y } = await host.run({ x: { data, shape: [1, 2, 4, 4] } })
  expect([linear!.shape, y!.shape]).toEqual([
    [1, 3, 4, 4],
    [1, 3, 4, 4],
  ])
  y!.data.forEach((value, i) => {
    expect(value).toBe(Math.max(0, linear!.data[i]!))
  })
})
