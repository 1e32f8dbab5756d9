// What a preprocessing record makes of a shape, and whether a model takes that.
import { AppError } from '../base/errors.ts'
import type { PreprocessRecord } from '../contract/data-set.ts'
import { fitShape } from '../data/fit.ts'
import { preparer } from '../data/preprocess.ts'

/** What preprocessing makes of the shape; null when it cannot be applied. */
export function preparedShape(rawShape: readonly number[], preprocess: PreprocessRecord): readonly number[] | null {
  try {
    return preparer(rawShape, preprocess).shape
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

export function accepted(shape: readonly number[], expected: readonly (number | string)[]): boolean {
  try {
    fitShape({ inputs: [{ name: '', shape, rawShape: shape, dtype: 'f32' }] }, expected)
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
