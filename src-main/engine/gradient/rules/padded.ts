// A value with the padding its windows need, and the parts of it that one element of the kernel sees.
import type { Backward } from '../backward.ts'
import type { StaticWindow } from './window.ts'

/** Where the windows end short of the elements, those elements are left as they are. */
export function padded(x: string, window: StaticWindow, fill: number, lead: number, pass: Backward): string {
  const { begins, ends } = window
  if ([...begins, ...ends].every((by) => by <= 0)) return x
  const none = new Array<number>(lead).fill(0)
  const pads = [...none, ...begins, ...none, ...ends.map((by) => Math.max(0, by))]
  return pass.add('Pad', [x, pass.ints(pads), pass.scalar(fill)])
}

/** The elements under one tap of all windows. @param axis first spatial dimension */
export function underTap(
  value: string,
  { strides, output, sizes, begins, ends }: StaticWindow,
  tap: readonly number[],
  axis: number,
  pass: Backward,
): string {
  const whole = tap.every(
    (offset, i) => offset === 0 && strides[i] === 1 && output[i] === sizes[i]! + begins[i]! + Math.max(0, ends[i]!),
  )
  if (whole) return value
  const axes = tap.map((_, i) => axis + i)
  const stops = tap.map((offset, i) => offset + (output[i]! - 1) * strides[i]! + 1)
  return pass.slice(value, axes, tap, stops, strides)
}

/**
 * Attributes of the transposed convolution that takes windows back to the elements.
 * Output size: (n - 1) stride + output_padding + (k - 1) dilation + 1 - pads (ONNX, ConvTranspose).
 */
export function transposedAttributes({ kernel, strides, dilations, begins, ends }: StaticWindow, group: number) {
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...begins, ...ends.map((by) => Math.max(0, by))],
    output_padding: ends.map((by) => Math.max(0, -by)),
    group,
  }
}
