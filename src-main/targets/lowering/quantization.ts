// Quantised values as the device holds them: int8 whatever the model's file used, every scale a float32.

import type { Quantization, Value } from '../../ir/graph.ts'
import { scaleIndex } from '../../ir/quantize.ts'
import { elementsOf, readNumbers, type Tensor } from '../../ir/tensor.ts'
import { clamp8, quantize, roundAway } from './fixed-point.ts'

/** Per-tensor int8: real = scale * (q - zeroPoint); integers stay within [min, max]. */
export interface Quant8 {
  readonly scale: number
  readonly zeroPoint: number
  readonly min: number
  readonly max: number
}

export const quant8 = (scale: number, zeroPoint: number): Quant8 => ({
  scale: Math.fround(scale),
  zeroPoint,
  min: -128,
  max: 127,
})

export const sameQuant = (a: Quant8, b: Quant8) => a.scale === b.scale && a.zeroPoint === b.zeroPoint

/** int8 form of an activation's quantisation, uint8 moved down by 128; null when it is not a sound 8 bits per tensor. */
export function activationQuant(quant: Quantization): Quant8 | null {
  if ((quant.dtype !== 'i8' && quant.dtype !== 'u8') || quant.scale.length !== 1) return null
  const shift = quant.dtype === 'u8' ? 128 : 0
  const scale = Math.fround(quant.scale[0]!)
  const zeroPoint = (quant.zeroPoint[0] ?? 0) - shift
  if (!isScale(scale) || zeroPoint !== clamp8(zeroPoint)) return null
  return { scale, zeroPoint, min: clamp8(quant.min - shift), max: clamp8(quant.max - shift) }
}

export const isScale = (scale: number) => scale > 0 && Number.isFinite(scale)

/** Of a constant operand that has none of its own: the whole range, zero included, as TFLite's asymmetric int8. */
export function constantQuant(values: readonly number[]): Quant8 {
  const low = Math.min(0, ...extremes(values, Math.min))
  const high = Math.max(0, ...extremes(values, Math.max))
  const scale = Math.fround((high - low) / 255)
  if (!(scale > 0)) return quant8(1, 0)
  return quant8(scale, clamp8(roundAway(-128 - low / scale)))
}

function extremes(values: readonly number[], pick: (a: number, b: number) => number): number[] {
  return values.length === 0 ? [] : [values.reduce((a, b) => pick(a, b))]
}

/** Elements of a constant as real numbers, whatever it is stored in. */
export function realNumbers(tensor: Tensor, value: Value | undefined): number[] {
  const stored = readNumbers(tensor)
  const quant = value?.quant
  if (!quant) return stored
  const channel = scaleIndex(tensor.shape, quant)
  return stored.map((q, i) => {
    const c = quant.scale.length === 1 ? 0 : channel(i)
    return (q - (quant.zeroPoint[c] ?? 0)) * Math.fround(quant.scale[c]!)
  })
}

/** Index along `axis` of the i-th element of a row-major tensor. */
export function channelOf(shape: readonly number[], axis: number | null): (i: number) => number {
  if (axis === null) return () => 0
  const inner = elementsOf(shape.slice(axis + 1))
  const size = shape[axis] ?? 1
  return (i) => Math.floor(i / inner) % size
}

export function quantizeAll(reals: readonly number[], quant: Quant8): Int8Array {
  return Int8Array.from(reals, (real) => quantize(real, quant.scale, quant.zeroPoint))
}
