// Audio features as a form. Empty fields are left to their standard values.
import type { AudioFeatures, PreprocessRecord } from '../../src-main/base/preprocess-record.ts'
import { type FeatureStandard, featureStandards } from '../../src-main/contract/feature-standards.ts'
import { t } from '../i18n/locale.ts'

export interface SoundForm {
  rate: string
  length: string
  kind: '' | AudioFeatures['kind']
  windowMs: string
  hopMs: string
  fft: string
  mels: string
  lowHz: string
  highHz: string
  coefficients: string
  logOffset: string
  log: boolean
  peak: boolean
}

const text = (value: number | undefined) => (value === undefined ? '' : String(value))

export function soundForm({ rate, length, features }: PreprocessRecord): SoundForm {
  return {
    ...{ rate: text(rate), length: text(length), kind: features?.kind ?? '' },
    ...{ windowMs: text(features?.windowMs ?? 30), hopMs: text(features?.hopMs ?? 20), fft: text(features?.fft) },
    ...{ mels: text(features?.mels), lowHz: text(features?.lowHz), highHz: text(features?.highHz) },
    ...{ coefficients: text(features?.coefficients), logOffset: text(features?.logOffset) },
    ...{ log: features?.log ?? features?.kind !== 'spectrogram', peak: features?.peak ?? false },
  }
}

export function standardForm(name: FeatureStandard): SoundForm {
  return soundForm(featureStandards[name])
}

/** The name that the fields are known by; null for others. */
export function standardOf(form: SoundForm): FeatureStandard | null {
  const same = ([, standard]: [FeatureStandard, PreprocessRecord]) =>
    JSON.stringify(soundForm(standard)) === JSON.stringify(form)
  const entries = Object.entries(featureStandards) as [FeatureStandard, PreprocessRecord][]
  return entries.find(same)?.[0] ?? null
}

type SoundRecord = Pick<PreprocessRecord, 'rate' | 'length' | 'features'>

export function parseSound(form: SoundForm): { record: SoundRecord } | { problem: string } {
  const whole = {
    rate: form.rate,
    length: form.length,
    fft: form.fft,
    mels: form.mels,
    coefficients: form.coefficients,
  }
  const real = {
    windowMs: form.windowMs,
    hopMs: form.hopMs,
    lowHz: form.lowHz,
    highHz: form.highHz,
    logOffset: form.logOffset,
  }
  const numbers: Record<string, number> = {}
  for (const [key, value] of Object.entries({ ...whole, ...real })) {
    const trimmed = String(value ?? '').trim()
    if (trimmed === '') continue
    const number = Number(trimmed)
    const isBad = key in whole ? !Number.isInteger(number) || number < 1 : !(number >= 0)
    if (isBad) return { problem: t('data.badSoundNumber', { field: t(`data.sound.${key as keyof typeof whole}`) }) }
    numbers[key] = number
  }
  const { rate, length, windowMs, hopMs, ...rest } = numbers
  const wave = { ...(rate === undefined ? {} : { rate }), ...(length === undefined ? {} : { length }) }
  if (form.kind === '') return { record: wave }
  if (!windowMs || !hopMs) return { problem: t('data.badFrame') }
  return { record: { ...wave, features: featuresOf(form, form.kind, { windowMs, hopMs, ...rest }) } }
}

type Numbers = Pick<
  AudioFeatures,
  'windowMs' | 'hopMs' | 'fft' | 'mels' | 'lowHz' | 'highHz' | 'coefficients' | 'logOffset'
>

/** Without what the kind does not use, so that equal features are equal records. */
function featuresOf(form: SoundForm, kind: AudioFeatures['kind'], numbers: Numbers): AudioFeatures {
  const { fft, mels, lowHz, highHz, coefficients, logOffset, ...frame } = numbers
  const hasBands = kind !== 'spectrogram'
  const standardLog = kind !== 'spectrogram'
  return {
    ...{ kind, ...frame },
    ...(fft === undefined ? {} : { fft }),
    ...(hasBands && mels !== undefined ? { mels } : {}),
    ...(hasBands && lowHz !== undefined ? { lowHz } : {}),
    ...(hasBands && highHz !== undefined ? { highHz } : {}),
    ...(kind === 'mfcc' && coefficients !== undefined ? { coefficients } : {}),
    ...(kind !== 'mfcc' && form.log !== standardLog ? { log: form.log } : {}),
    ...((kind === 'mfcc' || form.log) && logOffset !== undefined ? { logOffset } : {}),
    ...(form.peak ? { peak: true } : {}),
  }
}
