import { describe, expect, test } from 'vitest'
import { memorySource } from '../../../src-main/base/source.ts'
import { readOnnxModel } from '../../../src-main/formats/onnx/read.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import type { Graph } from '../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { printGraph } from '../../../src-main/ir/print.ts'
import { verify } from '../../../src-main/ir/verify.ts'
import * as fixtures from '../../fixtures/onnx-quantized.ts'
import { largestDifference, randomFeeds, runModel } from '../../fixtures/onnx-runtime.ts'
import { plain } from '../../support/plain.ts'

function imported(file: Uint8Array) {
  const model = readOnnxModel(memorySource('model.onnx', file), () => null)
  const graph = inferShapes(model.graph, { declared: 'check' })
  verify(graph)
  return { graph, warnings: plain(model.warnings) }
}

const fileOf = (graph: Graph) => writeOnnx(graph, { quantization: 'drop' })

const pairs = { ...fixtures } as Record<keyof typeof fixtures, () => Graph>
const names = Object.keys(pairs).sort() as (keyof typeof fixtures)[]

describe('quantisation is lifted from nodes to values', () => {
  test.each(names)('%s', (name) => {
    const { graph, warnings } = imported(fileOf(pairs[name]()))
    expect({ text: printGraph(graph), warnings }).toMatchSnapshot()
  })
})

describe('what was lifted computes the same when it is written again', () => {
  const exact = names.filter((name) => name !== 'qoperatorModel')
  test.each(exact)('%s', async (name) => {
    const file = fileOf(pairs[name]())
    const feeds = randomFeeds(pairs[name](), 4)
    const expected = await runModel(file, feeds)
    const found = await runModel(writeOnnx(imported(file).graph, { quantization: 'keep' }), feeds)
    for (const [output, { type, dims, data }] of Object.entries(expected))
      expect({ output, ...pick(found[output]!) }).toEqual({ output, type, dims, data })
  })

  test('operators on integers round at most one step elsewhere', async () => {
    const file = fileOf(fixtures.qoperatorModel())
    const feeds = randomFeeds(fixtures.qoperatorModel(), 4)
    const expected = await runModel(file, feeds)
    for (const quantization of ['keep', 'fake'] as const) {
      const found = await runModel(writeOnnx(imported(file).graph, { quantization }), feeds)
      expect(largestDifference(found.out!, expected.out!)).toBeLessThanOrEqual(1 / 256)
    }
  })

  test('an export with pairs is imported as the same graph', () => {
    for (const name of names) {
      const { graph } = imported(fileOf(pairs[name]()))
      const again = imported(writeOnnx(graph, { quantization: 'keep' })).graph
      expect(printGraph(again)).toBe(printGraph(graph))
    }
  })
})

const pick = ({ type, dims, data }: { type: string; dims: readonly number[]; data: unknown }) => ({ type, dims, data })
