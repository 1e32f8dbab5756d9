// The preprocessing record as a form. Empty fields are left out of the record.
import type { PreprocessRecord } from '../../src-main/contract/data-set.ts'
import { t } from '../i18n/locale.ts'
import { parseSound, type SoundForm, soundForm } from './sound-form.ts'

export interface PreprocessForm {
  scale: string
  mean: string
  std: string
  layout: '' | 'nchw' | 'nhwc'
  resizeHeight: string
  resizeWidth: string
  resizeMode: '' | 'fit' | 'crop'
  grey: boolean
  sound: SoundForm
  /** Column of a table. */
  target: string
  missing: '' | 'mean' | 'drop'
  /** In the model's order, with commas between. */
  classes: string
}

export function preprocessForm(record: PreprocessRecord): PreprocessForm {
  const list = (value: number | number[] | undefined) => (value === undefined ? '' : [value].flat().join(', '))
  return {
    scale: record.scale === undefined ? '' : String(record.scale),
    mean: list(record.mean),
    std: list(record.std),
    layout: record.layout ?? '',
    resizeHeight: record.resize ? String(record.resize[0]) : '',
    resizeWidth: record.resize ? String(record.resize[1]) : '',
    resizeMode: record.resizeMode === 'stretch' ? '' : (record.resizeMode ?? ''),
    grey: record.grey ?? false,
    sound: soundForm(record),
    target: record.target ?? '',
    missing: record.missing ?? '',
    classes: record.classes?.join(', ') ?? '',
  }
}

/** What the form has no fields for: it stays as it is. */
type Kept = Pick<PreprocessRecord, 'without' | 'split'>

export function parsePreprocess(
  form: PreprocessForm,
  { without, split }: Kept = {},
): { record: PreprocessRecord } | { problem: string } {
  const record: PreprocessRecord = { ...(without ? { without } : {}), ...(split ? { split } : {}) }
  const scale = parseNumber(form.scale)
  const mean = parseList(form.mean)
  const std = parseList(form.std)
  if (scale === null) return { problem: t('data.badScale') }
  if (mean === null || std === null) {
    return { problem: t('data.badMean') }
  }
  if (std !== undefined && [std].flat().includes(0)) return { problem: t('data.zeroStd') }
  if (scale !== undefined) record.scale = scale
  if (mean !== undefined) record.mean = mean
  if (std !== undefined) record.std = std
  if (form.layout) record.layout = form.layout
  const resize = parseResize(form.resizeHeight, form.resizeWidth)
  if (resize === null) return { problem: t('data.badResize') }
  if (resize) record.resize = resize
  if (resize && form.resizeMode) record.resizeMode = form.resizeMode
  if (form.grey) record.grey = true
  const sound = parseSound(form.sound)
  if ('problem' in sound) return sound
  if (form.target) record.target = form.target
  if (form.missing) record.missing = form.missing
  const classes = form.classes.split(/[,，]/).map((name) => name.trim())
  if (form.classes.trim() !== '') record.classes = classes.filter((name) => name !== '')
  return { record: { ...record, ...sound.record } }
}

/** undefined: empty; null: not a number. `1/255` is allowed, since that is how scales are known. */
function parseNumber(text: string): number | undefined | null {
  const parts = String(text ?? '')
    .trim()
    .split('/')
  if (parts.length === 1 && parts[0] === '') return undefined
  const [value, divisor] = parts.map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const result = parts.length === 1 ? value! : parts.length === 2 ? value! / divisor! : Number.NaN
  return Number.isFinite(result) ? result : null
}

function parseList(text: string): number | number[] | undefined | null {
  if (text.trim() === '') return undefined
  const values = text.split(/[,;]/).map(parseNumber)
  if (values.some((value) => value === null || value === undefined)) return null
  const numbers = values.filter((value): value is number => typeof value === 'number')
  return numbers.length === 1 ? numbers[0] : numbers
}

function parseResize(height: string, width: string): [number, number] | undefined | null {
  const texts = [String(height ?? '').trim(), String(width ?? '').trim()]
  if (texts.every((text) => text === '')) return undefined
  const [h, w] = texts.map(Number)
  return Number.isInteger(h) && Number.isInteger(w) && h! > 0 && w! > 0 ? [h!, w!] : null
}
