// Slow and obvious NHWC arithmetic, as TFLite defines its float operators. The oracle for the converted graphs.

export interface Nhwc {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export const at = (t: Nhwc, ...index: number[]) => t.data[index.reduce((offset, v, d) => offset * t.shape[d]! + v, 0)]!

export interface WindowSpec {
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly dilation: readonly [number, number]
  readonly same: boolean
}

export function outputSize(size: number, kernel: number, stride: number, dilation: number, same: boolean) {
  const span = (kernel - 1) * dilation + 1
  return same ? Math.ceil(size / stride) : Math.floor((size - span) / stride) + 1
}

/** Elements before the image that a SAME window starts in. */
export function padBefore(size: number, kernel: number, stride: number, dilation: number, same: boolean) {
  const span = (kernel - 1) * dilation + 1
  return same ? Math.floor(Math.max(0, (Math.ceil(size / stride) - 1) * stride + span - size) / 2) : 0
}

/** Calls `visit` for each output place with the positions inside the image that its window covers. */
export function windows(
  x: Nhwc,
  w: WindowSpec,
  visit: (n: number, y: number, x: number, taps: { y: number; x: number; ky: number; kx: number }[]) => void,
) {
  const [n, height, width] = x.shape as [number, number, number]
  const [rows, columns] = [height, width].map((s, i) =>
    outputSize(s, w.kernel[i]!, w.stride[i]!, w.dilation[i]!, w.same),
  )
  const [top, left] = [height, width].map((s, i) => padBefore(s, w.kernel[i]!, w.stride[i]!, w.dilation[i]!, w.same))
  for (let b = 0; b < n; b++)
    for (let oy = 0; oy < rows!; oy++)
      for (let ox = 0; ox < columns!; ox++) {
        const taps = []
        for (let ky = 0; ky < w.kernel[0]; ky++)
          for (let kx = 0; kx < w.kernel[1]; kx++) {
            const [iy, ix] = [
              oy * w.stride[0] - top! + ky * w.dilation[0],
              ox * w.stride[1] - left! + kx * w.dilation[1],
            ]
            if (iy >= 0 && iy < height && ix >= 0 && ix < width) taps.push({ y: iy, x: ix, ky, kx })
          }
        visit(b, oy, ox, taps)
      }
}

/** Filter [O, kh, kw, I / groups]. */
export function conv(x: Nhwc, filter: Nhwc, bias: Nhwc, w: WindowSpec): number[] {
  const out: number[] = []
  const [outputs, , , perGroup] = filter.shape as [number, number, number, number]
  const perOutputGroup = outputs / (x.shape[3]! / perGroup)
  windows(x, w, (n, _y, _x, taps) => {
    for (let o = 0; o < outputs; o++) {
      let sum = bias.data[o]!
      const first = Math.floor(o / perOutputGroup) * perGroup
      for (const tap of taps)
        for (let i = 0; i < perGroup; i++) sum += at(x, n, tap.y, tap.x, first + i) * at(filter, o, tap.ky, tap.kx, i)
      out.push(sum)
    }
  })
  return out
}

/** Filter [1, kh, kw, C * multiplier]. */
export function depthwise(x: Nhwc, filter: Nhwc, bias: Nhwc, w: WindowSpec): number[] {
  const out: number[] = []
  const outputs = filter.shape[3]!
  const multiplier = outputs / x.shape[3]!
  windows(x, w, (n, _y, _x, taps) => {
    for (let o = 0; o < outputs; o++) {
      const terms = taps.map((t) => at(x, n, t.y, t.x, Math.floor(o / multiplier)) * at(filter, 0, t.ky, t.kx, o))
      out.push(terms.reduce((sum, v) => sum + v, bias.data[o]!))
    }
  })
  return out
}

export function pool(x: Nhwc, w: WindowSpec, join: (values: number[]) => number): number[] {
  const out: number[] = []
  windows(x, w, (n, _y, _x, taps) => {
    for (let c = 0; c < x.shape[3]!; c++) out.push(join(taps.map((tap) => at(x, n, tap.y, tap.x, c))))
  })
  return out
}

/** Each input element scatters the filter [O, kh, kw, I] into the output. */
export function transposeConv(
  x: Nhwc,
  filter: Nhwc,
  bias: Nhwc,
  outShape: readonly number[],
  stride: readonly [number, number],
  same: boolean,
): number[] {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const [, rows, columns, outputs] = outShape as [number, number, number, number]
  const [, kh, kw] = filter.shape as [number, number, number, number]
  const top = padBefore(rows, kh, stride[0], 1, same)
  const left = padBefore(columns, kw, stride[1], 1, same)
  const out = Array.from({ length: n * rows * columns * outputs }, (_, i) => bias.data[i % outputs]!)
  for (let b = 0; b < n; b++)
    for (let y = 0; y < height; y++)
      for (let c = 0; c < width; c++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [oy, ox] = [y * stride[0] - top + ky, c * stride[1] - left + kx]
            if (oy < 0 || oy >= rows || ox < 0 || ox >= columns) continue
            for (let o = 0; o < outputs; o++)
              for (let i = 0; i < channels; i++)
                out[((b * rows + oy) * columns + ox) * outputs + o]! += at(x, b, y, c, i) * at(filter, o, ky, kx, i)
          }
  return out
}

/** Maps each output index to an input value. */
export function gather(shape: readonly number[], from: (index: number[]) => number): number[] {
  const index = shape.map(() => 0)
  return Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => {
    const value = from([...index])
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0
    return value
  })
}
