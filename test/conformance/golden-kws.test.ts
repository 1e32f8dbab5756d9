// The MLPerf Tiny keyword-spotting model, imported as it is, must give exactly the integers of TensorFlow Lite Micro.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fileSource, memorySource } from '../../src-main/base/source.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { readOnnx } from '../../src-main/formats/onnx/read.ts'
import { writeOnnx } from '../../src-main/formats/onnx/write.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { readTflite } from '../../src-main/formats/tflite/read.ts'
import { lower } from '../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { Plan } from '../../src-main/targets/plan.ts'

const shared = new URL('../../../shared/', import.meta.url)
const path = (name: string) => fileURLToPath(new URL(name, shared))
const model = path('models/kws_ref_model.tflite')
const bytesOf = (name: string) => new Int8Array(readFileSync(path(`data/kws/${name}`)))
const zeros = '0'.repeat(64)
const origin = { modelName: 'kws', modelSha256: zeros, recipeSha256: zeros, dataSha256: zeros, producer: 'test' }

const present = existsSync(model)
if (!present) console.info(`skipped: there is no ${model}`)

/** How many of the 1000 outputs are the golden ones, byte for byte. */
async function goldenOutputs(plan: Plan): Promise<number> {
  using twin = await openTwin(writeShoe(plan, origin))
  const golden = bytesOf('golden_tflm_int8.bin')
  const [outputs] = twin.runBatch([bytesOf('inputs_int8.bin')], 1000)
  return Array.from({ length: 1000 }, (_, i) => i * 12).filter((at) =>
    golden.subarray(at, at + 12).every((value, k) => value === outputs![at + k]),
  ).length
}

test.skipIf(!present)('kws_ref_model.tflite gives the golden outputs of TFLite Micro, 1000 of 1000', async () => {
  const plan = planMemory(lower(readTflite(fileSource(model))))
  expect(await goldenOutputs(plan)).toBe(1000)
  // What TFLite Micro takes for the same model, its own bookkeeping included.
  expect(plan.arenaBytes).toBeLessThanOrEqual(22820)
})

test.skipIf(!present)('so does the same model written as ONNX with quantisation nodes and read again', async () => {
  const onnx = writeOnnx(readTflite(fileSource(model)), { quantization: 'fake' })
  const graph = readOnnx(memorySource('kws.onnx', onnx), () => null)
  expect(await goldenOutputs(planMemory(lower(graph)))).toBe(1000)
})
