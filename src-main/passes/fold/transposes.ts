// Transposes meet and cancel: one that stands before operators which treat every element alike moves behind them, until it finds
// another to join. Exporters that convert between layouts leave many.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumbers, type Node } from '../../ir/graph.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { scalarOf } from './values.ts'

/** One input decides the shape; the elements do not see each other. */
const unary = new Set([
  'Relu',
  'LeakyRelu',
  'Clip',
  'Sigmoid',
  'HardSigmoid',
  'HardSwish',
  'Tanh',
  'Elu',
  'Neg',
  'Abs',
  'Exp',
  'Sqrt',
  'Identity',
  'Dropout',
  'Cast',
])
const binary = new Set(['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max'])

export const cancelTransposes = definePass({
  name: 'cancel-transposes',
  title: 'Cancel transposes',
  description: 'Moves transposes through elementwise operators to where they cancel each other.',
  params: z.strictObject({}),
  needs: ['constants'],
  provides: [],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    let moved = 0
    for (let before = -1; before !== moved; ) {
      before = moved
      for (const node of edit.nodes()) if (edit.has(node) && sink(edit, node)) moved++
    }
    // Moving alone is no gain: only when fewer are left is the result taken.
    const joined = joinAll(edit)
    const result = edit.finish()
    if (countOf(result.nodes) >= countOf(graph.nodes)) return graph
    context.log(say`${countOf(graph.nodes) - countOf(result.nodes)} transposes cancelled, ${joined} joined`)
    return result
  },
})

const countOf = (nodes: readonly Node[]) => nodes.filter(({ op }) => op === 'Transpose').length

const permOf = (node: Node | null) =>
  node?.op === 'Transpose' && node.domain === '' ? attrNumbers(node, 'perm') : null

/** transpose(s) -> node becomes node -> transpose. */
function sink(edit: GraphEdit, node: Node): boolean {
  if (node.domain !== '' || !(unary.has(node.op) || binary.has(node.op))) return false
  if (node.outputs.length !== 1 || edit.isPinned(node.outputs[0]!)) return false
  const data = dataInputs(edit, node)
  if (data === null) return false
  const makers = data.map((name) => edit.producer(name))
  const perm = permOf(makers[0] ?? null)
  if (!perm || !makers.every((maker) => samePerm(permOf(maker), perm))) return false
  if (!data.every((name) => edit.isPrivate(name, node))) return false
  const output = node.outputs[0]!
  const { dtype, quant } = edit.value(output)
  const middle = edit.addValue(`${output}.before`, { dtype, shape: null, ...(quant && { quant }) })
  const inputs = node.inputs.map((name) => (data.includes(name) ? edit.producer(name)!.inputs[0]! : name))
  const transpose = { ...makers[0]!, name: `${node.name}.transpose`, inputs: [middle], outputs: [output] }
  for (const maker of makers) if (maker && edit.has(maker)) edit.remove(maker)
  edit.replace(node, { ...node, inputs, outputs: [middle] }, transpose)
  return true
}

/** Inputs that carry the layout; null when another one does too. */
function dataInputs(edit: GraphEdit, node: Node): string[] | null {
  if (unary.has(node.op)) return [node.inputs[0]!]
  const data = node.inputs.filter((name) => edit.constant(name) === null)
  return node.inputs.every((name) => data.includes(name) || scalarOf(edit, name) !== null) ? [...new Set(data)] : null
}

function samePerm(a: readonly number[] | null, b: readonly number[]): boolean {
  return a !== null && a.length === b.length && a.every((value, i) => value === b[i])
}

/** Two in a row become one, or none. */
function joinAll(edit: GraphEdit): number {
  let joined = 0
  for (const node of edit.nodes('Transpose')) {
    const before = edit.soleProducer(node.inputs[0], node, 'Transpose')
    const [first, second] = [permOf(before), permOf(node)]
    if (!before || !first || !second || first.length !== second.length) continue
    const perm = second.map((to) => first[to]!)
    const source = before.inputs[0]!
    const next = { ...node, inputs: [source], attrs: { perm } }
    edit.remove(before)
    edit.replace(node, next)
    joined++
    if (perm.every((to, i) => to === i)) edit.bypass(next, source)
  }
  return joined
}
