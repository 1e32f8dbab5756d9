// The order in which channels are missed least: structured OBS. Removing the columns J of a layer, with the others making up for
// it, costs tr(W_J (H⁻¹_JJ)⁻¹ W_Jᵀ) (OBC, Frantar & Alistarh 2022, section 4, for blocks of weights); the cheapest channel goes,
// weights and inverse are updated, and so on.
import type { Matrix, SquareStack } from '../../kernels/kernels.ts'
import { invertMatrix } from '../prune/small-inverse.ts'

/** One dense layer during elimination. */
export interface EliminationLayer {
  /** Weights as updated so far. */
  readonly w: Float64Array
  readonly rows: number
  readonly size: number
  /** H⁻¹ of what is left. */
  readonly inverse: Float64Array
  /** Energy of the outputs: what errors are divided by. */
  readonly energy: number
  readonly columns: ReadonlyMap<number, readonly number[]>
}

/** @param factor upper triangular U with Uᵀ U = H⁻¹ */
export function eliminationLayer(
  w: Matrix,
  factor: SquareStack,
  energy: number,
  columns: EliminationLayer['columns'],
): EliminationLayer {
  const { size, data } = factor
  const inverse = new Float64Array(size * size)
  for (let k = 0; k < size; k++)
    for (let i = k; i < size; i++) {
      const value = data[k * size + i]!
      if (value !== 0) for (let j = k; j < size; j++) inverse[i * size + j]! += value * data[k * size + j]!
    }
  return { w: Float64Array.from(w.data), rows: w.rows, size, inverse, energy, columns }
}

export interface Elimination {
  readonly root: number
  /** Sum of relative errors with this channel and those before it gone. */
  readonly error: number
}

/** All channels but one, cheapest first. */
export function eliminate(layers: readonly EliminationLayer[], roots: readonly number[]): Elimination[] {
  const left = new Set(roots)
  const order: Elimination[] = []
  let error = 0
  while (left.size > 1) {
    let best: { root: number; cost: number } | null = null
    for (const root of left) {
      const cost = layers.reduce((sum, layer) => sum + costOf(layer, layer.columns.get(root)!), 0)
      if (!best || cost < best.cost) best = { root, cost }
    }
    const { root, cost } = best!
    for (const layer of layers) remove(layer, layer.columns.get(root)!)
    left.delete(root)
    error += cost
    order.push({ root, error })
  }
  return order
}

function costOf(layer: EliminationLayer, columns: readonly number[]): number {
  const { w, rows, size, energy } = layer
  const block = invertedBlock(layer, columns)
  let cost = 0
  for (let r = 0; r < rows; r++)
    for (const [i, a] of columns.entries()) {
      const value = w[r * size + a]!
      if (value === 0) continue
      for (const [j, b] of columns.entries()) cost += value * block[i * columns.length + j]! * w[r * size + b]!
    }
  return cost / energy
}

/** (H⁻¹_JJ)⁻¹ */
function invertedBlock({ inverse, size }: EliminationLayer, columns: readonly number[]): Float64Array {
  const n = columns.length
  const block = new Float64Array(n * n)
  for (const [i, a] of columns.entries())
    for (const [j, b] of columns.entries()) block[i * n + j] = inverse[a * size + b]!
  return invertMatrix(block, n)
}

function remove(layer: EliminationLayer, columns: readonly number[]) {
  const { w, rows, size, inverse } = layer
  const n = columns.length
  const block = invertedBlock(layer, columns)
  // block * H⁻¹_J: what each removed column gives to the others.
  const given = new Float64Array(n * size)
  for (let i = 0; i < n; i++)
    for (const [j, b] of columns.entries()) {
      const value = block[i * n + j]!
      for (let c = 0; c < size; c++) given[i * size + c]! += value * inverse[b * size + c]!
    }
  const subtract = (target: Float64Array, count: number) => {
    for (let r = 0; r < count; r++) {
      const held = columns.map((column) => target[r * size + column]!)
      for (const [i, value] of held.entries())
        if (value !== 0) for (let c = 0; c < size; c++) target[r * size + c]! -= value * given[i * size + c]!
    }
  }
  subtract(w, rows)
  subtract(inverse, size)
  for (const column of columns) for (let r = 0; r < rows; r++) w[r * size + column] = 0
}
