// What moves elements and changes none.
import { say } from '../../../base/note.ts'
import { attrNumber, attrNumbers, attrString, type Node } from '../../../ir/graph.ts'
import { type Backward, type GradientRule, noGradient } from '../backward.ts'

const sameElements: GradientRule = (node, dy, pass) => {
  const x = node.inputs[0]!
  pass.give(x, pass.reshape(dy, pass.shape(node, x)))
}

const transpose: GradientRule = (node, dy, pass) => {
  const rank = pass.shape(node, node.inputs[0]!).length
  const perm = attrNumbers(node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)
  const inverse = perm.map((_, i) => perm.indexOf(i))
  pass.give(node.inputs[0]!, pass.add('Transpose', [dy], { perm: inverse }))
}

const concat: GradientRule = (node, dy, pass) => {
  const rank = pass.shape(node, node.outputs[0]!).length
  const given = attrNumber(node, 'axis', 0)
  const axis = given < 0 ? given + rank : given
  let from = 0
  for (const [i, name] of node.inputs.entries()) {
    const to = from + pass.shape(node, name)[axis]!
    if (pass.wants(node, i)) pass.give(name, pass.slice(dy, [axis], [from], [to]))
    from = to
  }
}

const pad: GradientRule = (node, dy, pass) => {
  if (attrString(node, 'mode', 'constant') !== 'constant') noGradient(node, say`its mode is not constant`)
  const { begins, ends, axes } = padding(node, pass)
  const shape = pass.shape(node, node.inputs[0]!)
  if ([...begins, ...ends].some((by) => by < 0)) noGradient(node, say`it takes elements away`)
  const stops = axes.map((axis, i) => begins[i]! + shape[axis]!)
  pass.give(node.inputs[0]!, pass.slice(dy, axes, begins, stops))
}

function padding(node: Node, pass: Backward) {
  const pads = pass.numbers(node, 1) ?? noGradient(node, say`it has no pads`)
  const rank = pass.shape(node, node.inputs[0]!).length
  const axes = pass.numbers(node, 3)?.map((axis) => (axis < 0 ? axis + rank : axis))
  const half = pads.length / 2
  return {
    begins: pads.slice(0, half),
    ends: pads.slice(half),
    axes: axes ?? Array.from({ length: rank }, (_, i) => i),
  }
}

export const layoutRules: readonly (readonly [string, GradientRule])[] = [
  ['Reshape', sameElements],
  ['Flatten', sameElements],
  ['Squeeze', sameElements],
  ['Unsqueeze', sameElements],
  ['Transpose', transpose],
  ['Concat', concat],
  ['Pad', pad],
]
