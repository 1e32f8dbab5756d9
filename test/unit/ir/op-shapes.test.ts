// Shape rules against the shapes and types that ONNX Runtime gives.
import { describe, expect, test } from 'vitest'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { opNames } from '../../../src-main/ir/ops/index.ts'
import { caseGraph, caseName, opCases } from '../../fixtures/onnx-op-cases.ts'
import { ortType, runGraph } from '../../fixtures/onnx-runtime.ts'

const batch = 3

describe('shape rules agree with ONNX Runtime', () => {
  test.each(opCases.map((c) => [caseName(c), c] as const))('%s', async (_, c) => {
    const graph = caseGraph(c)
    const inferred = inferShapes(graph)
    const results = await runGraph(graph, batch)
    const found = Object.entries(results).map(([name, { dims, type }]) => ({ name, type, dims: [...dims] }))
    const expected = graph.outputs.map((name) => {
      const { dtype, shape } = inferred.values.get(name)!
      return { name, type: ortType(dtype), dims: shape?.map((dim) => (dim === 'N' ? batch : dim)) }
    })
    expect(expected).toEqual(found)
  })
})

test('operators without a case here', () => {
  const covered = new Set(opCases.map((c) => c.op))
  expect(opNames.filter((op) => !covered.has(op)).sort()).toMatchInlineSnapshot(`
    [
      "And",
      "CastLike",
      "Celu",
      "Constant",
      "Gelu",
      "GlobalLpPool",
      "Greater",
      "GreaterOrEqual",
      "Hardmax",
      "LRN",
      "Less",
      "LessOrEqual",
      "LpNormalization",
      "LpPool",
      "Mean",
      "Mish",
      "Mod",
      "Not",
      "Or",
      "ReduceL1",
      "ReduceLogSum",
      "ReduceLogSumExp",
      "ReduceSumSquare",
      "Sum",
      "ThresholdedRelu",
      "Xor",
    ]
  `)
})
