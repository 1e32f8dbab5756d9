// The lossless float codec on the float models beside the project: bytes, ratio, and speed on one thread in WebAssembly.
// Run: node test/bench/floats.ts [--rounds N] [--large BYTES]. --large also encodes and decodes a made file of that size on the
// command line, and says what memory that takes.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { equalBytes } from '../../src-main/base/bytes.ts'
import { memorySource } from '../../src-main/base/source.ts'
import { decodeFloats, decodeFloatsInPlace, encodeFloats } from '../../src-main/codecs/float/float.ts'
import { decodeModel } from '../../src-main/formats/onnx/decode.ts'
import { hasShared, sharedModel } from '../support/shared.ts'
import { measureLargeFile } from './large-file.ts'

/** Bytes that brotli -q11 needs for all float tensors after byte-plane splitting: shared/rivals.md, A.1. */
const brotliBytes = {
  'lenet-300-100': 892865,
  'lenet-5': 1437579,
  'resnet8-cifar10': 263945,
  'mobilenetv2-cifar10': 1196272,
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, large: { type: 'string' } },
})
const rounds = Number(values.rounds)

interface Tensor {
  readonly bytes: Uint8Array
  readonly cols: number
}

function floatTensors(name: string): Tensor[] {
  const { graph } = decodeModel(memorySource(name, readFileSync(sharedModel(`${name}.onnx`))))
  return (graph?.initializer ?? []).flatMap(({ dataType, rawData, dims }) => {
    if (dataType !== 1 || !rawData) return []
    const bytes = rawData.source.read(rawData.offset, rawData.length)
    return [{ bytes, cols: dims.length > 1 ? bytes.length / 4 / dims[0]! : bytes.length / 4 }]
  })
}

/** What is timed at once: the clock of a thread's processor time ticks in milliseconds. */
const bytesPerRound = 40e6

/** Seconds of this thread's processor time a run, for each round, ascending: other work on the machine is not in it. */
function timed(bytes: number, run: () => void): number[] {
  const repeats = Math.ceil(bytesPerRound / bytes)
  const seconds = Array.from({ length: rounds }, () => {
    const start = process.threadCpuUsage()
    for (let i = 0; i < repeats; i++) run()
    const { user, system } = process.threadCpuUsage(start)
    return (user + system) / 1e6 / repeats
  })
  return seconds.sort((a, b) => a - b)
}

function bench(name: keyof typeof brotliBytes) {
  const tensors = floatTensors(name)
  const original = tensors.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const streams = tensors.map(({ bytes, cols }) => encodeFloats('f32', bytes, cols))
  const coded = streams.reduce((sum, stream, i) => sum + (stream?.length ?? tensors[i]!.bytes.length), 0)
  const exact = streams.every(
    (stream, i) => stream === null || equalBytes(decodeFloats(stream, tensors[i]!.bytes.length), tensors[i]!.bytes),
  )
  const encode = timed(original, () => {
    for (const { bytes, cols } of tensors) encodeFloats('f32', bytes, cols)
  })
  const decode = timed(original, () => {
    streams.forEach((stream, i) => {
      if (stream) decodeFloatsInPlace(stream, tensors[i]!.bytes.length)
    })
  })
  const rate = (seconds: number) => (original / 1e6 / seconds).toFixed(0)
  const speed = (seconds: number[]) =>
    `${rate(seconds[seconds.length >> 1]!)} (${rate(seconds.at(-1)!)} to ${rate(seconds[0]!)})`
  const rival = brotliBytes[name]
  console.log(
    [
      name.padEnd(20),
      `${original} -> ${coded} bytes, ratio ${(original / coded).toFixed(4)}`,
      `brotli ${rival} (${(original / rival).toFixed(4)}), ours ${((100 * coded) / rival - 100).toFixed(2)} %`,
      `decode ${speed(decode)} MB/s, encode ${speed(encode)} MB/s`,
      exact ? 'bit-exact' : 'NOT bit-exact',
    ].join(' | '),
  )
  if (!exact || coded > rival) process.exitCode = 1
}

if (hasShared) for (const name of Object.keys(brotliBytes) as (keyof typeof brotliBytes)[]) bench(name)
else console.log('The models beside the project are not here: nothing to measure.')
if (values.large) await measureLargeFile('onnx', Number(values.large))
