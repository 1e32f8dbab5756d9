// Real numbers to integers and back for constants, lazily: nothing is computed before the elements are read.
import { roundHalfEven } from '../base/round.ts'
import { dtypes } from './dtype.ts'
import type { Quantization } from './graph.ts'
import { readFloats, readNumbers, type Tensor } from './tensor.ts'

/** Index of the scale for each element of a tensor: along `axis`, in blocks, or always 0. */
export function scaleIndex(
  shape: readonly number[],
  { axis, blockSize }: Pick<Quantization, 'axis' | 'blockSize'>,
): (element: number) => number {
  if (axis === null) return () => 0
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1)
  const size = shape[axis] ?? 1
  if (blockSize === undefined) return (element) => Math.floor(element / inner) % size
  const blocks = Math.ceil(size / blockSize)
  return (element) => {
    const along = Math.floor(element / inner)
    const outer = Math.floor(along / size)
    return (outer * blocks + Math.floor((along % size) / blockSize)) * inner + (element % inner)
  }
}

/** clamp(round(x / scale) + zero point), ties to even, division in float32: what QuantizeLinear does. */
export function quantizeTensor(t: Tensor, quant: Quantization): Tensor {
  const channel = scaleIndex(t.shape, quant)
  const read = () => {
    const result = new dtypes[quant.dtype].array(readFloats(t).length)
    readFloats(t).forEach((x, i) => {
      const c = channel(i)
      const q = roundHalfEven(Math.fround(x / quant.scale[c]!)) + quant.zeroPoint[c]!
      result[i] = Math.min(Math.max(q, quant.min), quant.max)
    })
    return result
  }
  return { dtype: quant.dtype, shape: t.shape, read }
}

/** (q - zero point) * scale in float32. */
export function dequantizeTensor(t: Tensor, quant: Quantization): Tensor {
  const channel = scaleIndex(t.shape, quant)
  const read = () =>
    Float32Array.from(readNumbers(t), (q, i) => {
      const c = channel(i)
      return Math.fround(q - quant.zeroPoint[c]!) * quant.scale[c]!
    })
  return { dtype: 'f32', shape: t.shape, read }
}
