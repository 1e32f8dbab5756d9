// The models beside the repository, through import, export and ONNX Runtime.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { fileSource, memorySource } from '../../../src-main/base/source.ts'
import { readOnnx } from '../../../src-main/formats/onnx/read.ts'
import { writeOnnx } from '../../../src-main/formats/onnx/write.ts'
import { importModel } from '../../../src-main/formats/registry.ts'
import { graphMacs, layerTable } from '../../../src-main/ir/cost.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { printGraph } from '../../../src-main/ir/print.ts'

const folder = fileURLToPath(new URL('../../../../shared/models/', import.meta.url))
const here = existsSync(folder)
if (!here) console.log('../shared/models is not there: the tests with real models are skipped')
const names = here ? readdirSync(folder).filter((name) => name.endsWith('.onnx')) : []

async function outputs(model: Uint8Array, feeds: Record<string, ort.Tensor>) {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'disabled', logSeverityLevel: 3 })
  const results = await session.run(feeds)
  await session.release()
  return results
}

/** Parameters from the README beside the models, multiply-accumulates by hand. */
const known: Record<string, { parameters: number; macs?: number }> = {
  'lenet-300-100.onnx': { parameters: 266610, macs: 784 * 300 + 300 * 100 + 100 * 10 },
  'lenet-5.onnx': { parameters: 431080, macs: 24 * 24 * 20 * 25 + 8 * 8 * 50 * 20 * 25 + 800 * 500 + 500 * 10 },
  'resnet8-cifar10.onnx': { parameters: 78186 + 480 },
  'mobilenetv2-cifar10.onnx': { parameters: 350402 + 10704 + 46 },
}

describe.skipIf(!here)('the models beside the repository', () => {
  test.each(names)('%s: import counts what the README says', async (name) => {
    const model = await importModel(fileSource(folder + name), () => null)
    const parameters = layerTable(model.graph).reduce((sum, row) => sum + row.parameters, 0)
    const macs = graphMacs(model.graph)
    expect({ parameters, macs }).toEqual({ macs, ...known[name] })
    expect(model).toMatchObject({ format: 'onnx', opset: 13, warnings: [], producer: 'pytorch 1.13.0' })
  })

  test.each(names)('%s: the export computes the same', async (name) => {
    const original = readFileSync(folder + name)
    const graph = inferShapes(readOnnx(memorySource(name, original), () => null))
    const shape = graph.values.get('input')!.shape!.map((dim) => (typeof dim === 'number' ? dim : 32))
    const random = seededRandom(1)
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.next())
    const feeds = { input: new ort.Tensor('float32', data, shape) }
    const expected = (await outputs(original, feeds)).logits!
    for (const quantization of ['drop', 'fake', 'keep'] as const) {
      const found = (await outputs(writeOnnx(graph, { quantization }), feeds)).logits!
      expect(found.dims).toEqual(expected.dims)
      expect(found.data).toEqual(expected.data)
    }
  })

  test.each(names)('%s: reading the export gives the same graph', (name) => {
    const graph = readOnnx(fileSource(folder + name), () => null)
    const again = readOnnx(memorySource(name, writeOnnx(graph, { quantization: 'keep' })), () => null)
    expect(printGraph(inferShapes(again))).toBe(printGraph(inferShapes(graph)))
  })
})
