// The MLPerf Tiny image-classification model: imported int8 against its float original, on CIFAR-10 images.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { fileSource } from '../../src-main/base/source.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { openHostModel } from '../../src-main/engine/host-model.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { readTflite } from '../../src-main/formats/tflite/read.ts'
import { ramNeeded } from '../../src-main/targets/fit.ts'
import { lower } from '../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'

const path = (name: string) => fileURLToPath(new URL(`../../../shared/${name}`, import.meta.url))
const zeros = '0'.repeat(64)
const origin = { modelName: 'resnet', modelSha256: zeros, recipeSha256: zeros, dataSha256: zeros, producer: 'test' }
const images = 300
const pixels = 32 * 32 * 3

/** Elements of an npy file of version 1. */
const npyBytes = (file: Uint8Array) => file.subarray(10 + file[8]! + file[9]! * 256)
const best = (scores: ArrayLike<number>) => Array.from(scores).indexOf(Math.max(...Array.from(scores)))

const present = existsSync(path('models/pretrainedResnet_quant.tflite'))
if (!present) console.info(`skipped: there is no ${path('models')}`)

test.skipIf(!present)(
  'the int8 ResNet-8 in the twin is as good as the float one on the host',
  async () => {
    const plan = planMemory(lower(readTflite(fileSource(path('models/pretrainedResnet_quant.tflite')))))
    using twin = await openTwin(writeShoe(plan, origin))
    const floatGraph = readTflite(fileSource(path('models/pretrainedResnet.tflite')))
    await using host = await openHostModel(floatGraph)
    const files = unzipSync(readFileSync(path('data/cifar10/test-even.npz')))
    const x = npyBytes(files['x.npy']!).subarray(0, images * pixels)
    const y = npyBytes(files['y.npy']!)
    const [device] = twin.runBatch([Int8Array.from(x, (pixel) => pixel - 128)], images)
    const right = { device: 0, original: 0, same: 0 }
    for (let i = 0; i < images; i++) {
      const image = Float32Array.from(x.subarray(i * pixels, (i + 1) * pixels))
      const outputs = await host.run({ [floatGraph.inputs[0]!]: { data: image, shape: [1, 32, 32, 3] } })
      const original = best(Object.values(outputs)[0]!.data)
      const int8 = best(device!.subarray(i * 10, (i + 1) * 10))
      right.device += Number(int8 === y[i])
      right.original += Number(original === y[i])
      right.same += Number(int8 === original)
    }
    expect(right.same / images).toBeGreaterThan(0.9)
    expect(right.original - right.device).toBeLessThanOrEqual(images * 0.03)
    // TFLite Micro takes 54,996 bytes for it, its own bookkeeping included.
    expect(ramNeeded(plan)).toBeLessThanOrEqual(54996)
  },
  60_000,
)
