// Nodes of older opsets brought to opset 13 compute what they computed.
import { describe, expect, test } from 'vitest'
import { packedNibbles, unpackedNibbles } from '../../../src-main/formats/onnx/nibbles.ts'
import { upgradeOpset } from '../../../src-main/formats/onnx/upgrade.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { graphOf } from '../../fixtures/onnx-graph.ts'
import { caseGraph, caseName, opCases } from '../../fixtures/onnx-op-cases.ts'
import { randomFeeds, runModel } from '../../fixtures/onnx-runtime.ts'

const old = opCases.filter((c) => (c.opset ?? 13) < 13).map((c) => [caseName(c), caseGraph(c)] as const)

const softmax = (shape: number[], axis: number | null) =>
  graphOf({
    opset: 9,
    inputs: { x: shape },
    nodes: [{ op: 'Softmax', in: ['x'], out: ['y'], ...(axis === null ? {} : { attrs: { axis } }) }],
    outputs: ['y'],
  })

const more: readonly (readonly [string, Graph])[] = [
  ['Softmax over the last two dimensions', softmax([2, 3, 4], 1)],
  ['Softmax without an axis', softmax([2, 3, 4], null)],
  ['Softmax over the last dimension', softmax([2, 3, 4], 2)],
  ['Softmax from axis 0', softmax([2, 3, 4], 0)],
]

describe('opset 13 from older ones', () => {
  test.each([...old, ...more])('%s', async (_, graph) => {
    const feeds = randomFeeds(graph, 1)
    const expected = await runModel(writeOnnx(graph, { quantization: 'drop' }), feeds)
    const upgraded = upgradeOpset(inferShapes(graph))
    const found = await runModel(writeOnnx(upgraded, { quantization: 'drop' }), feeds)
    expect(upgraded.opsets['']).toBe(13)
    for (const name of graph.outputs.filter((output) => !(output === 'y1'))) {
      expect(found[name]!.dims).toEqual(expected[name]!.dims)
      expect(found[name]!.data).toEqual(expected[name]!.data)
    }
  })
})

describe('opset 21 from 13', () => {
  const later: readonly (readonly [string, Graph])[] = [
    ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL2', 'ReduceSumSquare'].map(
      (op) =>
        [
          op,
          graphOf({
            opset: 13,
            inputs: { x: [2, 3, 4] },
            nodes: [{ op, in: ['x'], out: ['y'], attrs: { axes: [2], keepdims: 0 } }],
            outputs: ['y'],
          }),
        ] as const,
    ),
    [
      'Split into equal parts',
      graphOf({
        opset: 13,
        inputs: { x: [2, 6] },
        nodes: [
          { op: 'Split', in: ['x'], out: ['a', 'b'], attrs: { axis: 1 } },
          { op: 'Sub', in: ['a', 'b'], out: ['y'] },
        ],
        outputs: ['y'],
      }),
    ],
  ]

  test.each(later)('%s', async (_, graph) => {
    const feeds = randomFeeds(graph, 1)
    const expected = await runModel(writeOnnx(graph, { quantization: 'drop' }), feeds)
    const upgraded = upgradeOpset(inferShapes(graph), 21)
    const found = await runModel(writeOnnx(upgraded, { quantization: 'drop' }), feeds)
    expect(upgraded.opsets['']).toBe(21)
    expect(found.y!.dims).toEqual(expected.y!.dims)
    expect(found.y!.data).toEqual(expected.y!.data)
  })
})

describe('4-bit integers', () => {
  test.each([
    [true, [-8, 7, 0, -1, 3], [0x78, 0xf0, 0x03]],
    [false, [15, 0, 8, 1], [0x0f, 0x18]],
  ])('signed %s', (signed, elements, bytes) => {
    const held = signed ? Int8Array.from(elements) : Uint8Array.from(elements)
    expect([...packedNibbles(held)]).toEqual(bytes)
    expect([...unpackedNibbles(Uint8Array.from(bytes), elements.length, signed)]).toEqual(elements)
  })
})
