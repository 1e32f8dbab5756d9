// im2col.
import type { Matrix, PatchShape } from '../kernels.ts'

/** Height and width of the output. */
export function outputSize({ height, width, kernel, strides, dilations, pads }: PatchShape): [number, number] {
  const size = (input: number, i: 0 | 1) =>
    Math.floor((input + pads[i] + pads[i + 2]! - (kernel[i] - 1) * dilations[i] - 1) / strides[i]) + 1
  return [Math.max(0, size(height, 0)), Math.max(0, size(width, 1))]
}

/** How many patches: the chosen positions, else all. */
export function patchCount(shape: PatchShape, positions: Uint32Array | null): number {
  const [outHeight, outWidth] = outputSize(shape)
  return positions?.length ?? shape.batch * outHeight * outWidth
}

export function patches(x: Float32Array, shape: PatchShape, positions: Uint32Array | null): Matrix {
  const [kernelHeight, kernelWidth] = shape.kernel
  const [rows, columns] = [patchCount(shape, positions), shape.channels * kernelHeight * kernelWidth]
  const data = new Float32Array(rows * columns)
  let to = 0
  for (let row = 0; row < rows; row++)
    for (let channel = 0; channel < shape.channels; channel++)
      for (let ky = 0; ky < kernelHeight; ky++)
        for (let kx = 0; kx < kernelWidth; kx++)
          data[to++] = element(x, shape, positions ? positions[row]! : row, channel, ky, kx)
  return { rows, columns, data }
}

function element(
  x: Float32Array,
  shape: PatchShape,
  position: number,
  channel: number,
  ky: number,
  kx: number,
): number {
  const { height, width, strides, dilations, pads } = shape
  const [outHeight, outWidth] = outputSize(shape)
  const sample = Math.floor(position / (outHeight * outWidth))
  const row = Math.floor(position / outWidth) % outHeight
  const y = row * strides[0] + ky * dilations[0] - pads[0]
  const c = (position % outWidth) * strides[1] + kx * dilations[1] - pads[1]
  if (y < 0 || y >= height || c < 0 || c >= width) return 0
  return x[((sample * shape.channels + channel) * height + y) * width + c]!
}
