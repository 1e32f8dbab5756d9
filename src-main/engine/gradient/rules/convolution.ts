// Convolutions over one or two dimensions, grouped ones included.
import { attrNumber, type Node } from '../../../ir/graph.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Backward, GradientRule } from '../backward.ts'
import { padded, transposedAttributes, underTap } from './padded.ts'
import { type StaticWindow, staticWindow, taps } from './window.ts'

const conv: GradientRule = (node, dy, pass) => {
  const [x, w, bias] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]]
  const group = attrNumber(node, 'group', 1)
  const weights = pass.shape(node, w)
  const window = staticWindow(node, weights.slice(2), pass.shape(node, x), pass.shape(node, node.outputs[0]!))
  if (pass.wants(node, 0)) pass.give(x, pass.add('ConvTranspose', [dy, w], transposedAttributes(window, group)))
  if (pass.wants(node, 1)) {
    const byChannel = weights[1] === 1 && group > 1
    pass.give(w, byChannel ? depthwise(node, dy, window, pass) : byTap(node, dy, window, pass))
  }
  if (bias && pass.wants(node, 2)) pass.give(bias, pass.sum(dy, [0, ...window.output.map((_, i) => 2 + i)], 0))
}

/**
 * One product of matrices for each element of the kernel: [outputs, positions] of dY by [positions, inputs] of x, in batches of
 * samples and groups, summed over the samples.
 */
function byTap(node: Node, dy: string, window: StaticWindow, pass: Backward): string {
  const [x, w] = [node.inputs[0]!, node.inputs[1]!]
  const group = attrNumber(node, 'group', 1)
  const [filters, inputs, ...kernel] = pass.shape(node, w) as [number, number, ...number[]]
  const samples = pass.shape(node, x)[0]!
  const places = elementsOf(window.output)
  const rows = pass.reshape(dy, [samples, group, filters / group, places])
  const source = channelsLast(padded(x, window, 0, 2, pass), samples, group, inputs, window, pass)
  const parts = taps(window).map((tap) => {
    const seen = pass.reshape(underTap(source, window, tap, 2, pass), [samples, group, places, inputs])
    return pass.reshape(pass.sum(pass.add('MatMul', [rows, seen]), [0], 0), [filters, inputs, 1])
  })
  const all = parts.length === 1 ? parts[0]! : pass.add('Concat', parts, { axis: 2 })
  return pass.reshape(all, [filters, inputs, ...kernel])
}

/** [samples, group, spatial..., inputs]. */
function channelsLast(
  value: string,
  samples: number,
  group: number,
  inputs: number,
  { sizes, begins, ends }: StaticWindow,
  pass: Backward,
): string {
  const whole = sizes.map((size, i) => size + Math.max(0, begins[i]!) + Math.max(0, ends[i]!))
  const grouped = pass.reshape(value, [samples, group, inputs, ...whole])
  const spatial = whole.map((_, i) => 3 + i)
  return pass.add('Transpose', [grouped], { perm: [0, 1, ...spatial, 2] })
}

/** x, each sample's each channel a group of its own, convolved with dY as the kernel; strides and dilations change places. */
function depthwise(node: Node, dy: string, window: StaticWindow, pass: Backward): string {
  const [x, w] = [node.inputs[0]!, node.inputs[1]!]
  const [samples, channels] = pass.shape(node, x) as [number, number]
  const weights = pass.shape(node, w)
  const groups = samples * channels
  const image = pass.reshape(x, [1, groups, ...window.sizes])
  const kernel = pass.reshape(dy, [samples * weights[0]!, 1, ...window.output])
  const made = pass.add('Conv', [image, kernel], {
    kernel_shape: window.output,
    strides: window.dilations,
    dilations: window.strides,
    pads: [...window.begins, ...window.ends.map((by) => Math.max(0, by))],
    group: groups,
  })
  // Elements that no window reached make it longer than the kernel.
  const spare = window.ends.some((by) => by < 0)
  const axes = window.kernel.map((_, i) => 2 + i)
  const cut = spare
    ? pass.slice(
        made,
        axes,
        axes.map(() => 0),
        window.kernel,
      )
    : made
  return pass.sum(pass.reshape(cut, [samples, ...weights]), [0], 0)
}

export const convolutionRules: readonly (readonly [string, GradientRule])[] = [['Conv', conv]]
