// Patches, Gram matrices, products, factors and solutions.
import { AppError } from '../../base/errors.ts'
import type { Gram, Matrix, PatchShape, SquareStack } from '../kernels.ts'
import { outputSize, patchCount } from '../reference/patches.ts'
import { type Arena, double, type Field, word } from './arena.ts'
import type { Pool } from './pool.ts'

/** patch_shape_t of resources/kernels/kernels.h. */
function shapeFields(shape: PatchShape): Field[] {
  const { channels, height, width, kernel, strides, dilations, pads } = shape
  const sizes = [channels, height, width, ...kernel, ...strides, ...dilations, pads[0], pads[1], ...outputSize(shape)]
  return sizes.map(word)
}

export function patches(
  pool: Pool,
  x: Float32Array,
  shape: PatchShape,
  positions: Uint32Array | null,
): Promise<Matrix> {
  const rows = patchCount(shape, positions)
  const columns = shape.channels * shape.kernel[0] * shape.kernel[1]
  return pool.run('patches', (arena) => {
    const inputs = [arena.put(x), arena.put(positions), rows]
    const out = arena.reserve(4 * rows * columns)
    return {
      fields: [...[...inputs, out].map(word), ...shapeFields(shape)],
      steps: 2 * rows * columns,
      result: () => ({ rows, columns, data: arena.floats(out, rows * columns).slice() }),
    }
  })
}

interface GramInput {
  readonly x: Float32Array
  readonly samples: number
  readonly groups: number
  readonly size: number
  readonly shape: PatchShape | null
  readonly positions: Uint32Array | null
}

function addGram(pool: Pool, input: GramInput, sum: Gram | null): Promise<Gram> {
  const { x, samples, groups, size, shape, positions } = input
  const elements = groups * size * size
  return pool.run('gram', (arena) => {
    const inputs = [arena.put(x), samples, groups, size, arena.put(sum?.data ?? null)]
    const out = arena.reserve(4 * elements)
    const chosen = arena.put(positions)
    return {
      fields: [...[...inputs, out, shape ? 1 : 0, chosen].map(word), ...(shape ? shapeFields(shape) : [])],
      // A matrix narrower than a panel costs as much as a panel.
      steps: (samples * groups * Math.max(16, size) * (size + 16)) / 12 + elements,
      result: () => ({
        groups,
        size,
        data: arena.floats(out, elements).slice(),
        samples: samples + (sum?.samples ?? 0),
      }),
    }
  })
}

export const gram = (pool: Pool, x: Matrix, sum: Gram | null): Promise<Gram> =>
  addGram(pool, { x: x.data, samples: x.rows, groups: 1, size: x.columns, shape: null, positions: null }, sum)

export function patchGram(
  pool: Pool,
  x: Float32Array,
  shape: PatchShape,
  groups: number,
  positions: Uint32Array | null,
  sum: Gram | null,
): Promise<Gram> {
  const size = (shape.channels / groups) * shape.kernel[0] * shape.kernel[1]
  return addGram(pool, { x, samples: patchCount(shape, positions), groups, size, shape, positions }, sum)
}

export function multiply(pool: Pool, x: Matrix, y: Matrix): Promise<Matrix> {
  const [rows, columns] = [x.rows, y.columns]
  return pool.run('multiply', (arena) => {
    const inputs = [arena.put(x.data), arena.put(y.data), rows, columns, x.columns]
    const out = arena.reserve(4 * rows * columns)
    return {
      fields: [...inputs, out].map(word),
      steps: (rows * columns * x.columns) / 8 + x.columns * columns,
      result: () => ({ rows, columns, data: arena.floats(out, rows * columns).slice() }),
    }
  })
}

export const cholesky = (pool: Pool, a: SquareStack, damping: number) => factor(pool, a, damping, false)
export const inverseFactor = (pool: Pool, a: SquareStack, damping: number) => factor(pool, a, damping, true)

/** A matrix that is not positive in float32 gets a second chance in float64. */
async function factor(pool: Pool, a: SquareStack, damping: number, isInverse: boolean): Promise<SquareStack> {
  const quick = await factorOnce(pool, a, damping, isInverse, false)
  if ('data' in quick) return quick
  const exact = await factorOnce(pool, a, damping, isInverse, true)
  if ('data' in exact) return exact
  throw new AppError('kernel.notPositive', { what: `group ${exact.group}`, pivot: exact.pivot })
}

interface NotPositive {
  readonly group: number
  readonly pivot: number
}

function factorOnce(
  pool: Pool,
  a: SquareStack,
  damping: number,
  isInverse: boolean,
  isExact: boolean,
): Promise<SquareStack | NotPositive> {
  const { groups, size: n } = a
  const elements = groups * n * n
  return pool.run('factor', (arena: Arena) => {
    const inputs = [arena.put(a.data), groups, n, Number(isInverse), Number(isExact)]
    const [out, failed] = [arena.reserve(4 * elements), arena.zeros(8)]
    return {
      fields: [...[...inputs, out, failed].map(word), double(damping)],
      steps: groups * n * n * ((isInverse ? n / 3 : n / 6) + 8),
      result: () => {
        const [group, pivot] = arena.integers(failed, 2)
        if (group) return { group: group - 1, pivot: pivot! }
        return { groups, size: n, data: arena.floats(out, elements).slice() }
      },
    }
  })
}

export function solve(pool: Pool, lower: SquareStack, b: Matrix): Promise<Matrix> {
  return pool.run('solve', (arena) => {
    const inputs = [arena.put(lower.data), arena.put(b.data), lower.groups, lower.size, b.columns]
    const out = arena.reserve(b.data.byteLength)
    return {
      fields: [...inputs, out].map(word),
      steps: (lower.groups * lower.size * lower.size * Math.max(16, b.columns)) / 4,
      result: () => ({ rows: b.rows, columns: b.columns, data: arena.floats(out, b.data.length).slice() }),
    }
  })
}
