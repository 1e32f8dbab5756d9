// What the samples of a data set are, as far as the fields of the screen depend on it.
import type { DataSet, PreprocessRecord } from '../../src-main/contract/data-set.ts'
import type { Model } from '../../src-main/contract/model.ts'
import type { SampleForm } from '../charts/sample-picture.ts'
import { t } from '../i18n/locale.ts'

/** Recordings: WAV files, or a row of numbers that is no table. */
export function takesSound({ format, inputs, preprocess }: DataSet): boolean {
  if (format === 'audio' || preprocess.features) return true
  const shape = inputs[0]?.shape ?? []
  return format !== 'csv' && format !== 'images' && Math.max(...shape, 0) === elements(shape) && elements(shape) >= 256
}

export function takesPictures(set: DataSet): boolean {
  if (set.format === 'images') return true
  const shape = set.inputs[0]?.shape ?? []
  return set.format !== 'csv' && set.format !== 'audio' && shape.filter((dim) => dim !== 1).length >= 2
}

const elements = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1)

/** How prepared samples are drawn when nobody says: the rows of audio features are moments. */
export const preparedForm = ({ features }: PreprocessRecord): SampleForm => (features ? 'frames' : 'auto')

/** Height and width that the model asks for; null when it takes no pictures or leaves them open. */
export function modelPictureSize(model: Model | null): readonly [number, number] | null {
  const dims = model?.inputs.length === 1 ? (model.inputs[0]!.shape?.slice(1) ?? []) : []
  const [a, b, c] = dims
  if (dims.length !== 3 || typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number') return null
  return c <= 4 ? [a, b] : a <= 4 ? [b, c] : null
}

/** The record in a line. */
export function recordSummary(record: PreprocessRecord): string {
  const parts = Object.entries(record).map(([name, value]) => `${name} ${shown(value)}`)
  return parts.length > 0 ? parts.join(' · ') : t('data.none')
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length > 4 ? `${value.slice(0, 4).join(', ')}…` : value.join(', ')
  if (typeof value !== 'object' || value === null) return String(value)
  return `(${Object.entries(value)
    .map(([name, part]) => `${name} ${part}`)
    .join(', ')})`
}
