// Between real numbers and the integers of a pack's inputs and outputs.
import { AppError } from '../../base/errors.ts'
import type { TwinPort } from '../../device/twin.ts'
import { type HostInputs, rowSize } from '../../engine/samples.ts'

/** q = round(x / scale) + zeroPoint, clamped to int8; halves round away from zero, as TFLite's quantize does. */
export function quantizeInto(
  out: Int8Array,
  values: ArrayLike<number>,
  { scale, zeroPoint }: Pick<TwinPort, 'scale' | 'zeroPoint'>,
) {
  for (let i = 0; i < out.length; i++) {
    const ratio = values[i]! / scale
    const rounded = Math.sign(ratio) * Math.round(Math.abs(ratio))
    out[i] = Math.max(-128, Math.min(127, rounded + zeroPoint))
  }
}

export function dequantizeInto(
  out: Float32Array,
  at: number,
  values: Int8Array,
  { scale, zeroPoint }: Pick<TwinPort, 'scale' | 'zeroPoint'>,
) {
  for (let i = 0; i < values.length; i++) out[at + i] = (values[i]! - zeroPoint) * scale
}

/** Sample `index` of a batch as the integers of each input port. */
export function quantizeSample(ports: readonly TwinPort[], inputs: HostInputs, index: number): Int8Array[] {
  return ports.map((port) => {
    const input = inputs[port.name]
    if (!input)
      throw new AppError('data.shape', { found: Object.keys(inputs).join(', '), expected: `input ${port.name}` })
    if (rowSize(input) !== port.bytes)
      throw new AppError('data.shape', { found: input.shape.slice(1).join(' x '), expected: port.shape.join(' x ') })
    const ints = new Int8Array(port.bytes)
    quantizeInto(ints, input.data.subarray(index * port.bytes, (index + 1) * port.bytes) as ArrayLike<number>, port)
    return ints
  })
}
