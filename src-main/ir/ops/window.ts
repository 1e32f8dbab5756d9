// Sliding windows: what convolutions and pools share. Formulas: ONNX operator specification, Conv and MaxPool.
import { say } from '../../base/note.ts'
import { attrNumber, attrNumbers, attrString, type Dim } from '../graph.ts'
import type { InferContext } from '../op.ts'
import { freshDim, isKnown } from './dims.ts'

const padModes = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const
export type AutoPad = (typeof padModes)[number]

export interface Window {
  readonly kernel: readonly Dim[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** All begins, then all ends. */
  readonly pads: readonly number[]
  readonly autoPad: AutoPad
}

/** Window attributes for `rank` spatial dimensions; `weights` are the kernel's sizes where the operator has weights. */
export function windowOf(c: InferContext, rank: number, weights: readonly Dim[] | null): Window {
  const given = attrNumbers(c.node, 'kernel_shape')
  const kernel = given ?? weights ?? c.fail(say`kernel_shape is missing`)
  if (kernel.length !== rank) c.fail(say`kernel_shape [${kernel}] does not have ${rank} entries`)
  if (given && weights?.some((size, i) => isKnown(size) && size !== given[i]))
    c.fail(say`kernel_shape [${given}] differs from the weights' [${weights}]`)
  return {
    kernel,
    strides: positive(c, 'strides', rank),
    dilations: positive(c, 'dilations', rank),
    pads: padsOf(c, rank),
    autoPad: autoPadOf(c),
  }
}

function positive(c: InferContext, name: string, rank: number): readonly number[] {
  const values = attrNumbers(c.node, name) ?? new Array<number>(rank).fill(1)
  if (values.length !== rank || values.some((v) => v < 1))
    c.fail(say`${name} [${values}] must be ${rank} positive numbers`)
  return values
}

function padsOf(c: InferContext, rank: number): readonly number[] {
  const pads = attrNumbers(c.node, 'pads') ?? new Array<number>(2 * rank).fill(0)
  if (pads.length !== 2 * rank) c.fail(say`pads [${pads}] must have ${2 * rank} entries`)
  return pads
}

function autoPadOf(c: InferContext): AutoPad {
  const mode = attrString(c.node, 'auto_pad', 'NOTSET')
  return padModes.find((m) => m === mode) ?? c.fail(say`auto_pad ${mode} is not known`)
}

/** Output sizes of a window over `sizes`. */
export function windowOutput(c: InferContext, sizes: readonly Dim[], window: Window): readonly Dim[] {
  const ceil = attrNumber(c.node, 'ceil_mode', 0) !== 0
  return sizes.map((size, i) => {
    const kernel = window.kernel[i]!
    if (!isKnown(size) || !isKnown(kernel)) return symbolicOutput(c, size, window, i)
    const out = outputSize(size, kernel, window, i, ceil)
    return out > 0 ? out : c.fail(say`the window does not fit: size ${size}, kernel ${kernel} in dimension ${i + 2}`)
  })
}

function outputSize(size: number, kernel: number, window: Window, i: number, ceil: boolean): number {
  const stride = window.strides[i]!
  if (window.autoPad.startsWith('SAME')) return Math.ceil(size / stride)
  const extent = (kernel - 1) * window.dilations[i]! + 1
  const begin = window.autoPad === 'VALID' ? 0 : window.pads[i]!
  const end = window.autoPad === 'VALID' ? 0 : window.pads[i + window.kernel.length]!
  const steps = (size + begin + end - extent) / stride
  if (!ceil) return Math.floor(steps) + 1
  const out = Math.ceil(steps) + 1
  // A window that would start in the padding at the end is left out.
  return (out - 1) * stride >= size + begin ? out - 1 : out
}

function symbolicOutput(c: InferContext, size: Dim, window: Window, i: number): Dim {
  const kernel = window.kernel[i]!
  if (window.strides[i] !== 1 || !isKnown(kernel)) return freshDim(c, i + 2)
  const padding = window.pads[i]! + window.pads[i + window.kernel.length]!
  const same = window.autoPad.startsWith('SAME') || padding === (kernel - 1) * window.dilations[i]!
  return same ? size : freshDim(c, i + 2)
}
