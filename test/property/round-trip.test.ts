// Importing a model and exporting it again keeps its meaning: random models of every operator, the file and our export of it
// on ONNX Runtime with the same inputs.
import type * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../../src-main/base/source.ts'
import { writeOnnx } from '../../src-main/formats/onnx/write.ts'
import { importModel } from '../../src-main/formats/registry.ts'
import { opNames } from '../../src-main/ir/ops/index.ts'
import { onnxFile } from '../fixtures/onnx-file.ts'
import { randomFeeds, runModel } from '../fixtures/onnx-runtime.ts'
import { randomModel } from '../fixtures/random-graph.ts'

const modelsEach = 6
const size = 8

async function compare(seed: number, op: string) {
  const model = randomModel(seed, op, size, opNames)
  expect(model.nodes.map((node) => node.op)).toContain(op)
  const file = onnxFile(model)
  const { graph } = await importModel(memorySource('random.onnx', file), () => null)
  const feeds = randomFeeds(graph, 1, seed)
  const original = await runModel(file, feeds)
  const exported = await runModel(writeOnnx(graph, { quantization: 'keep' }), feeds)
  expect(Object.keys(exported).sort()).toEqual(Object.keys(original).sort())
  for (const [name, tensor] of Object.entries(original)) expect(differences(tensor, exported[name]!)).toEqual([])
}

/** Elements that are not the same, NaN and infinities included; a rounding apart for floats. */
function differences(expected: ort.Tensor, found: ort.Tensor): string[] {
  if (expected.type !== found.type || String(expected.dims) !== String(found.dims))
    return [`${found.type} [${found.dims}] instead of ${expected.type} [${expected.dims}]`]
  const [a, b] = [expected.data as ArrayLike<number | bigint>, found.data as ArrayLike<number | bigint>]
  return Array.from(a).flatMap((value, i) => {
    const other = b[i]!
    if (Object.is(value, other) || value === other) return []
    const close =
      found.type === 'float32' && Math.abs(Number(value) - Number(other)) <= 1e-6 * Math.max(1, Math.abs(Number(value)))
    return close ? [] : [`[${i}]: ${other} instead of ${value}`]
  })
}

describe('import and export keep the meaning of', () => {
  test.for([...opNames])('%s', async (op) => {
    for (let i = 0; i < modelsEach; i++) await compare(1000 * opNames.indexOf(op) + i, op)
  })
})
