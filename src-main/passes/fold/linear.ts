// One form for fully connected layers: Gemm with constant weights [O, I] (transB = 1), alpha = beta = 1, bias [O] or none.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumber, type Node } from '../../ir/graph.ts'
import { computed, f32Tensor, readColumns, readFloatRange, readFloats, type Tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { touchesQuantized } from './values.ts'

export const canonicalLinear = definePass({
  name: 'canonical-linear',
  title: 'One form for linear layers',
  description: 'Writes MatMul (with the Add after it) and every Gemm as Gemm with weights by output row.',
  params: z.strictObject({}),
  needs: ['constants'],
  provides: ['linear'],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    const fromMatMul = edit.nodes('MatMul').filter((node) => matMulToGemm(edit, node)).length
    const turned = edit.nodes('Gemm').filter((node) => plainGemm(edit, node)).length
    if (fromMatMul + turned === 0) return graph
    context.log(say`${fromMatMul} MatMul became Gemm, ${turned} Gemm brought into one form`)
    return edit.finish()
  },
})

function matMulToGemm(edit: GraphEdit, node: Node): boolean {
  const weights = edit.constant(node.inputs[1])
  const rank = edit.value(node.inputs[0]!).shape?.length
  if (weights?.shape.length !== 2 || rank !== 2 || touchesQuantized(edit, node)) return false
  const add = addOfBias(edit, node, weights.shape[1]!)
  const gemm = { ...node, op: 'Gemm', attrs: {} }
  if (!add) {
    edit.replace(node, gemm)
    return true
  }
  const bias = add.inputs[0] === node.outputs[0] ? add.inputs[1]! : add.inputs[0]!
  edit.remove(node)
  edit.replace(add, { ...gemm, inputs: [...node.inputs, bias], outputs: add.outputs })
  return true
}

/** The Add of a constant vector that alone reads the product. */
function addOfBias(edit: GraphEdit, node: Node, outputs: number): Node | null {
  const product = node.outputs[0]!
  const [add] = edit.readersOf(product)
  if (add?.op !== 'Add' || !edit.isPrivate(product, add) || touchesQuantized(edit, add)) return null
  const bias = edit.constant(add.inputs.find((name) => name !== product))
  return bias && broadcastsTo(bias, outputs) ? add : null
}

/** Whether a constant adds the same vector (or one number) to every row. */
const broadcastsTo = (held: Tensor, outputs: number) =>
  held.shape.length <= 2 && held.shape.every((dim, i) => dim === 1 || (i === held.shape.length - 1 && dim === outputs))

function plainGemm(edit: GraphEdit, node: Node): boolean {
  const weights = edit.constant(node.inputs[1])
  if (!weights || attrNumber(node, 'transA', 0) !== 0 || touchesQuantized(edit, node)) return false
  const transB = attrNumber(node, 'transB', 0) === 1
  const outputs = weights.shape[transB ? 0 : 1]!
  const bias = edit.constant(node.inputs[2])
  if (node.inputs[2] && !(bias && broadcastsTo(bias, outputs))) return false
  const alpha = attrNumber(node, 'alpha', 1)
  const beta = attrNumber(node, 'beta', 1)
  if (transB && alpha === 1 && (!bias || (beta === 1 && bias.shape.length === 1 && bias.shape[0] === outputs)))
    return false
  const inputs = [node.inputs[0]!, edit.addConstant(`${node.inputs[1]}.rows`, scaledRows(weights, alpha, transB))]
  if (bias) {
    const held = readFloats(bias)
    const whole = Float32Array.from({ length: outputs }, (_, o) => beta * held[held.length === 1 ? 0 : o]!)
    inputs.push(edit.addConstant(`${node.inputs[2]}.rows`, f32Tensor([outputs], whole)))
  }
  edit.replace(node, { ...node, inputs, attrs: { transB: 1 } })
  return true
}

/** Weights times `alpha`, one row for each output. */
function scaledRows(weights: Tensor, alpha: number, transB: boolean): Tensor {
  const [from, to] = [weights.shape[0]!, weights.shape[1]!]
  const [outputs, inputs] = transB ? [from, to] : [to, from]
  const scaled = (data: Float32Array) => (alpha === 1 ? data : data.map((w) => w * alpha))
  const rows = (first: number, count: number) =>
    scaled(transB ? readFloatRange(weights, first * inputs, count * inputs) : readColumns(weights, first, count))
  return computed('f32', [outputs, inputs], {
    read: () => rows(0, outputs),
    readRange(first, count) {
      const row = Math.floor(first / inputs)
      const part = rows(row, Math.ceil((first + count) / inputs) - row)
      return part.subarray(first - row * inputs, first - row * inputs + count)
    },
  })
}
