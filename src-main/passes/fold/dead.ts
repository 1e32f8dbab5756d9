// Takes out nodes that change nothing, and whatever the outputs do not depend on.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumbers, type Node, type Shape } from '../../ir/graph.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { numbersOf, sameQuantization } from './values.ts'

export const removeDead = definePass({
  name: 'remove-dead',
  title: 'Remove dead nodes',
  description:
    'Removes nodes without effect (Identity, Dropout, empty reshapes and transposes) and results nobody reads.',
  params: z.strictObject({}),
  needs: [],
  provides: [],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    let removed = 0
    // One removal can make the next possible; every round but the last removes something.
    for (let before = -1; before !== removed; ) {
      before = removed
      for (const node of edit.nodes())
        if (edit.has(node) && (joinWithBefore(edit, node) || passThrough(edit, node))) removed++
    }
    const cleaned = edit.finish()
    const dead = graph.nodes.length - cleaned.nodes.length
    if (dead === 0 && removed === 0) return graph
    context.log(say`${dead} nodes removed`)
    return cleaned
  },
})

function passThrough(edit: GraphEdit, node: Node): boolean {
  const [source, output] = [node.inputs[0], node.outputs[0]]
  if (!source || !output || !isNoOp(edit, node) || edit.isInput(output)) return false
  if (node.outputs.slice(1).some((name) => name && (edit.isPinned(name) || edit.readersOf(name).length > 0)))
    return false
  if (!sameQuantization(edit.value(source).quant, edit.value(output).quant)) return false
  if (edit.constant(source) && edit.isPinned(output)) return false
  return edit.bypass(node, source)
}

function isNoOp(edit: GraphEdit, node: Node): boolean {
  if (node.domain !== '') return false
  const [input, output] = [edit.value(node.inputs[0]!), edit.value(node.outputs[0]!)]
  switch (node.op) {
    case 'Identity':
    case 'Dropout':
      return true
    case 'Cast':
      return input.dtype === output.dtype && input.shape !== null
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Expand':
      return sameShape(input.shape, output.shape)
    case 'Transpose':
      return attrNumbers(node, 'perm')?.every((from, to) => from === to) ?? false
    case 'Pad':
      return numbersOf(edit, node, 1, 'pads')?.every((pad) => pad === 0) ?? false
    case 'Slice':
      return (
        sameShape(input.shape, output.shape) && (numbersOf(edit, node, 4, 'steps') ?? [1]).every((step) => step === 1)
      )
    case 'Concat':
      return node.inputs.length === 1
    case 'Relu':
      return edit.producer(node.inputs[0])?.op === 'Relu'
    default:
      return false
  }
}

const sameShape = (a: Shape | null, b: Shape | null) =>
  a !== null && b !== null && a.length === b.length && a.every((dim, i) => dim === b[i])

/** Two layout changes in a row become one. */
function joinWithBefore(edit: GraphEdit, node: Node): boolean {
  if (node.op !== 'Transpose' && node.op !== 'Reshape') return false
  const before = edit.soleProducer(
    node.inputs[0],
    node,
    ...(node.op === 'Reshape' ? ['Reshape', 'Flatten'] : ['Transpose']),
  )
  if (!before || !sameQuantization(edit.value(before.inputs[0]!).quant, edit.value(node.inputs[0]!).quant)) return false
  const joined = node.op === 'Transpose' ? joinTransposes(before, node) : joinReshapes(edit, before, node)
  if (!joined) return false
  edit.remove(before)
  edit.replace(node, joined)
  return true
}

function joinTransposes(before: Node, node: Node): Node | null {
  const [first, second] = [attrNumbers(before, 'perm'), attrNumbers(node, 'perm')]
  if (!first || !second || first.length !== second.length) return null
  return { ...node, inputs: [before.inputs[0]!], attrs: { perm: second.map((to) => first[to]!) } }
}

/** A size of 0 copies the dimension of the reshape's own input, so it must mean the same on the earlier input. */
function joinReshapes(edit: GraphEdit, before: Node, node: Node): Node | null {
  const target = numbersOf(edit, node, 1, 'shape')
  const [source, middle] = [edit.value(before.inputs[0]!).shape, edit.value(node.inputs[0]!).shape]
  if (!target || !source || !middle) return null
  const copiesAgree = target.every((dim, i) => dim !== 0 || (source[i] !== undefined && source[i] === middle[i]))
  return copiesAgree ? { ...node, inputs: [before.inputs[0]!, ...node.inputs.slice(1)] } : null
}
