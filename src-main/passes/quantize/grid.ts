// int8 grids: real = scale * (q - zeroPoint), with every scale exactly a float32 and real zero exactly on the grid.
import type { Quantization } from '../../ir/graph.ts'

/** Real numbers a value takes, or is cut to. */
export interface Range {
  readonly low: number
  readonly high: number
}

/** Smaller scales have no use: a value that is always zero gets this one. */
const smallestScale = 2 ** -40
const scaleOfZero = 1 / 128

/** Activations: 256 steps over the range, zero included (Jacob et al. 2018, section 3.1, nudged zero point). */
export function affineGrid(range: Range): Quantization {
  const low = Math.min(0, range.low)
  const high = Math.max(0, range.high)
  const scale = high > low ? Math.fround(Math.max((high - low) / 255, smallestScale)) : Math.fround(scaleOfZero)
  const zeroPoint = Math.min(127, Math.max(-128, roundAway(-128 - low / scale)))
  return fixedGrid(scale, zeroPoint)
}

export function fixedGrid(scale: number, zeroPoint: number): Quantization {
  return { dtype: 'i8', bits: 8, min: -128, max: 127, scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: null }
}

/** Weights: 255 steps around zero, one scale per index of `axis`, or one for all when it is null. */
export function symmetricGrid(scale: readonly number[], axis: number | null): Quantization {
  return { dtype: 'i8', bits: 8, min: -127, max: 127, scale, zeroPoint: scale.map(() => 0), axis }
}

export function biasGrid(scale: readonly number[]): Quantization {
  const axis = scale.length > 1 ? 0 : null
  return { dtype: 'i32', bits: 32, min: -(2 ** 31), max: 2 ** 31 - 1, scale, zeroPoint: scale.map(() => 0), axis }
}

/** Nearest integer of the grid, ties away from zero as TFLite has it, within `grid`'s limits. */
export function toGrid(value: number, grid: Quantization, channel = 0): number {
  const q = roundAway(value / grid.scale[channel]!) + grid.zeroPoint[channel]!
  return Math.min(grid.max, Math.max(grid.min, q))
}

/** Never -0, which prints and compares differently. */
export const roundAway = (value: number) => (value < 0 ? 0 - Math.round(-value) : Math.round(value) + 0)
