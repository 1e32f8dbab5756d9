// Products of matrices.
import { say } from '../../../base/note.ts'
import { attrNumber } from '../../../ir/graph.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import { type Backward, type GradientRule, noGradient } from '../backward.ts'

/** Y = alpha A' B' + beta C, where A' is A or its transpose. */
const gemm: GradientRule = (node, dy, pass) => {
  const [a, b, c] = node.inputs
  const [transA, transB] = [attrNumber(node, 'transA', 0), attrNumber(node, 'transB', 0)]
  const alpha = attrNumber(node, 'alpha', 1)
  const product = (x: string, y: string, left: number, right: number) =>
    pass.add('Gemm', [x, y], { alpha, transA: left, transB: right })
  if (pass.wants(node, 0)) pass.give(a!, transA ? product(b!, dy, transB, 1) : product(dy, b!, 0, 1 - transB))
  if (pass.wants(node, 1)) pass.give(b!, transB ? product(dy, a!, 1, transA) : product(a!, dy, 1 - transA, 0))
  if (!c || !pass.wants(node, 2)) return
  const beta = attrNumber(node, 'beta', 1)
  const scaled = beta === 1 ? dy : pass.add('Mul', [dy, pass.scalar(beta)])
  pass.give(c, pass.unbroadcast(scaled, pass.shape(node, node.outputs[0]!), pass.shape(node, c)))
}

const matMul: GradientRule = (node, dy, pass) => {
  const [a, b] = [node.inputs[0]!, node.inputs[1]!]
  const [left, right, made] = [pass.shape(node, a), pass.shape(node, b), pass.shape(node, node.outputs[0]!)]
  if (left.length < 2 || right.length < 2) noGradient(node, say`one of its inputs is a vector`)
  if (pass.wants(node, 0)) {
    const shape = [...made.slice(0, -1), left.at(-1)!]
    pass.give(a, pass.unbroadcast(pass.add('MatMul', [dy, exchanged(b, right.length, pass)]), shape, left))
  }
  if (!pass.wants(node, 1)) return
  if (right.length === 2) return pass.give(b, sumOfProducts(a, dy, left, made, pass))
  const shape = [...made.slice(0, -2), left.at(-1)!, made.at(-1)!]
  pass.give(b, pass.unbroadcast(pass.add('MatMul', [exchanged(a, left.length, pass), dy]), shape, right))
}

/** Aᵀ dY over all rows at once. */
function sumOfProducts(a: string, dy: string, left: readonly number[], made: readonly number[], pass: Backward) {
  const rows = elementsOf(left.slice(0, -1))
  const [x, y] = [pass.reshape(a, [rows, left.at(-1)!]), pass.reshape(dy, [rows, made.at(-1)!])]
  return pass.add('Gemm', [x, y], { transA: 1 })
}

function exchanged(value: string, rank: number, pass: Backward): string {
  const perm = Array.from({ length: rank }, (_, i) => i)
  return pass.add('Transpose', [value], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] })
}

export const denseRules: readonly (readonly [string, GradientRule])[] = [
  ['Gemm', gemm],
  ['MatMul', matMul],
]
