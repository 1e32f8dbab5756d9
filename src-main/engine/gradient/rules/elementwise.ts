// Arithmetic with broadcasting, and functions of single elements.
import { attrNumber, type Node } from '../../../ir/graph.ts'
import { type Backward, type GradientRule, noGradient } from '../backward.ts'

/** Gives input i a gradient that has the shape of the output. */
function giveBroadcast(node: Node, i: number, gradient: string, pass: Backward) {
  const name = node.inputs[i]!
  pass.give(name, pass.unbroadcast(gradient, pass.shape(node, node.outputs[0]!), pass.shape(node, name)))
}

const add: GradientRule = (node, dy, pass) => {
  for (const i of [0, 1]) if (pass.wants(node, i)) giveBroadcast(node, i, dy, pass)
}

const sub: GradientRule = (node, dy, pass) => {
  if (pass.wants(node, 0)) giveBroadcast(node, 0, dy, pass)
  if (pass.wants(node, 1)) giveBroadcast(node, 1, pass.add('Neg', [dy]), pass)
}

const mul: GradientRule = (node, dy, pass) => {
  for (const i of [0, 1])
    if (pass.wants(node, i)) giveBroadcast(node, i, pass.add('Mul', [dy, node.inputs[1 - i]!]), pass)
}

/** y = a / b: da = dy / b, db = -da y. */
const div: GradientRule = (node, dy, pass) => {
  const quotient = pass.add('Div', [dy, node.inputs[1]!])
  if (pass.wants(node, 0)) giveBroadcast(node, 0, quotient, pass)
  if (pass.wants(node, 1))
    giveBroadcast(node, 1, pass.add('Neg', [pass.add('Mul', [quotient, node.outputs[0]!])]), pass)
}

const relu: GradientRule = (node, dy, pass) => {
  const zero = pass.scalar(0)
  pass.give(node.inputs[0]!, pass.add('Where', [pass.add('Greater', [node.outputs[0]!, zero]), dy, zero]))
}

const leakyRelu: GradientRule = (node, dy, pass) => {
  const above = pass.add('Greater', [node.inputs[0]!, pass.scalar(0)])
  const leaked = pass.add('Mul', [dy, pass.scalar(attrNumber(node, 'alpha', 0.01))])
  pass.give(node.inputs[0]!, pass.add('Where', [above, dy, leaked]))
}

const clip: GradientRule = (node, dy, pass) => {
  const [x, min, max] = node.inputs
  if (pass.wants(node, 1) || pass.wants(node, 2)) noGradient(node, 'its limits are not constant')
  const zero = pass.scalar(0)
  let gradient = dy
  if (min) gradient = pass.add('Where', [pass.add('Greater', [x!, min]), gradient, zero])
  if (max) gradient = pass.add('Where', [pass.add('Less', [x!, max]), gradient, zero])
  pass.give(x!, gradient)
}

/** y (1 - y). */
const sigmoid: GradientRule = (node, dy, pass) => {
  const y = node.outputs[0]!
  const slope = pass.add('Mul', [y, pass.add('Sub', [pass.scalar(1), y])])
  pass.give(node.inputs[0]!, pass.add('Mul', [dy, slope]))
}

/** 1 - y^2. */
const tanh: GradientRule = (node, dy, pass) => {
  const y = node.outputs[0]!
  const slope = pass.add('Sub', [pass.scalar(1), pass.add('Mul', [y, y])])
  pass.give(node.inputs[0]!, pass.add('Mul', [dy, slope]))
}

const identity: GradientRule = (node, dy, pass) => pass.give(node.inputs[0]!, dy)

export const elementwiseRules: readonly (readonly [string, GradientRule])[] = [
  ['Add', add],
  ['Sub', sub],
  ['Mul', mul],
  ['Div', div],
  ['Relu', relu],
  ['LeakyRelu', leakyRelu],
  ['Clip', clip],
  ['Sigmoid', sigmoid],
  ['Tanh', tanh],
  ['Identity', identity],
]
