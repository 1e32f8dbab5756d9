// The keyword-spotting model with int8 weights and float activations, read, written to ONNX and run on the host.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { fileSource } from '../../../../src-main/base/source.ts'
import { classification } from '../../../../src-main/data/metrics.ts'
import { openDataset } from '../../../../src-main/data/open.ts'
import { writeOnnx } from '../../../../src-main/formats/onnx/write.ts'
import { readTflite } from '../../../../src-main/formats/tflite/read.ts'

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url))
const present = existsSync(shared)
if (!present) console.info(`skipped: there is no ${shared}`)

test.skipIf(!present).each([
  ['kws_ref_model_float32.tflite', 'drop', 901],
  ['kws_ref_model.tflite', 'fake', 902],
] as const)('%s (%s) is right on %i of 1000', async (name, quantization, right) => {
  const source = fileSource(`${shared}models/${name}`)
  const graph = readTflite(source)
  const session = await InferenceSession.create(writeOnnx(graph, { quantization }))
  source.close()
  const data = await openDataset(`${shared}data/kws/kws.npz`)
  const x = data.read([...Array(1000).keys()]).x!
  const results = await session.run({ [graph.inputs[0]!]: new Tensor('float32', x, [1000, 49, 10, 1]) })
  await session.release()
  const { top1 } = classification(results[graph.outputs[0]!]!.data as Float32Array, data.labels!, 12)
  // ONNX Runtime's own rounding differs between processors by a sample or two
  expect(Math.abs(Math.round(top1 * 1000) - right)).toBeLessThanOrEqual(2)
})
