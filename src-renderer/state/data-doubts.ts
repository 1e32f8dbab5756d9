// What is often wrong with data that can be read all the same, in sentences.
import type { DataSet, PreprocessRecord } from '../../src-main/contract/data-set.ts'
import type { Model } from '../../src-main/contract/model.ts'
import type { Quality } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'
import { formatPercent, formatShape } from '../ui/format.ts'

/** Integer types as the data (`u8`, `i16`) and as model files (`uint8`) name them. */
const integerType = /^(u|i|uint|int)\d+$/

/** Integers out of a file that nothing scales, for a model that takes real numbers. Raw files hold what the model takes. */
export function hasRawIntegers({ inputs, preprocess, format }: DataSet, model: Model | null): boolean {
  const scaled = preprocess.scale !== undefined || preprocess.std !== undefined
  const modelTakesIntegers = model?.inputs.some((input) => integerType.test(input.dtype)) ?? false
  return format !== 'raw' && !scaled && !modelTakesIntegers && inputs.some((input) => integerType.test(input.dtype))
}

/** Why calibration samples may not be what the model will see; null when nothing speaks against them. */
export function calibrationDoubt(data: DataSet, calibration: DataSet): string | null {
  const shape = (set: DataSet) => set.inputs.map((input) => formatShape(input.shape)).join(', ')
  if (shape(data) !== shape(calibration)) {
    return t('notes.otherShape', { calibration: shape(calibration), data: shape(data) })
  }
  if (preprocessKey(data) === preprocessKey(calibration)) return null
  return t('notes.otherPreprocessing')
}

/** Below this many times the accuracy of guessing, a model can hardly be said to know anything. */
const timesChance = 1.5

export function guessingDoubt(original: Quality): string | null {
  const classes = original.task === 'classification' ? original.confusion.length : 0
  if (original.task !== 'classification' || classes < 2 || original.top1 >= timesChance / classes) return null
  return t('notes.guessing', { right: formatPercent(original.top1), chance: formatPercent(1 / classes) })
}

/** What changes the samples themselves. */
function preprocessKey({ preprocess: { split: _, without: __, classes: ___, ...preprocess } }: DataSet): string {
  return recordKey(preprocess)
}

/** The same for the same values, in whatever order they were set. */
export const recordKey = (record: PreprocessRecord): string =>
  JSON.stringify(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
