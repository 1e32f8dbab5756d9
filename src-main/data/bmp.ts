// Windows bitmaps without compression (8, 24 and 32 bits), which the image library does not read.
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'

export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Rows from the top, channels together. */
  readonly data: Uint8Array
}

export const isBmp = (bytes: Uint8Array) => bytes[0] === 0x42 && bytes[1] === 0x4d

const maxSide = 32768

/** What `bmpSize` needs of a file. */
export const bmpHeadBytes = 54

/** Without its pixels; @param fileBytes of the whole file, in which they must fit */
export function bmpSize(path: string, head: Uint8Array, fileBytes: number) {
  const { width, height } = readHead(path, head, fileBytes)
  return { width, height }
}

function readHead(path: string, bytes: Uint8Array, fileBytes: number) {
  const fail = failing(path)
  if (bytes.byteLength < bmpHeadBytes) return fail(say`it ends within its header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const dataAt = view.getUint32(10, true)
  const headerBytes = view.getUint32(14, true)
  const width = view.getInt32(18, true)
  const rows = view.getInt32(22, true)
  const height = Math.abs(rows)
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  if (width < 1 || width > maxSide || height < 1 || height > maxSide) fail(say`it is ${width} by ${height} pixels`)
  // 3 = bit fields, which 32-bit files use for plain BGRA
  if (![8, 24, 32].includes(bits) || (compression !== 0 && !(compression === 3 && bits === 32)))
    fail(say`bitmaps of ${bits} bits with compression ${compression} are not read`)
  const stride = Math.ceil((width * bits) / 32) * 4
  if (dataAt + stride * height > fileBytes) fail(say`${width} by ${height} pixels do not fit in ${fileBytes} bytes`)
  return { width, height, bits, stride, dataAt, headerBytes, fromBottom: rows > 0 }
}

export function decodeBmp(path: string, bytes: Uint8Array): Pixels {
  const { width, height, bits, stride, dataAt, headerBytes, fromBottom } = readHead(path, bytes, bytes.byteLength)
  const paletteAt = 14 + headerBytes
  if (bits === 8 && paletteAt + 1024 > dataAt && paletteAt + 4 > dataAt) failing(path)(say`its palette is missing`)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const row = dataAt + stride * (fromBottom ? height - 1 - y : y)
    for (let x = 0; x < width; x++) {
      const at = bits === 8 ? paletteAt + 4 * bytes[row + x]! : row + (x * bits) / 8
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = bytes[at + 2 - c] ?? 0
    }
  }
  return { width, height, channels: 3, data }
}

const failing =
  (path: string) =>
  (problem: Note): never => {
    throw new AppError('data.malformed', { path, problem })
  }
