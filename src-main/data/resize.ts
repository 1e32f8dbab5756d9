// Pictures brought to another size: bilinear with half-pixel centres, edges repeated, as ONNX's Resize and TensorFlow 2 do.

/** An image's sizes and the order of its channels; `flat` is no image. */
export interface Grid {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly layout: 'nchw' | 'nhwc' | 'flat'
}

export type ResizeMode = 'stretch' | 'fit' | 'crop'

/** Distance between neighbouring rows, columns and channels. */
export function strides({ height, width, channels, layout }: Grid): readonly [number, number, number] {
  return layout === 'nchw' ? [width, 1, height * width] : [width * channels, channels, 1]
}

/** Where a line of pixels of the result takes its two neighbours from; -1 is outside the picture. */
interface Tap {
  readonly low: number
  readonly high: number
  readonly part: number
}

export function resizeImage(
  values: ArrayLike<number>,
  from: Grid,
  to: Grid,
  mode: ResizeMode = 'stretch',
): Float32Array {
  const out = new Float32Array(to.height * to.width * to.channels)
  const [rowIn, columnIn, channelIn] = strides(from)
  const [rowOut, columnOut, channelOut] = strides(to)
  const { rows, columns } = placed(from, to, mode)
  for (const [y, row] of rows.entries()) {
    if (row.low < 0) continue
    for (const [x, col] of columns.entries()) {
      if (col.low < 0) continue
      const at = row.low * rowIn + col.low * columnIn
      const right = (col.high - col.low) * columnIn
      const down = (row.high - row.low) * rowIn
      for (let c = 0; c < to.channels; c++) {
        const i = at + c * channelIn
        const top = values[i]! * (1 - col.part) + values[i + right]! * col.part
        const bottom = values[i + down]! * (1 - col.part) + values[i + down + right]! * col.part
        out[y * rowOut + x * columnOut + c * channelOut] = top * (1 - row.part) + bottom * row.part
      }
    }
  }
  return out
}

function placed(from: Grid, to: Grid, mode: ResizeMode): { rows: Tap[]; columns: Tap[] } {
  const [tall, wide] = [to.height / from.height, to.width / from.width]
  const factor = mode === 'fit' ? Math.min(tall, wide) : Math.max(tall, wide)
  const along = (size: number, wanted: number) => {
    if (mode === 'stretch') return taps(size, wanted, size, wanted)
    const filled = Math.min(wanted, Math.max(1, Math.round(size * factor)))
    return taps(size, wanted, Math.min(size, wanted / factor), filled)
  }
  return { rows: along(from.height, to.height), columns: along(from.width, to.width) }
}

/**
 * @param span pixels of the source that are shown, from its middle
 * @param filled pixels of the result that show them; the others are bars on both sides
 */
function taps(from: number, to: number, span: number, filled: number): Tap[] {
  const bar = Math.floor((to - filled) / 2)
  const skipped = (from - span) / 2
  return Array.from({ length: to }, (_, i) => {
    if (i < bar || i >= bar + filled) return { low: -1, high: -1, part: 0 }
    const centre = Math.min(from - 1, Math.max(0, skipped + ((i - bar + 0.5) * span) / filled - 0.5))
    const low = Math.floor(centre)
    return { low, high: Math.min(from - 1, low + 1), part: centre - low }
  })
}
