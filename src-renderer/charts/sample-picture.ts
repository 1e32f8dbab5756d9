// How one sample is drawn: a picture (grey or RGB) or lines (one a channel), from nothing but its shape.

export type SampleView =
  | {
      readonly kind: 'image'
      readonly width: number
      readonly height: number
      readonly rgba: Uint8ClampedArray<ArrayBuffer>
    }
  | { readonly kind: 'lines'; readonly channels: readonly (readonly number[])[] }

const mostLines = 8

export function viewSample(shape: readonly number[], values: readonly number[]): SampleView {
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
