// Whether the samples of a data set are what a model takes.
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { Shape } from '../ir/graph.ts'
import { elementsOf } from '../ir/tensor.ts'
import type { Dataset } from './dataset.ts'

/**
 * The shape a sample gets for a model input [batch, ...]: the same elements in the same order, with dimensions of 1 added
 * or left out, or to and from one flat row. Anything else (channels first or last, another size) is refused.
 */
export function fitShape(dataset: Pick<Dataset, 'inputs'>, modelInputShape: Shape, input = 0): readonly number[] {
  const found = dataset.inputs[input]?.shape ?? []
  const expected = modelInputShape.slice(1)
  const fitted = expected.every((dim) => typeof dim === 'number') ? fixed(found, expected) : open(found, expected)
  if (fitted) return fitted
  throw new AppError('data.shape', { found: show(found), expected: show(expected) })
}

const show = (shape: Shape) => (shape.length === 0 ? say`a single number` : shape.join(' x '))

function fixed(found: readonly number[], expected: readonly number[]): readonly number[] | null {
  if (elementsOf(found) !== elementsOf(expected)) return null
  const [a, b] = [found, expected].map((shape) => shape.filter((dim) => dim !== 1)) as [number[], number[]]
  const safe = a.length <= 1 || b.length <= 1 || a.join() === b.join()
  return safe ? expected : null
}

/** Sizes that the model leaves open take the sample's. */
function open(found: readonly number[], expected: Shape): readonly number[] | null {
  const fits =
    found.length === expected.length && expected.every((dim, i) => typeof dim === 'string' || dim === found[i])
  return fits ? found : null
}
