// Two linear layers without anything between become one where that takes no more multiplications: dense after dense, and a 1x1
// convolution after any convolution.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumber, attrNumbers, type Node } from '../../ir/graph.ts'
import { elementsOf, f32Tensor, readFloats, type Tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { touchesQuantized } from './values.ts'

export const fuseLinear = definePass({
  name: 'fuse-linear',
  title: 'Fuse linear layers',
  description: 'Multiplies out two layers with nothing between them where one is cheaper.',
  params: z.strictObject({}),
  needs: ['constants', 'linear'],
  provides: [],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    const fused = edit.nodes('Gemm', 'Conv').filter((node) => edit.has(node) && fuseWithBefore(edit, node)).length
    if (fused === 0) return graph
    context.log(say`${fused} pairs of linear layers became one`)
    return edit.finish()
  },
})

interface Linear {
  readonly weights: Tensor
  readonly rows: number
  readonly columns: number
  readonly bias: Float32Array | null
}

/** A node as a matrix; null when its weights are not constant or it is not a plain layer. */
function linearOf(edit: GraphEdit, node: Node): Linear | null {
  const weights = edit.constant(node.inputs[1])
  const held = node.inputs[2] ? edit.constant(node.inputs[2]) : null
  if (weights?.dtype !== 'f32' || (node.inputs[2] && !held)) return null
  if (node.op === 'Gemm' && !isPlainGemm(node)) return null
  if (node.op === 'Conv' && attrNumber(node, 'group', 1) !== 1) return null
  const rows = weights.shape[0]!
  const bias = held ? readFloats(held) : null
  if (bias && bias.length !== rows) return null
  return { weights, rows, columns: elementsOf(weights.shape.slice(1)), bias }
}

const isPlainGemm = (node: Node) =>
  attrNumber(node, 'transB', 0) === 1 &&
  attrNumber(node, 'transA', 0) === 0 &&
  attrNumber(node, 'alpha', 1) === 1 &&
  attrNumber(node, 'beta', 1) === 1

/** 1x1, without strides and padding. */
function isPointwise(node: Node, { weights }: Linear): boolean {
  const all = (name: string, value: number) => attrNumbers(node, name)?.every((each) => each === value) ?? true
  return weights.shape.slice(2).every((size) => size === 1) && all('strides', 1) && all('pads', 0)
}

function fuseWithBefore(edit: GraphEdit, node: Node): boolean {
  const before = edit.soleProducer(node.inputs[0], node, node.op)
  const [first, second] = [before && linearOf(edit, before), linearOf(edit, node)]
  if (!before || !first || !second || touchesQuantized(edit, before, node)) return false
  if (node.op === 'Conv' && !isPointwise(node, second)) return false
  if (second.rows * first.columns > first.rows * first.columns + second.rows * second.columns) return false
  const shape = [second.rows, ...first.weights.shape.slice(1)]
  const inputs = [
    before.inputs[0]!,
    edit.addConstant(`${node.inputs[1]}.fused`, f32Tensor(shape, product(second, first))),
  ]
  const bias = fusedBias(second, first)
  if (bias) inputs.push(edit.addConstant(`${node.name}.bias.fused`, f32Tensor([bias.length], bias)))
  edit.remove(before)
  edit.replace(node, { ...before, name: node.name, inputs, outputs: node.outputs })
  return true
}

/** Rows of `a` times the matrix `b`, summed in double precision. */
function product(a: Linear, b: Linear): Float32Array {
  const [left, right] = [readFloats(a.weights), readFloats(b.weights)]
  const result = new Float32Array(a.rows * b.columns)
  for (let r = 0; r < a.rows; r++) {
    const row = new Float64Array(b.columns)
    for (let k = 0; k < b.rows; k++) {
      const value = left[r * a.columns + k]!
      for (let c = 0; c < b.columns; c++) row[c]! += value * right[k * b.columns + c]!
    }
    result.set(row, r * b.columns)
  }
  return result
}

function fusedBias(a: Linear, b: Linear): Float32Array | null {
  if (!b.bias) return a.bias
  const left = readFloats(a.weights)
  return Float32Array.from({ length: a.rows }, (_, r) => {
    let sum = a.bias?.[r] ?? 0
    for (const [k, value] of b.bias!.entries()) sum += left[r * a.columns + k]! * value
    return sum
  })
}
