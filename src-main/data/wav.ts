// RIFF WAVE files: whole numbers of 8 to 32 bits and real numbers, any number of channels, mixed to one by their mean.
// Format: IBM and Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991); WAVE_FORMAT_EXTENSIBLE
// carries the same code in the first two bytes of its sub-format.
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { ByteSource } from '../base/source.ts'

export interface WavInfo {
  /** Hz. */
  readonly rate: number
  readonly channels: number
  /** Values of one channel. */
  readonly frames: number
  readonly bits: number
  readonly encoding: 'pcm' | 'float'
  readonly dataAt: number
}

/** A longer header is no sound. */
const mostChunks = 1024

export function wavInfo(path: string, source: ByteSource): WavInfo {
  const head = source.read(0, Math.min(12, source.size))
  if (head.byteLength < 12 || ascii(head, 0) !== 'RIFF' || ascii(head, 8) !== 'WAVE') fail(path, say`it is no WAV file`)
  let format: Omit<WavInfo, 'frames' | 'dataAt'> | null = null
  for (let at = 12, chunk = 0; at + 8 <= source.size && chunk < mostChunks; chunk++) {
    const bytes = source.read(at, 8)
    const declared = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
    const left = source.size - at - 8
    if (ascii(bytes, 0) === 'fmt ') format = readFormat(path, source.read(at + 8, Math.min(declared, left, 40)))
    if (ascii(bytes, 0) === 'data') {
      if (!format) return fail(path, say`its samples come before their format`)
      return { ...format, frames: framesOf(path, format, declared, left), dataAt: at + 8 }
    }
    at += 8 + declared + (declared % 2)
  }
  return fail(path, format ? say`it holds no samples` : say`it names no format`)
}

/** Values from -1 to 1, one channel. */
export function decodeWav(path: string, source: ByteSource): { readonly info: WavInfo; readonly data: Float32Array } {
  const info = wavInfo(path, source)
  const { channels, frames, bits } = info
  const bytes = source.read(info.dataAt, frames * channels * (bits / 8))
  const at = reader(info, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const data = new Float32Array(frames)
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += at(frame * channels + channel)
    data[frame] = sum / channels
  }
  return { info, data }
}

function readFormat(path: string, bytes: Uint8Array): Omit<WavInfo, 'frames' | 'dataAt'> {
  if (bytes.byteLength < 16) return fail(path, say`its format ends too early`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stated = view.getUint16(0, true)
  const code = stated === 0xfffe && bytes.byteLength >= 26 ? view.getUint16(24, true) : stated
  const [channels, rate, bits] = [view.getUint16(2, true), view.getUint32(4, true), view.getUint16(14, true)]
  if (code !== 1 && code !== 3) fail(path, say`its samples are compressed (format ${code})`)
  const encoding = code === 1 ? 'pcm' : 'float'
  const known = encoding === 'pcm' ? [8, 16, 24, 32] : [32, 64]
  if (!known.includes(bits)) fail(path, say`samples of ${bits} bits are not read`)
  if (channels < 1 || channels > 64) fail(path, say`it has ${channels} channels`)
  if (rate < 100 || rate > 384_000) fail(path, say`its rate is ${rate} Hz`)
  return { rate, channels, bits, encoding }
}

function framesOf(path: string, format: { channels: number; bits: number }, declared: number, left: number): number {
  const frameBytes = format.channels * (format.bits / 8)
  // A stream that was written without knowing its end declares nothing, or all ones.
  const open = declared === 0 || declared === 0xffffffff
  if (!open && declared > left)
    fail(path, say`it ends early: ${declared} bytes of sound are declared, ${left} are there`)
  const frames = Math.floor((open ? left : declared) / frameBytes)
  return frames > 0 ? frames : fail(path, say`it holds no sound`)
}

function reader({ bits, encoding }: WavInfo, view: DataView): (i: number) => number {
  if (encoding === 'float')
    return bits === 32 ? (i) => finite(view.getFloat32(i * 4, true)) : (i) => finite(view.getFloat64(i * 8, true))
  if (bits === 8) return (i) => (view.getUint8(i) - 128) / 128
  if (bits === 16) return (i) => view.getInt16(i * 2, true) / 32_768
  if (bits === 24) return (i) => ((view.getInt8(i * 3 + 2) << 16) | view.getUint16(i * 3, true)) / 8_388_608
  return (i) => view.getInt32(i * 4, true) / 2_147_483_648
}

/** A damaged float must not make a whole recording worthless. */
const finite = (value: number) => (Number.isFinite(value) ? value : 0)

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

function fail(path: string, problem: Note): never {
  throw new AppError('data.malformed', { path, problem })
}
