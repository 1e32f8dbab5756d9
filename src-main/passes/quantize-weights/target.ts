// The weights to aim at when the layers before are quantised already: those whose outputs on the inputs that come in now are
// nearest to the float layer's outputs on the float inputs.
import type { Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'
import type { JointGram } from '../layer-inputs.ts'

/**
 * V that makes |W z - V x|^2 + d |W - V|^2 least over the samples, x the inputs now and z those of the float model:
 * Vᵀ = Wᵀ + (X + d I)⁻¹ (C - X) Wᵀ, with X the sum of x xᵀ, C the sum of x zᵀ, and d the damping.
 */
export async function targetWeights(
  kernels: Kernels,
  weights: Matrix,
  { after, cross }: JointGram,
  damping: number,
): Promise<Matrix> {
  if (!cross) return weights
  const { groups, size } = after
  const each = weights.rows / groups
  const right = new Float32Array(groups * size * each)
  for (let g = 0; g < groups; g++) {
    const difference = differenceOf(cross, after, g)
    const columns = transposed(groupRows(weights, g, each))
    right.set((await product(kernels, difference, columns)).data, g * size * each)
  }
  const lower = await kernels.cholesky(after, damping)
  const change = await kernels.solve(lower, { rows: groups * size, columns: each, data: right })
  const data = weights.data.slice()
  for (let r = 0; r < weights.rows; r++) {
    const [g, within] = [Math.floor(r / each), r % each]
    for (let c = 0; c < size; c++) data[r * size + c]! += change.data[(g * size + c) * each + within]!
  }
  return { ...weights, data }
}

function differenceOf(a: SquareStack, b: SquareStack, group: number): Matrix {
  const from = group * a.size * a.size
  const data = Float32Array.from({ length: a.size * a.size }, (_, i) => a.data[from + i]! - b.data[from + i]!)
  return { rows: a.size, columns: a.size, data }
}

export function groupRows({ columns, data }: Matrix, group: number, each: number): Matrix {
  return { rows: each, columns, data: data.subarray(group * each * columns, (group + 1) * each * columns) }
}

export function transposed({ rows, columns, data }: Matrix): Matrix {
  const result = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]!
  return { rows: columns, columns: rows, data: result }
}

/** Below this many products a call of a kernel costs more than it saves. */
const smallProduct = 50_000

async function product(kernels: Kernels, x: Matrix, y: Matrix): Promise<Matrix> {
  if (x.rows * x.columns * y.columns > smallProduct) return kernels.multiply(x, y)
  const data = new Float32Array(x.rows * y.columns)
  for (let r = 0; r < x.rows; r++)
    for (let c = 0; c < y.columns; c++) {
      let sum = 0
      for (let i = 0; i < x.columns; i++) sum += x.data[r * x.columns + i]! * y.data[i * y.columns + c]!
      data[r * y.columns + c] = sum
    }
  return { rows: x.rows, columns: y.columns, data }
}

/** Each row of a matrix times the symmetric matrix of its group. */
export async function timesSquare(kernels: Kernels, x: Matrix, stack: SquareStack): Promise<Float32Array> {
  const { groups, size, data } = stack
  const each = x.rows / groups
  const result = new Float32Array(x.data.length)
  for (let g = 0; g < groups; g++) {
    const square = { rows: size, columns: size, data: data.subarray(g * size * size, (g + 1) * size * size) }
    result.set((await product(kernels, groupRows(x, g, each), square)).data, g * each * size)
  }
  return result
}
