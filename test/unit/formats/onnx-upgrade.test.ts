// Nodes of older opsets brought to opset 13 compute what they computed.
import { describe, expect, test } from 'vitest'
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
