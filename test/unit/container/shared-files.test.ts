// The reference models and data sets beside the project come back bit for bit, in fewer bytes than their floats took in brotli.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256 } from '../../../src-main/base/hash.ts'
import { memorySource } from '../../../src-main/base/source.ts'
import { decodeContainer } from '../../../src-main/formats/container/decode.ts'
import { encodeContainer } from '../../../src-main/formats/container/encode.ts'
import { hasShared, sharedData, sharedModel } from '../../support/shared.ts'

const listed = (folder: string, pattern: RegExp) =>
  hasShared
    ? readdirSync(folder)
        .filter((name) => pattern.test(name))
        .map((name) => ({ name, path: `${folder}/${name}` }))
    : []
const files = [
  ...listed(sharedModel('.'), /\.(onnx|tflite)$/),
  ...listed(sharedData('codec'), /\.npz$/),
  ...listed(sharedData('kws'), /\.npz$/),
]

/** What brotli -q11 needs for the float tensors alone, as byte planes, plus the bytes of the files that are no floats. */
const ceilings: Readonly<Record<string, number>> = {
  'lenet-300-100.onnx': 892865,
  'lenet-5.onnx': 1437579,
  'resnet8-cifar10.onnx': 263945,
  'mobilenetv2-cifar10.onnx': 1196272,
}

if (!hasShared) console.log('The models beside the project are not here: their round trip is not tested.')

test.skipIf(!hasShared)('there are models and data sets to test with', () => {
  expect(files.length).toBeGreaterThan(20)
})

test.each(files)('$name', async ({ name, path }) => {
  const original = readFileSync(path)
  const container: Uint8Array[] = []
  const events = { progress: () => undefined }
  const done = await encodeContainer(
    memorySource(name, original),
    (p) => void container.push(new Uint8Array(p)),
    events,
  )
  const back: Uint8Array[] = []
  const bytes = Buffer.concat(container)
  await decodeContainer(memorySource(name, bytes), (p) => void back.push(new Uint8Array(p)), events)
  const hash = sha256(original)
  expect({ hash: sha256(...back), said: done.sha256, bytes: bytes.length }).toEqual({
    hash,
    said: hash,
    bytes: done.encodedBytes,
  })
  expect(bytes.length).toBeLessThan(ceilings[name] ?? original.length)
})
