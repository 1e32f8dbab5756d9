// How one sample is drawn: a picture (grey or RGB), a spectrogram or lines (one a channel), from nothing but its shape, or as
// the user wants it.

export type SampleView =
  | {
      readonly kind: 'image'
      readonly width: number
      readonly height: number
      readonly rgba: Uint8ClampedArray<ArrayBuffer>
    }
  | { readonly kind: 'lines'; readonly channels: readonly (readonly number[])[] }

/** `frames`: a spectrogram whose rows are known to be moments. */
export type SampleForm = 'auto' | 'picture' | 'waveform' | 'spectrogram' | 'frames'

const mostLines = 8

export function viewSample(shape: readonly number[], values: readonly number[], form: SampleForm = 'auto'): SampleView {
  const flat = shape.filter((dim) => dim !== 1)
  if (form === 'frames' && flat.length === 2) return spectrogram(flat[0]!, flat[1]!, values, true)
  if (form === 'spectrogram' && flat.length === 2) return spectrogram(flat[0]!, flat[1]!, values)
  if (form === 'waveform') return waveform(flat, values)
  if (form === 'auto' && isSpectrogram(flat)) return spectrogram(flat[0]!, flat[1]!, values)
  const dims = shape.length > 1 && shape[0] === 1 ? shape.slice(1) : [...shape]
  if (dims.length === 3) {
    const [a, b, c] = dims as [number, number, number]
    if (c === 1 || c === 3) return image(a, b, c, (y, x, k) => values[(y * b + x) * c + k]!, values)
    if (a === 1 || a === 3) return image(b, c, a, (y, x, k) => values[(k * b + y) * c + x]!, values)
  }
  if (dims.length === 2) {
    const [rows, columns] = dims as [number, number]
    if (rows <= mostLines) return { kind: 'lines', channels: rowsOf(rows, columns, (r, i) => values[r * columns + i]!) }
    if (columns <= mostLines) {
      return { kind: 'lines', channels: rowsOf(columns, rows, (r, i) => values[i * columns + r]!) }
    }
    return image(rows, columns, 1, (y, x) => values[y * columns + x]!, values)
  }
  return { kind: 'lines', channels: [values] }
}

/** Time and frequency are of different lengths; pictures of one channel are square or nearly so. */
function isSpectrogram(dims: readonly number[]): boolean {
  const [rows = 0, columns = 0] = dims
  return (
    dims.length === 2 && Math.min(rows, columns) > mostLines && Math.max(rows, columns) >= 1.5 * Math.min(rows, columns)
  )
}

/** Time, when nothing is known the longer side, to the right; the lowest frequency at the bottom. */
function spectrogram(
  rows: number,
  columns: number,
  values: readonly number[],
  timeFirst = rows >= columns,
): SampleView {
  const [width, height] = timeFirst ? [rows, columns] : [columns, rows]
  const [low, high] = extent(values)
  const rgba = new Uint8ClampedArray(width * height * 4)
  for (let x = 0; x < width; x++) {
    for (let f = 0; f < height; f++) {
      const value = values[timeFirst ? x * columns + f : f * columns + x]!
      const to = ((height - 1 - f) * width + x) * 4
      rgba.set(heat(high > low ? (value - low) / (high - low) : 0), to)
    }
  }
  return { kind: 'image', width, height, rgba }
}

/** Dark violet over orange to light yellow: lightness grows with the value, so it reads in grey as well. */
const heatStops = [
  [18, 10, 48],
  [96, 24, 110],
  [188, 55, 84],
  [246, 130, 40],
  [252, 240, 170],
] as const

function heat(share: number): [number, number, number, number] {
  const at = Math.min(0.9999, Math.max(0, share)) * (heatStops.length - 1)
  const [from, to] = [heatStops[Math.floor(at)]!, heatStops[Math.floor(at) + 1]!]
  const part = at - Math.floor(at)
  const mix = (k: 0 | 1 | 2) => from[k] + (to[k] - from[k]) * part
  return [mix(0), mix(1), mix(2), 255]
}

/** The shorter side are the channels, as many as can be told apart. */
function waveform(dims: readonly number[], values: readonly number[]): SampleView {
  const [rows = 1, columns = 1] = dims.length === 2 ? dims : [1, values.length]
  const at = (r: number, i: number) => values[rows <= columns ? r * columns + i : i * columns + r]!
  const [channels, length] = rows <= columns ? [rows, columns] : [columns, rows]
  return { kind: 'lines', channels: rowsOf(Math.min(mostLines, channels), length, at) }
}

function image(
  height: number,
  width: number,
  channels: number,
  at: (y: number, x: number, channel: number) => number,
  values: readonly number[],
): SampleView {
  const [low, high] = extent(values)
  const scale = high > low ? 255 / (high - low) : 0
  const rgba = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4
      for (let k = 0; k < 3; k++) rgba[to + k] = (at(y, x, channels === 3 ? k : 0) - low) * scale
      rgba[to + 3] = 255
    }
  }
  return { kind: 'image', width, height, rgba }
}

/** `points` attributes of one polyline a channel, all on the same scale, inside width × height. */
export function linePoints(channels: readonly (readonly number[])[], width: number, height: number): string[] {
  const [low, high] = extent(channels.flat())
  const span = high > low ? high - low : 1
  return channels.map((channel) => {
    const step = channel.length > 1 ? width / (channel.length - 1) : 0
    return channel
      .map((value, i) => `${(i * step).toFixed(1)},${(height - ((value - low) / span) * height).toFixed(1)}`)
      .join(' ')
  })
}

function rowsOf(rows: number, length: number, at: (row: number, index: number) => number): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from({ length }, (__, index) => at(row, index)))
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return values.length === 0 ? [0, 1] : [low, high]
}
