// Means over dimensions, and softmax.
import { attrNumber, attrNumbers } from '../../../ir/graph.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Backward, GradientRule } from '../backward.ts'

/** @param kept shape of x with the dimensions of the mean as 1 */
function spread(x: string, shape: readonly number[], kept: readonly number[], dy: string, pass: Backward) {
  const share = pass.scalar(elementsOf(kept) / elementsOf(shape))
  const each = pass.add('Mul', [pass.reshape(dy, kept), share])
  pass.give(x, pass.add('Expand', [each, pass.ints(shape)]))
}

const globalAveragePool: GradientRule = (node, dy, pass) => {
  const shape = pass.shape(node, node.inputs[0]!)
  const kept = shape.map((size, i) => (i < 2 ? size : 1))
  spread(node.inputs[0]!, shape, kept, dy, pass)
}

/** Axes are an attribute up to opset 17, then an input. */
const reduceMean: GradientRule = (node, dy, pass) => {
  const shape = pass.shape(node, node.inputs[0]!)
  const given = attrNumbers(node, 'axes') ?? pass.numbers(node, 1) ?? []
  const none = given.length === 0
  if (none && attrNumber(node, 'noop_with_empty_axes', 0) === 1) return pass.give(node.inputs[0]!, dy)
  const axes = given.map((axis) => (axis < 0 ? axis + shape.length : axis))
  const kept = shape.map((size, i) => (none || axes.includes(i) ? 1 : size))
  spread(node.inputs[0]!, shape, kept, dy, pass)
}

/** dx = y (dy - sum of dy y along the axis). */
const softmax: GradientRule = (node, dy, pass) => {
  const y = node.outputs[0]!
  const rank = pass.shape(node, y).length
  const given = attrNumber(node, 'axis', -1)
  const weighed = pass.add('Mul', [dy, y])
  const sum = pass.sum(weighed, [given < 0 ? given + rank : given], 1)
  pass.give(node.inputs[0]!, pass.add('Sub', [weighed, pass.add('Mul', [y, sum])]))
}

export const reductionRules: readonly (readonly [string, GradientRule])[] = [
  ['GlobalAveragePool', globalAveragePool],
  ['ReduceMean', reduceMean],
  ['Softmax', softmax],
]
