import { say } from '../../base/note.ts'
import type { Dim, Shape } from '../graph.ts'
import { defineOp, type InferContext, type OutputType } from '../op.ts'
import { attrOrInput, axesOf, freshDim, isKnown, isStatic, knownNumbers, pickDims, typeOf } from './dims.ts'

/** One dimension of a slice: elements begin, begin + step, ... `count` of them. */
export interface SliceRange {
  readonly axis: number
  readonly begin: number
  readonly step: number
  readonly count: Dim
}

/** Ranges of the sliced dimensions; null when they are not known. */
export function sliceRanges(c: InferContext, shape: Shape): readonly SliceRange[] | null {
  const starts = attrOrInput(c, 'starts', 1)
  const ends = attrOrInput(c, 'ends', 2)
  if (starts === undefined || ends === undefined) return c.fail(say`starts or ends are missing`)
  const given = attrOrInput(c, 'axes', 3)
  const steps = c.input(4) ? knownNumbers(c, 4) : starts?.map(() => 1)
  if (!starts || !ends || given === null || !steps) return null
  const axes = axesOf(c, given ?? starts.map((_, i) => i), shape.length)
  if (new Set([starts.length, ends.length, axes.length, steps.length]).size !== 1)
    c.fail(say`starts, ends, axes and steps differ in length`)
  return axes.map((axis, i) => range(c, shape[axis]!, axis, starts[i]!, ends[i]!, steps[i]!))
}

function range(c: InferContext, size: Dim, axis: number, start: number, end: number, step: number): SliceRange {
  if (step === 0) c.fail(say`a step is 0`)
  if (!isKnown(size)) return { axis, begin: start, step, count: symbolicCount(c, size, axis, start, end, step) }
  const wrap = (v: number) => (v < 0 ? v + size : v)
  const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high)
  const begin = step > 0 ? clamp(wrap(start), 0, size) : clamp(wrap(start), 0, size - 1)
  const stop = step > 0 ? clamp(wrap(end), 0, size) : clamp(wrap(end), -1, size - 1)
  return { axis, begin, step, count: Math.max(0, Math.ceil((stop - begin) / step)) }
}

/** Exporters write "to the end" as a very large number. */
const beyondAny = 2 ** 31 - 1

function symbolicCount(c: InferContext, size: string, axis: number, start: number, end: number, step: number): Dim {
  if (start === 0 && step === 1 && end >= beyondAny) return size
  return freshDim(c, axis)
}

function infer(c: InferContext): readonly OutputType[] {
  const { dtype, shape } = typeOf(c, 0)
  const ranges = shape && sliceRanges(c, shape)
  if (!shape || !ranges) return [{ dtype, shape: shape ? shape.map((_, i) => freshDim(c, i)) : null }]
  const sizes: Dim[] = [...shape]
  for (const range of ranges) sizes[range.axis] = range.count
  return [{ dtype, shape: sizes }]
}

function dims(c: InferContext, [y]: readonly OutputType[]): readonly Dim[] | null {
  const [all, shape] = [c.dims(0), c.shape(0)]
  const ranges = shape && sliceRanges(c, shape)
  if (!all || !ranges || !isStatic(shape) || !y || !isStatic(y.shape)) return null
  const byAxis = new Map(ranges.map((range) => [range.axis, range]))
  return pickDims(all, shape, y.shape, (index) =>
    index.map((i, d) => {
      const range = byAxis.get(d)
      return range ? range.begin + i * range.step : i
    }),
  )
}

export const slice = defineOp('Slice', { infer, dims })
