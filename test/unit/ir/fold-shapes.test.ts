import { expect, test } from 'vitest'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import { foldShapes } from '../../../src-main/ir/fold-shapes.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { removeDead } from '../../../src-main/ir/rewrite.ts'
import { readNumbers, tensor } from '../../../src-main/ir/tensor.ts'
import { verify } from '../../../src-main/ir/verify.ts'
import { graphOf } from '../../fixtures/onnx-graph.ts'
import { randomFeeds, runModel } from '../../fixtures/onnx-runtime.ts'

const i64 = (shape: number[], ...numbers: number[]) => tensor('i64', shape, BigInt64Array.from(numbers, BigInt))

/** How PyTorch exports F.pad and view(batch, -1): everything about sizes is computed. */
const exported = () =>
  graphOf({
    inputs: { x: ['N', 2, 5, 6] },
    constants: {
      given: i64([4], 1, 2, 0, 1),
      count: i64([1], 4),
      pairs: i64([2], -1, 2),
      flat: i64([1], -1),
      zero: i64([1], 0),
      minus: i64([1], -1),
      far: i64([1], -9007199254740991),
      first: i64([], 0),
    },
    nodes: [
      { op: 'ConstantOfShape', in: ['count'], out: ['zeros'], attrs: { value: i64([1], 0) } },
      { op: 'Concat', in: ['given', 'zeros'], out: ['all'], attrs: { axis: 0 } },
      { op: 'Reshape', in: ['all', 'pairs'], out: ['table'] },
      { op: 'Slice', in: ['table', 'minus', 'far', 'zero', 'minus'], out: ['reversed'] },
      { op: 'Transpose', in: ['reversed'], out: ['columns'], attrs: { perm: [1, 0] } },
      { op: 'Reshape', in: ['columns', 'flat'], out: ['pads'] },
      { op: 'Pad', in: ['x', 'pads'], out: ['padded'] },
      { op: 'Shape', in: ['padded'], out: ['shape'] },
      { op: 'Gather', in: ['shape', 'first'], out: ['n'] },
      { op: 'Unsqueeze', in: ['n', 'zero'], out: ['n1'] },
      { op: 'Concat', in: ['n1', 'minus'], out: ['target'], attrs: { axis: 0 } },
      { op: 'Reshape', in: ['padded', 'target'], out: ['y'] },
    ],
    outputs: ['y'],
  })

test('sizes that the file computes become constants', async () => {
  const graph = exported()
  const folded = removeDead(foldShapes(graph))
  verify(folded)
  expect(folded.nodes.map((node) => node.op)).toEqual(['Pad', 'Reshape'])
  expect(folded.values.get('y')!.shape).toEqual(['N', 2 * 6 * 9])
  expect(readNumbers(folded.constants.get('pads')!)).toEqual([0, 0, 0, 1, 0, 0, 1, 2])
  const feeds = randomFeeds(graph, 3)
  const results = [inferShapes(graph), folded].map((g) => runModel(writeOnnx(g, { quantization: 'drop' }), feeds))
  const [before, after] = await Promise.all(results)
  expect([after!.y!.dims, after!.y!.data]).toEqual([before!.y!.dims, before!.y!.data])
})
