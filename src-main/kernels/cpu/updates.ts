// Kernels that change weights by what the layer's inputs say: GPTQ, one-shot pruning, learned rounding.
import type {
  GptqOptions,
  Gram,
  Matrix,
  ObsPruneOptions,
  Quantized,
  Rounded,
  RoundingOptions,
  SquareStack,
} from '../kernels.ts'
import { exponentAt } from '../reference/rounding.ts'
import { type Arena, double, type Field, float, word } from './arena.ts'
import type { Pool } from './pool.ts'

/** The beginning of gptq_t, obs_prune_t and optimize_rounding_t: weights and one square matrix for each group. */
function stackFields(arena: Arena, { rows, columns, data }: Matrix, stack: SquareStack): Field[] {
  return [arena.put(data), rows, columns, stack.groups, arena.put(stack.data)].map(word)
}

const gridFields = (arena: Arena, { min, max, grids }: GptqOptions | RoundingOptions): Field[] =>
  [min, max, arena.put(grids.scale), arena.put(grids.zeroPoint)].map(word)

export function gptq(pool: Pool, w: Matrix, factor: SquareStack, options: GptqOptions): Promise<Quantized> {
  const elements = w.rows * w.columns
  return pool.run('gptq', (arena) => {
    const fields = [...stackFields(arena, w, factor), ...gridFields(arena, options)]
    const out = arena.reserve(4 * elements)
    const rest = [options.gridColumns, options.blockSize, Number(options.keepZeros), out]
    return {
      fields: [...fields, ...rest.map(word)],
      steps: elements * (w.columns / 16 + 16),
      result: () => ({ integers: arena.integers(out, elements).slice() }),
    }
  })
}

export function obsPrune(pool: Pool, w: Matrix, factor: SquareStack, options: ObsPruneOptions): Promise<Matrix> {
  const { sparsity } = options
  const elements = w.rows * w.columns
  return pool.run('obs_prune', (arena) => {
    const fields = stackFields(arena, w, factor)
    const out = arena.reserve(4 * elements)
    const [n, m] = sparsity.kind === 'n:m' ? [Math.max(0, sparsity.n), sparsity.m] : [0, 0]
    return {
      fields: [
        ...fields,
        ...[n, m, options.blockSize, out].map(word),
        double(sparsity.kind === 'share' ? sparsity.zeros : 0),
      ],
      steps: elements * (w.columns / 16 + 16),
      result: () => ({ rows: w.rows, columns: w.columns, data: arena.floats(out, elements).slice() }),
    }
  })
}

export function optimizeRounding(pool: Pool, w: Matrix, gram: Gram, options: RoundingOptions): Promise<Rounded> {
  const elements = w.rows * w.columns
  const exponents = Float32Array.from({ length: options.iterations }, (_, t) => exponentAt(t, options) ?? 0)
  return pool.run('optimize_rounding', (arena) => {
    const fields = [...stackFields(arena, w, gram), ...gridFields(arena, options)]
    const [out, errors] = [arena.reserve(4 * elements), arena.reserve(16 * w.rows)]
    return {
      fields: [
        ...fields,
        ...[options.iterations, arena.put(exponents)].map(word),
        ...[options.learningRate, options.regularization].map(float),
        ...[Number(options.keepZeros), out, errors].map(word),
        double(Math.max(1, gram.samples)),
      ],
      steps: elements * (w.columns / 8 + 10) * (options.iterations + 2),
      result: () => {
        const sums = arena.doubles(errors, 2 * w.rows)
        const sumFrom = (first: number) => sums.reduce((sum, error, i) => (i % 2 === first ? sum + error : sum), 0)
        return { integers: arena.integers(out, elements).slice(), errorBefore: sumFrom(0), errorAfter: sumFrom(1) }
      },
    }
  })
}
