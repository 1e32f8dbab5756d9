// What an accuracy is of: figures of different samples say nothing about each other.
import type { RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { t } from '../i18n/locale.ts'
import { formatCount } from '../ui/format.ts'

export type Evaluation = Pick<RunSummary, 'modelName' | 'dataSha256' | 'samples' | 'accuracy' | 'accuracyDrop'>

export function evaluationOf({ model, data, quality: { twin, original } }: RunReport): Evaluation {
  const classes = twin.task === 'classification' && original.task === 'classification'
  return {
    modelName: model.sha256,
    dataSha256: data.sha256,
    samples: twin.n,
    accuracy: classes ? twin.top1 : null,
    accuracyDrop: classes ? (original.top1 - twin.top1) * 100 : null,
  }
}

/** Accuracy of the original, 0 to 1; null without labels. */
export const originalAccuracy = ({ accuracy, accuracyDrop }: Evaluation): number | null =>
  accuracy === null || accuracyDrop === null ? null : accuracy + accuracyDrop / 100

/**
 * The same data and as many of them. Where a calibration part was kept out of the data, or they were preprocessed otherwise, it shows
 * in the original's accuracy, which must be one for one model.
 */
export function areOfSameSamples(runs: readonly Evaluation[]): boolean {
  const [first] = runs
  const originals = new Map<string, number>()
  return runs.every((run) => {
    if (run.dataSha256 !== first?.dataSha256 || run.samples !== first.samples) return false
    const original = originalAccuracy(run)
    const known = originals.get(run.modelName) ?? original
    if (original !== null) originals.set(run.modelName, original)
    return isEqual(original, known)
  })
}

/** The accuracy of the original where it is the same for all of the runs; else null. */
export function commonOriginal(runs: readonly Evaluation[]): number | null {
  const [first = null] = runs.map(originalAccuracy)
  return runs.every((run) => isEqual(originalAccuracy(run), first)) ? first : null
}

export const samplesKey = ({ dataSha256, samples }: Pick<Evaluation, 'dataSha256' | 'samples'>) =>
  `${dataSha256?.slice(0, 8) ?? ''} ${samples ?? ''}`

/** Runs by the data and the number of samples that they were measured on, the most samples first. */
export function sampleGroups<T extends Evaluation>(runs: readonly T[]): T[][] {
  const groups = Map.groupBy(runs, samplesKey)
  return [...groups.values()].sort((a, b) => (b[0]!.samples ?? 0) - (a[0]!.samples ?? 0) || b.length - a.length)
}

/** "n 5,000"; with the beginning of the data's hash where another data set gave as many. */
export function samplesText(key: string, keys: readonly string[]): string {
  const [data = '', samples = ''] = key.split(' ')
  const text = samples === '' ? t('runs.countUnknown') : t('runs.count', { n: formatCount(Number(samples)) })
  return keys.some((other) => other !== key && other.endsWith(` ${samples}`)) ? `${text} · ${data}` : text
}

/** Sums of rounded parts: equal to far less than one of a million samples. */
const isEqual = (a: number | null, b: number | null) => a === b || (a !== null && b !== null && Math.abs(a - b) < 1e-9)
