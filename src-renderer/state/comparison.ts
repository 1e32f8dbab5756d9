// The rows of the side-by-side table: each figure of several runs, and which run is best in it.
import type { FigureKind, RunReport } from '../../src-main/contract/report.ts'
import type { Disagreements, RunSummary } from '../../src-main/contract/run.ts'
import { t } from '../i18n/locale.ts'
import type { MessageKey } from '../i18n/message.ts'
import { formatBytes, formatFigure, formatMs, formatPercent, formatPoints } from '../ui/format.ts'
import { areOfSameSamples, evaluationOf } from './evaluation.ts'

export interface ComparedRow {
  readonly title: string
  readonly cells: readonly string[]
  /** What each differs by from the first run's; null for the first, and where one is unknown. */
  readonly changes: readonly (string | null)[]
  /** How each cell was obtained. */
  readonly kinds: readonly FigureKind[]
  /** Indices of the best runs; empty where nothing is better, all are equal, or they were measured on different samples. */
  readonly best: readonly number[]
  /** How many samples each cell is of; null for figures that are of no samples. */
  readonly counts: readonly (number | null)[] | null
  /** The cells are of different samples, and therefore not held against each other. */
  readonly isApart: boolean
}

interface Figure {
  readonly title: MessageKey
  readonly value: (run: RunReport) => number | null
  readonly format: (value: number) => string
  /** Of a difference, where it is not written as the figure is. */
  readonly formatChange?: (value: number) => string
  readonly better: 'low' | 'high'
  readonly kind: (run: RunReport) => FigureKind
  /** Of the whole test set: comparable only where that is the same. */
  readonly isOfTestSet?: true
  /** Samples that it is of, where it is written. */
  readonly count?: (run: RunReport) => number | null
}

const onHost = (): FigureKind => 'simulated'
const onDevice = deviceFigureKind
const timed = (run: RunReport): FigureKind => run.latency.kind
const points = (share: number) => formatPoints(share * 100)
const decibels = (value: number) => `${value.toFixed(1)}\u00a0dB`

const figures: readonly Figure[] = [
  {
    title: 'runs.figure.flash',
    value: (run) => run.flash.totalBytes,
    format: formatBytes,
    better: 'low',
    kind: onDevice,
  },
  {
    title: 'runs.figure.weights',
    value: (run) => run.flash.weightsBytes,
    format: formatBytes,
    better: 'low',
    kind: onDevice,
  },
  { title: 'runs.figure.pack', value: (run) => run.pack.bytes, format: formatBytes, better: 'low', kind: onDevice },
  {
    title: 'runs.figure.compression',
    value: (run) => run.compression.ratio,
    format: (v) => `${v.toFixed(2)}\u00a0×`,
    better: 'high',
    kind: onDevice,
  },
  { title: 'runs.figure.ram', value: (run) => run.ram.totalBytes, format: formatBytes, better: 'low', kind: onDevice },
  {
    title: 'runs.figure.arena',
    value: (run) => run.ram.arenaBytes,
    format: formatBytes,
    better: 'low',
    kind: onDevice,
  },
  {
    title: 'runs.figure.stack',
    value: (run) => run.ram.stackBytes,
    format: formatBytes,
    better: 'low',
    kind: onDevice,
  },
  {
    title: 'runs.figure.latency',
    value: (run) => run.latency.median / 1000,
    format: formatMs,
    better: 'low',
    kind: timed,
  },
  { title: 'runs.figure.cyclesPerMac', value: cyclesPerMac, format: (v) => v.toFixed(2), better: 'low', kind: timed },
  {
    title: 'runs.figure.accuracy',
    value: accuracy,
    format: formatPercent,
    formatChange: points,
    better: 'high',
    kind: onHost,
    isOfTestSet: true,
    count: (run) => run.quality.twin.n,
  },
  {
    title: 'runs.figure.drop',
    value: accuracyDrop,
    format: formatPoints,
    better: 'low',
    kind: onHost,
    isOfTestSet: true,
  },
  {
    title: 'runs.figure.agreement',
    value: (run) => run.quality.twinCross.agreement,
    format: formatPercent,
    formatChange: points,
    better: 'high',
    kind: onHost,
    isOfTestSet: true,
  },
  {
    title: 'runs.figure.sqnr',
    value: (run) => run.quality.twinCross.sqnrDb,
    format: decibels,
    better: 'high',
    kind: onHost,
    isOfTestSet: true,
  },
  {
    title: 'runs.figure.rmse',
    value: (run) => run.quality.twinCross.rmse,
    format: formatFigure,
    better: 'low',
    kind: onHost,
    isOfTestSet: true,
  },
  {
    title: 'runs.figure.bitExact',
    value: exactShare,
    format: formatPercent,
    formatChange: points,
    better: 'high',
    kind: onDevice,
    count: (run) => run.bitExact.samples,
  },
]

export function compareRuns(runs: readonly RunReport[]): ComparedRow[] {
  const isSame = areOfSameSamples(runs.map(evaluationOf))
  return figures.map((figure) => comparedRow(figure, runs, figure.isOfTestSet === true && !isSame))
}

function comparedRow(figure: Figure, runs: readonly RunReport[], isApart: boolean): ComparedRow {
  const { title, value, format, formatChange = format, better, kind, count } = figure
  const values = runs.map(value)
  const [base = null] = values
  return {
    title: t(title),
    cells: values.map((each) => (each === null ? '–' : format(each))),
    changes: values.map((each, i) =>
      isApart || i === 0 || each === null || base === null ? null : change(each - base, formatChange),
    ),
    kinds: runs.map(kind),
    best: isApart ? [] : bestOf(values, better),
    counts: count ? runs.map(count) : null,
    isApart,
  }
}

/** Accuracy on the samples that all of the runs were measured on, which can be compared whatever else they ran on. */
export function commonAccuracy({ compared, right }: Disagreements): ComparedRow | null {
  if (compared === 0 || right === null) return null
  const shares = right.map((count) => count / compared)
  const [base = 0] = shares
  return {
    title: t('runs.figure.commonAccuracy'),
    cells: shares.map(formatPercent),
    changes: shares.map((share, i) => (i === 0 ? null : change(share - base, points))),
    kinds: shares.map(onHost),
    best: bestOf(shares, 'high'),
    counts: shares.map(() => compared),
    isApart: false,
  }
}

function bestOf(values: readonly (number | null)[], better: 'low' | 'high'): number[] {
  const known = values.filter((each) => each !== null)
  const target = better === 'low' ? Math.min(...known) : Math.max(...known)
  const differ = known.some((each) => each !== known[0])
  return differ ? values.flatMap((each, index) => (each === target ? [index] : [])) : []
}

function change(by: number, format: (value: number) => string): string {
  return by === 0 ? '±0' : `${by > 0 ? '+' : '−'}${format(Math.abs(by))}`
}

/** Share of the outputs that ran on the device and equal the twin's; null when none ran there. */
function exactShare({ bitExact: { equal, samples } }: RunReport): number | null {
  return samples > 0 ? equal / samples : null
}

/** Share of right answers of the twin on the whole set, 0 to 1. */
export function accuracy(run: RunReport): number | null {
  return run.quality.twin.task === 'classification' ? run.quality.twin.top1 : null
}

/** Percentage points that the twin lost against the original on the whole set. */
export function accuracyDrop(run: RunReport): number | null {
  const { original, twin } = run.quality
  if (original.task !== 'classification' || twin.task !== 'classification') return null
  return (original.top1 - twin.top1) * 100
}

/** The same for a row of the runs table. Besides a board, only the twin's latency is measured: on this computer. */
export function summaryFigureKind({ device, latencyKind }: Pick<RunSummary, 'device' | 'latencyKind'>): FigureKind {
  return latencyKind === 'measured' && device !== 'twin' ? 'measured' : 'simulated'
}

/** How what the device itself gave was obtained. The twin is the runtime on the host, so it counts as an emulator. */
export function deviceFigureKind(run: Pick<RunReport, 'device'>): FigureKind {
  return run.device.kind === 'board' ? 'measured' : 'simulated'
}

function cyclesPerMac(run: RunReport): number | null {
  return run.model.macs > 0 ? run.latency.cyclesMedian / run.model.macs : null
}
