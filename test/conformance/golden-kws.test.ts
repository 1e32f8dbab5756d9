// The MLPerf Tiny keyword-spotting model, imported as it is, must give exactly the integers of TensorFlow Lite Micro.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fileSource } from '../../src-main/base/source.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { readTflite } from '../../src-main/formats/tflite/read.ts'
import { lower } from '../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'

const shared = new URL('../../../shared/', import.meta.url)
const path = (name: string) => fileURLToPath(new URL(name, shared))
const model = path('models/kws_ref_model.tflite')
const bytesOf = (name: string) => new Int8Array(readFileSync(path(`data/kws/${name}`)))
const zeros = '0'.repeat(64)
const origin = { modelName: 'kws', modelSha256: zeros, recipeSha256: zeros, dataSha256: zeros, producer: 'test' }

const present = existsSync(model)
if (!present) console.info(`skipped: there is no ${model}`)

test.skipIf(!present)('kws_ref_model.tflite gives the golden outputs of TFLite Micro, 1000 of 1000', async () => {
  const plan = planMemory(lower(readTflite(fileSource(model))))
  using twin = await openTwin(writeShoe(plan, origin))
  const golden = bytesOf('golden_tflm_int8.bin')
  const [outputs] = twin.runBatch([bytesOf('inputs_int8.bin')], 1000)
  const equal = Array.from({ length: 1000 }, (_, i) => i).filter((i) =>
    golden.subarray(i * 12, i * 12 + 12).every((value, k) => value === outputs![i * 12 + k]),
  )
  expect(equal.length).toBe(1000)
  // What TFLite Micro takes for the same model, its own bookkeeping included.
  expect(plan.arenaBytes).toBeLessThanOrEqual(22820)
})
