// A multilayer perceptron of any size that the importer takes whole: Gemm and Relu in turn, weights seeded and normal.
import { closeSync, openSync, writeSync } from 'node:fs'
import { ByteWriter } from '../../src-main/base/bytes.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { putVarint } from '../../src-main/formats/container/varint.ts'

const width = 1024
const layerBytes = 4 * width * width

/** A field of wire type 2. */
function field(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = putVarint(putVarint(new ByteWriter(), number * 8 + 2), length)
  for (const part of parts) out.raw(part)
  return out.finish()
}
const text = (number: number, value: string) => field(number, new TextEncoder().encode(value))
const varint = (number: number, value: number) => putVarint(putVarint(new ByteWriter(), number * 8), value).finish()

/** ValueInfoProto of float32 [1, width]. */
function portOf(number: number, name: string): Uint8Array {
  const dimension = (size: number) => field(1, varint(1, size))
  const tensor = field(1, varint(1, 1), field(2, dimension(1), dimension(width)))
  return field(number, text(1, name), field(2, tensor))
}

const node = (op: string, name: string, inputs: readonly string[], output: string) =>
  field(1, ...inputs.map((input) => text(1, input)), text(2, output), text(3, name), text(4, op))

export function makeLargeModel(path: string, bytes: number) {
  const layers = Math.ceil(bytes / layerBytes)
  const random = seededRandom(1)
  const values = Float32Array.from({ length: width * width }, () => 0.03 * random.normal())
  const parts: Uint8Array[] = []
  for (let n = 0; n < layers; n++) {
    parts.push(node('Gemm', `gemm${n}`, [`x${n}`, `w${n}`], `g${n}`), node('Relu', `relu${n}`, [`g${n}`], `x${n + 1}`))
    // Different weights for each layer, from one set of random numbers.
    values.copyWithin(0, 1)
    const raw = new Uint8Array(values.slice().buffer)
    parts.push(field(5, varint(1, width), varint(1, width), varint(2, 1), text(8, `w${n}`), field(9, raw)))
  }
  const graph = field(7, ...parts, text(2, 'large'), portOf(11, 'x0'), portOf(12, `x${layers}`))
  const file = openSync(path, 'w')
  try {
    writeSync(file, Buffer.concat([varint(1, 8), field(8, varint(2, 13)), graph]))
  } finally {
    closeSync(file)
  }
}
