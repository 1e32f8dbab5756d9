// Pools over windows, overlapping ones included.
import { say } from '../../../base/note.ts'
import { attrNumber, attrNumbers, type Node } from '../../../ir/graph.ts'
import { elementsOf, f32Tensor } from '../../../ir/tensor.ts'
import { type Backward, type GradientRule, noGradient } from '../backward.ts'
import { padded, transposedAttributes, underTap } from './padded.ts'
import { type StaticWindow, staticWindow, taps } from './window.ts'

function windowOf(node: Node, pass: Backward): StaticWindow {
  const kernel = attrNumbers(node, 'kernel_shape') ?? noGradient(node, say`it has no kernel_shape`)
  return staticWindow(node, kernel, pass.shape(node, node.inputs[0]!), pass.shape(node, node.outputs[0]!))
}

/** Every channel of every sample as an image of one channel, convolved back to the elements. */
function scatter(
  node: Node,
  value: string,
  channels: number,
  weights: Float32Array,
  window: StaticWindow,
  pass: Backward,
) {
  const shape = pass.shape(node, node.inputs[0]!)
  const images = elementsOf(shape.slice(0, 2))
  const kernel = pass.constant(f32Tensor([channels, 1, ...window.kernel], weights))
  const from = pass.reshape(value, [images, channels, ...window.output])
  const made = pass.add('ConvTranspose', [from, kernel], transposedAttributes(window, 1))
  pass.give(node.inputs[0]!, pass.reshape(made, shape))
}

const averagePool: GradientRule = (node, dy, pass) => {
  const window = windowOf(node, pass)
  const shares = pass.constant(f32Tensor(window.output, sharesOf(node, window)))
  const ones = new Float32Array(elementsOf(window.kernel)).fill(1)
  scatter(node, pass.add('Mul', [dy, shares]), 1, ones, window, pass)
}

/** One over the elements that each window counts. */
function sharesOf(node: Node, { kernel, strides, dilations, begins, ends, sizes, output }: StaticWindow): Float32Array {
  const includePads = attrNumber(node, 'count_include_pad', 0) === 1
  const given = attrNumbers(node, 'pads')
  const counts = output.map((places, i) => {
    // Windows that ceil_mode adds reach beyond the padding, and what lies there never counts.
    const after = includePads ? (given?.[output.length + i] ?? ends[i]!) : 0
    const [from, to] = includePads ? [-begins[i]!, sizes[i]! + after] : [0, sizes[i]!]
    return Array.from({ length: places }, (_, p) => {
      const first = p * strides[i]! - begins[i]!
      let count = 0
      for (let k = 0; k < kernel[i]!; k++) {
        const at = first + k * dilations[i]!
        if (at >= from && at < to) count++
      }
      return count
    })
  })
  const products = counts.reduce<readonly number[]>((all, row) => all.flatMap((c) => row.map((r) => c * r)), [1])
  return Float32Array.from(products, (count) => 1 / count)
}

/** Below every number that a pool could choose. */
const lowest = -3.4028234663852886e38

/** The first tap that holds the maximum takes the gradient, as in ONNX Runtime's choice of index. */
const maxPool: GradientRule = (node, dy, pass) => {
  const window = windowOf(node, pass)
  const source = padded(node.inputs[0]!, window, lowest, 2, pass)
  const zero = pass.scalar(0)
  let rest = dy
  const all = taps(window)
  const shape = pass.shape(node, node.outputs[0]!)
  const images = elementsOf(shape.slice(0, 2))
  const parts = all.map((tap) => {
    const chosen = pass.add('Equal', [underTap(source, window, tap, 2, pass), node.outputs[0]!])
    const taken = pass.add('Where', [chosen, rest, zero])
    rest = pass.add('Where', [chosen, zero, rest])
    return pass.reshape(taken, [images, 1, ...window.output])
  })
  const stacked = parts.length === 1 ? parts[0]! : pass.add('Concat', parts, { axis: 1 })
  const oneHot = new Float32Array(all.length ** 2)
  for (let i = 0; i < all.length; i++) oneHot[i * all.length + i] = 1
  scatter(node, stacked, all.length, oneHot, window, pass)
}

export const poolingRules: readonly (readonly [string, GradientRule])[] = [
  ['AveragePool', averagePool],
  ['MaxPool', maxPool],
]
