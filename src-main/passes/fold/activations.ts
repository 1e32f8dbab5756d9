// Activations as one operator each: Relu, Clip with constant bounds, HardSwish. Exporters write them in several ways.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumber, type Node } from '../../ir/graph.ts'
import { f32Tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { scalarOf, touchesQuantized } from './values.ts'

interface Bounds {
  readonly low: number
  readonly high: number
}

/** HardSwish is an operator from here on; 13 and 14 mean the same for everything else at inference. */
const hardSwishOpset = 14

export const canonicalActivations = definePass({
  name: 'canonical-activations',
  title: 'Recognise activations',
  description: 'Finds ReLU, ReLU6 and hard-swish however they are written, and makes one operator of each.',
  params: z.strictObject({}),
  needs: ['constants'],
  provides: ['activations'],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    const clips = edit.nodes('Clip', 'Relu', 'Min', 'Max').filter((node) => simplifyClip(edit, node)).length
    const swishes =
      edit.opset < 13 ? 0 : edit.nodes('Mul', 'Div').filter((node) => recogniseHardSwish(edit, node)).length
    if (swishes > 0) edit.setOpset(Math.max(edit.opset, hardSwishOpset))
    if (clips + swishes === 0) return graph
    context.log(say`${clips} clamps simplified, ${swishes} hard-swish found`)
    return edit.finish()
  },
})

/** The clamp a node does, null when it is none or its bounds are not constant. */
function clampOf(edit: GraphEdit, node: Node): Bounds | null {
  const infinity = Number.POSITIVE_INFINITY
  const bound = (input: number, attr: string, open: number) =>
    node.inputs[input] ? scalarOf(edit, node.inputs[input]) : attrNumber(node, attr, open)
  switch (node.op) {
    case 'Relu':
      return { low: 0, high: infinity }
    case 'Clip': {
      const low = bound(1, 'min', -infinity)
      const high = bound(2, 'max', infinity)
      return low === null || high === null ? null : { low, high }
    }
    case 'Min':
    case 'Max': {
      const limit = node.inputs.length === 2 && keepsRank(edit, node) ? scalarOf(edit, node.inputs[1]) : null
      if (limit === null) return null
      return node.op === 'Min' ? { low: -infinity, high: limit } : { low: limit, high: infinity }
    }
    default:
      return null
  }
}

/** A constant of one element and higher rank would add dimensions to the result. */
function keepsRank(edit: GraphEdit, node: Node, input = node.inputs[0]!): boolean {
  const [before, after] = [edit.value(input).shape, edit.value(node.outputs[0]!).shape]
  return before !== null && after !== null && before.length === after.length
}

/** Two clamps in a row become one; a clamp from zero up becomes Relu; Min and Max with a constant become Clip. */
function simplifyClip(edit: GraphEdit, node: Node): boolean {
  const bounds = clampOf(edit, node)
  if (!bounds || touchesQuantized(edit, node)) return false
  const inner = edit.soleProducer(node.inputs[0], node, 'Relu', 'Clip', 'Min', 'Max')
  const innerBounds = inner && !touchesQuantized(edit, inner) ? clampOf(edit, inner) : null
  if (inner && innerBounds && innerBounds.low <= bounds.high && innerBounds.high >= bounds.low) {
    edit.remove(inner)
    edit.replace(node, clampNode(edit, node, inner.inputs[0]!, intersect(bounds, innerBounds)))
    return true
  }
  if (node.op === 'Relu' || (node.op === 'Clip' && !isRelu(bounds))) return false
  edit.replace(node, clampNode(edit, node, node.inputs[0]!, bounds))
  return true
}

const intersect = (a: Bounds, b: Bounds): Bounds => ({ low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) })
const isRelu = ({ low, high }: Bounds) => low === 0 && (high === Number.POSITIVE_INFINITY || high >= 3.4e38)

function clampNode(edit: GraphEdit, node: Node, input: string, bounds: Bounds): Node {
  if (isRelu(bounds)) return { ...node, op: 'Relu', inputs: [input], attrs: {} }
  const bound = (name: string, value: number) =>
    Number.isFinite(value) ? edit.addConstant(`${node.name}.${name}`, f32Tensor([], [value])) : ''
  const inputs = [input, bound('min', bounds.low), bound('max', bounds.high)]
  while (inputs.at(-1) === '') inputs.pop()
  return { ...node, op: 'Clip', inputs, attrs: {} }
}

/**
 * x * clip(x + 3, 0, 6) / 6 with the division in any of its places, and x * HardSigmoid(x) with slope 1/6 (Howard et al.
 * 2019, "Searching for MobileNetV3").
 */
function recogniseHardSwish(edit: GraphEdit, node: Node): boolean {
  const match = productOfGate(edit, node, 1) ?? scaledProduct(edit, node)
  if (!match || !keepsRank(edit, node, match.input) || touchesQuantized(edit, node, ...match.nodes)) return false
  for (const inner of match.nodes) edit.remove(inner)
  edit.replace(node, { ...node, op: 'HardSwish', inputs: [match.input], attrs: {} })
  return true
}

interface Match {
  readonly input: string
  readonly nodes: readonly Node[]
}

/** (x * gate) / 6, with a gate from 0 to 6. */
function scaledProduct(edit: GraphEdit, node: Node): Match | null {
  const scaled = timesConstant(edit, node)
  const product = scaled && isSixth(scaled.factor) ? edit.soleProducer(scaled.input, node, 'Mul') : null
  const match = product && productOfGate(edit, product, 6)
  return match ? { ...match, nodes: [product!, ...match.nodes] } : null
}

/** x * gate(x), whichever side the gate is on. */
function productOfGate(edit: GraphEdit, node: Node, top: 1 | 6): Match | null {
  if (node.op !== 'Mul' || node.inputs.length !== 2) return null
  const [a, b] = [node.inputs[0]!, node.inputs[1]!]
  for (const [input, gate] of [
    [a, b],
    [b, a],
  ] as const) {
    const nodes = gateOf(edit, gate, input, node, top)
    if (nodes) return { input, nodes }
  }
  return null
}

/** The nodes that make clip(x + 3, 0, 6) * top / 6. */
function gateOf(edit: GraphEdit, gate: string, input: string, reader: Node, top: 1 | 6): readonly Node[] | null {
  const node = edit.soleProducer(gate, reader, 'HardSigmoid', 'Clip', 'Mul', 'Div')
  if (!node) return null
  if (top === 1 && node.op === 'HardSigmoid') return isHardSwishGate(node) && node.inputs[0] === input ? [node] : null
  if (top === 1 && node.op !== 'Clip') {
    const scaled = timesConstant(edit, node)
    const inner = scaled && isSixth(scaled.factor) ? gateOf(edit, scaled.input, input, node, 6) : null
    return inner && [node, ...inner]
  }
  const bounds = node.op === 'Clip' && top === 6 ? clampOf(edit, node) : null
  const add = bounds?.low === 0 && bounds.high === 6 ? edit.soleProducer(node.inputs[0], node, 'Add') : null
  return add && isInputPlusThree(edit, add, input) ? [node, add] : null
}

const isInputPlusThree = (edit: GraphEdit, add: Node, input: string) =>
  add.inputs.includes(input) && add.inputs.some((name) => scalarOf(edit, name) === 3)

const isHardSwishGate = (node: Node) => isSixth(attrNumber(node, 'alpha', 0.2)) && attrNumber(node, 'beta', 0.5) === 0.5
const isSixth = (factor: number) => Math.abs(factor * 6 - 1) < 1e-5

/** x * c or x / c as a factor. */
function timesConstant(edit: GraphEdit, node: Node): { readonly input: string; readonly factor: number } | null {
  const [a, b] = [node.inputs[0]!, node.inputs[1]!]
  const right = scalarOf(edit, b)
  if (right !== null) return { input: a, factor: node.op === 'Div' ? 1 / right : right }
  const left = node.op === 'Mul' ? scalarOf(edit, a) : null
  return left === null ? null : { input: b, factor: left }
}
