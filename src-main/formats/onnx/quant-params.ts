// Scale and zero point as QuantizeLinear, DequantizeLinear and the QLinear operators give them.
import type { DType } from '../../ir/dtype.ts'
import type { Graph, Quantization } from '../../ir/graph.ts'
import { elementsOf, readFloats, readNumbers } from '../../ir/tensor.ts'
import { integerRange } from '../../ir/verify.ts'

const quantTypes = ['i8', 'u8', 'i16', 'i32'] as const

/** More scales than any layer has channels: a file that says so is not read into lists. */
const maxChannels = 1 << 20

/** null when scale and zero point are not constants, or not such as Value.quant can hold. */
export function quantParams(
  graph: Graph,
  scaleName: string,
  zeroName: string,
  dtype: DType,
  axis: number | null,
): Quantization | null {
  const scaleTensor = graph.constants.get(scaleName)
  const zeroTensor = zeroName === '' ? null : graph.constants.get(zeroName)
  const type = quantTypes.find((t) => t === dtype)
  if (!scaleTensor || zeroTensor === undefined || !type || elementsOf(scaleTensor.shape) > maxChannels) return null
  const scale = [...readFloats(scaleTensor)]
  const zeroPoint = zeroTensor ? readNumbers(zeroTensor) : scale.map(() => 0)
  const quant = quantization(type, scale, zeroPoint, axis)
  return quant && zeroTensor?.storedBits ? narrowed(quant, zeroTensor.storedBits) : quant
}

/** Zero points have the type of the integers, and with it their limits. */
function narrowed(quant: Quantization, bits: number): Quantization {
  const [min, max] = quant.dtype === 'u8' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  return { ...quant, bits, min, max }
}

export function quantization(
  dtype: Quantization['dtype'],
  scale: readonly number[],
  zeroPoint: readonly number[],
  axis: number | null,
): Quantization | null {
  const sound = scale.length > 0 && scale.length === zeroPoint.length && scale.every((s) => s > 0 && Number.isFinite(s))
  const perAxis = scale.length > 1
  if (!sound || (perAxis && axis === null)) return null
  const [min, max] = integerRange(dtype)
  const bits = { i8: 8, u8: 8, i16: 16, i32: 32 }[dtype]
  return { dtype, bits, min, max, scale, zeroPoint, axis: perAxis ? axis : null }
}

/** Bias of an integer product: zero point 0, scale the product of the operands' (float32, as runtimes compute it). */
export function biasQuantization(input: Quantization, weights: Quantization, factor: number): Quantization | null {
  if (input.scale.length !== 1) return null
  const scale = weights.scale.map((s) => Math.fround(Math.fround(factor * input.scale[0]!) * s))
  return quantization(
    'i32',
    scale,
    scale.map(() => 0),
    0,
  )
}

/** Text that is equal for equal quantisations. */
export const quantKey = (quant: Quantization) =>
  JSON.stringify([quant.dtype, quant.scale, quant.zeroPoint, quant.axis, quant.blockSize])
