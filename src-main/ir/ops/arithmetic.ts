// Operators with NumPy broadcasting.
import { type DType, isFloat } from '../dtype.ts'
import type { Dim } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { broadcast } from './broadcast.ts'
import { isKnown, productDim, typeOf } from './dims.ts'

const broadcasting =
  (first = 0, dtype?: DType) =>
  (c: InferContext): readonly OutputType[] => {
    const types = c.node.inputs.map((_, i) => typeOf(c, i))
    return [
      {
        dtype: dtype ?? types[first]!.dtype,
        shape: broadcast(
          c,
          types.map((t) => t.shape),
        ),
      },
    ]
  }

type Combine = (a: Dim, b: Dim, whole: boolean) => Dim | null

const combine: Readonly<Record<string, Combine>> = {
  Add: (a, b) => (a === 0 ? b : b === 0 ? a : isKnown(a) && isKnown(b) ? a + b : `${a}+${b}`),
  Sub: (a, b) => (b === 0 ? a : isKnown(a) && isKnown(b) ? a - b : a === b ? 0 : null),
  Mul: (a, b) => productDim([a, b]),
  Div: (a, b, whole) =>
    b === 1 ? a : isKnown(a) && isKnown(b) && b !== 0 ? quotient(a, b, whole) : a === b ? 1 : null,
}

const quotient = (a: number, b: number, whole: boolean) => (whole ? Math.trunc(a / b) : a / b)

/** Element by element over two lists of equal length, or one of length 1. */
function combineDims(c: InferContext, rule: Combine): readonly Dim[] | null {
  const [a, b] = [c.dims(0), c.dims(1)]
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return null
  const whole = !isFloat(c.input(0)!.dtype)
  const result = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    return rule(a[a.length === 1 ? 0 : i]!, b[b.length === 1 ? 0 : i]!, whole)
  })
  return result.every((dim) => dim !== null) ? result : null
}

export const arithmeticOps = [
  ...Object.entries(combine).map(([op, rule]) =>
    defineOp(op, { infer: broadcasting(), dims: (c) => combineDims(c, rule) }),
  ),
  ...['Pow', 'Min', 'Max', 'Mod', 'Sum', 'Mean', 'And', 'Or', 'Xor'].map((op) =>
    defineOp(op, { infer: broadcasting() }),
  ),
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map((op) =>
    defineOp(op, { infer: broadcasting(0, 'bool') }),
  ),
  defineOp('Where', { infer: broadcasting(1) }),
]
