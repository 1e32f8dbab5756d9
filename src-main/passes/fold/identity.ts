// Takes out arithmetic that changes nothing (adding 0, multiplying by 1, pooling over one element, clamping what is clamped),
// and computes once what is computed twice.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumbers, type Node } from '../../ir/graph.ts'
import { floatPieces } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { padsOf, sameQuantization, touchesQuantized } from './values.ts'

export const removeIdentities = definePass({
  name: 'remove-identities',
  title: 'Remove identities',
  description: 'Removes arithmetic without effect and results that are computed twice.',
  params: z.strictObject({}),
  needs: ['constants'],
  provides: [],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    let identities = 0
    // Removing one gives its readers new nodes, which are seen in the next round.
    for (let before = -1; before !== identities; ) {
      before = identities
      identities += edit.nodes().filter((node) => edit.has(node) && passThrough(edit, node)).length
    }
    const repeated = mergeEqual(edit)
    if (identities + repeated === 0) return graph
    context.log(say`${identities} operators without effect, ${repeated} computed twice`)
    return edit.finish()
  },
})

function passThrough(edit: GraphEdit, node: Node): boolean {
  const source = kept(edit, node)
  if (source === null || edit.constant(source) || touchesQuantized(edit, node)) return false
  const [from, to] = [edit.value(source), edit.value(node.outputs[0]!)]
  if (!from.shape || !to.shape || from.dtype !== to.dtype || !sameQuantization(from.quant, to.quant)) return false
  if (from.shape.length !== to.shape.length || from.shape.some((dim, i) => dim !== to.shape![i])) return false
  return edit.bypass(node, source)
}

/** The input that comes out as it is, null when there is none. */
function kept(edit: GraphEdit, node: Node): string | null {
  if (node.domain !== '') return null
  const [a, b] = node.inputs as [string, string?]
  switch (node.op) {
    case 'Add':
      return isAll(edit, b, 0) ? a : isAll(edit, a, 0) ? b! : null
    case 'Mul':
      return isAll(edit, b, 1) ? a : isAll(edit, a, 1) ? b! : null
    case 'Sub':
      return isAll(edit, b, 0) ? a : null
    case 'Div':
    case 'Pow':
      return isAll(edit, b, 1) ? a : null
    case 'MaxPool':
    case 'AveragePool':
      return node.outputs.length === 1 && poolsOneElement(node) ? a : null
    case 'Relu':
      return isNotNegative(edit.producer(a)) ? a : null
    default:
      return null
  }
}

function isAll(edit: GraphEdit, name: string | undefined, value: number): boolean {
  const held = edit.constant(name)
  if (held === null) return false
  for (const { data } of floatPieces(held)) if (data.some((each) => each !== value)) return false
  return true
}

function poolsOneElement(node: Node): boolean {
  const one = (values: readonly number[] | null, size: number) => values?.every((value) => value === size) ?? true
  const kernel = attrNumbers(node, 'kernel_shape')
  const pads = kernel && padsOf(node, kernel.length)
  return kernel !== null && pads !== null && one(kernel, 1) && one(attrNumbers(node, 'strides'), 1) && one(pads, 0)
}

const notNegative = new Set(['Relu', 'Sigmoid', 'HardSigmoid', 'Softmax', 'Abs', 'Exp', 'Sqrt', 'Softplus'])
const isNotNegative = (node: Node | null) => node !== null && node.domain === '' && notNegative.has(node.op)

/** Operators whose result depends on something else than inputs and attributes. */
const random = new Set([
  'RandomNormal',
  'RandomUniform',
  'RandomNormalLike',
  'RandomUniformLike',
  'Multinomial',
  'Dropout',
])

/** Nodes in topological order, so that readers of two equal nodes become equal in turn. */
function mergeEqual(edit: GraphEdit): number {
  const first = new Map<string, string>()
  let merged = 0
  for (const { outputs } of edit.nodes()) {
    const node = edit.producer(outputs[0])
    if (!node || !edit.has(node) || node.outputs.length !== 1 || !isPlain(node)) continue
    const key = JSON.stringify([
      node.domain,
      node.op,
      node.inputs,
      Object.entries(node.attrs).sort(([a], [b]) => (a < b ? -1 : 1)),
    ])
    const [output, known] = [node.outputs[0]!, first.get(key)]
    if (known === undefined) first.set(key, output)
    else if (sameQuantization(edit.value(known).quant, edit.value(output).quant) && !edit.isPinned(output)) {
      edit.bypass(node, known)
      merged++
    }
  }
  return merged
}

const isPlain = (node: Node) =>
  !random.has(node.op) && Object.values(node.attrs).every((attr) => typeof attr !== 'object' || Array.isArray(attr))
