// The tensors that the decoder bench runs on, and the bytes that carry them to the board.
import { existsSync } from 'node:fs'
import { crc32 } from '../../src-main/base/crc32.ts'
import { type Codec, type Coded, codecs, type IntTensor } from '../../src-main/codecs/registry.ts'
import { readNpz } from '../../src-main/data/npz.ts'
import { weightStatistics } from '../../src-main/targets/packer/statistics.ts'
import { sharedData } from '../support/shared.ts'

/** A set of ../shared/data/codec. Convolutions are stored as on the device, input channels innermost. */
interface TensorSet {
  readonly name: string
  readonly file: string
  /** The file has them so already. */
  readonly channelsLast?: boolean
  /** Made of the file's tensor. */
  readonly map?: (value: number) => number
}

const sets: readonly TensorSet[] = [
  { name: 'resnet8-int8', file: 'resnet8-int8' },
  { name: 'kws-int8', file: 'kws-int8', channelsLast: true },
  { name: 'resnet8-int4', file: 'resnet8-int4' },
  { name: 'resnet8-ternary', file: 'resnet8-ternary' },
  { name: 'resnet8 signs', file: 'resnet8-int8', map: (value) => (value < 0 ? -1 : 1) },
  { name: 'lenet-300-100-p8.2-int8', file: 'lenet-300-100-p8.2-int8' },
  { name: 'lenet-300-100-p8.2-L9', file: 'lenet-300-100-p8.2-L9' },
  { name: 'lenet-300-100-p2.6-L17', file: 'lenet-300-100-p2.6-L17' },
]

/** As much of a set's largest tensor as fits the micro:bit's slot under every codec. */
const mostElements = 19_000

export interface DecodeCase {
  readonly set: string
  readonly codec: Codec
  readonly coded: Coded
  readonly zeros: number
  /** Zero-order, bits a weight. */
  readonly entropyBits: number
  readonly elements: number
  /** Of the elements. */
  readonly crc: number
}

/** Cases by set; null when the data is not there. */
export async function decodeCases(): Promise<Map<string, DecodeCase[]> | null> {
  if (!existsSync(sharedData('codec'))) return null
  const cases = new Map<string, DecodeCase[]>()
  for (const set of sets) cases.set(set.name, casesOf(set.name, await readTensor(set)))
  return cases
}

function casesOf(set: string, tensor: IntTensor): DecodeCase[] {
  const { data } = tensor
  const zeros = data.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)
  const crc = crc32(new Uint8Array(data.buffer, data.byteOffset, data.length))
  const { entropyBits } = weightStatistics(data)
  return codecs
    .filter((codec) => codec.accepts(tensor) === true)
    .map((codec) => ({ set, codec, coded: codec.encode(tensor), zeros, entropyBits, elements: data.length, crc }))
}

async function readTensor({ file, channelsLast, map = (value) => value }: TensorSet): Promise<IntTensor> {
  const arrays = [...(await readNpz(sharedData(`codec/${file}.npz`))).values()].filter(
    (array) => array.dtype !== 'text',
  )
  const largest = arrays.reduce((best, array) => (sizeOf(array.shape) > sizeOf(best.shape) ? array : best))
  const [outputs = 1, ...rest] = largest.shape
  const rowElements = sizeOf(rest)
  const rows = Math.min(outputs, Math.floor(mostElements / rowElements))
  const values = Int8Array.from({ length: rows * rowElements }, (_, i) => map(Number(largest.data[i])))
  const convolution = rest.length === 3
  if (!convolution) return { data: values, rows, rowElements, inner: rowElements }
  if (channelsLast) return { data: values, rows, rowElements, inner: rest[2]! }
  return { data: channelsToEnd(values, rest[0]!), rows, rowElements, inner: rest[0]! }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1)

/** [O, I, kh, kw] to [O, kh, kw, I]. */
function channelsToEnd(values: Int8Array, channels: number): Int8Array {
  const row = 9 * channels
  return values.map((_, i) => {
    const [at, place, channel] = [i - (i % row), Math.floor((i % row) / channels), i % channels]
    return values[at + channel * 9 + place]!
  })
}

const fields = 8
const padded = (bytes: number) => Math.ceil(bytes / 4) * 4

/** As resources/bench-firmware/bench.c reads them. */
export function caseBlock(cases: readonly DecodeCase[]): Uint8Array {
  const bytesOf = ({ coded }: DecodeCase) => 4 * fields + padded(coded.table.length) + padded(coded.payload.length)
  const block = new Uint8Array(cases.reduce((sum, each) => sum + bytesOf(each), 8))
  const view = new DataView(block.buffer)
  block.set(new TextEncoder().encode('BENC'))
  view.setUint32(4, cases.length, true)
  let at = 8
  for (const each of cases) {
    const { codec, coded } = each
    const { rows, rowElements, inner, table, payload } = coded
    const words = [codec.id, rows, rowElements, inner, table.length, payload.length, 0, 0]
    for (const [i, word] of words.entries()) view.setUint32(at + 4 * i, word, true)
    block.set(table, at + 4 * fields)
    block.set(payload, at + 4 * fields + padded(table.length))
    at += bytesOf(each)
  }
  return block
}
