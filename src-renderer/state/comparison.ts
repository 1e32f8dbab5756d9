// The rows of the side-by-side table: each figure of several runs, and which run is best in it.
import type { FigureKind, RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { t } from '../i18n/locale.ts'
import type { MessageKey } from '../i18n/message.ts'
import { formatBytes, formatCount, formatFigure, formatMs, formatPercent, formatPoints } from '../ui/format.ts'

export interface ComparedRow {
  readonly title: string
  readonly cells: readonly string[]
  /** What each differs by from the first run's; null for the first, and where one is unknown. */
  readonly changes: readonly (string | null)[]
  /** How each cell was obtained. */
  readonly kinds: readonly FigureKind[]
  /** Indices of the best runs; empty where nothing is better or all are equal. */
  readonly best: readonly number[]
}

interface Figure {
  readonly title: MessageKey
  readonly value: (run: RunReport) => number | null
  readonly format: (value: number) => string
  /** Of a difference, where it is not written as the figure is. */
  readonly formatChange?: (value: number) => string
  readonly better: 'low' | 'high'
  readonly kind: (run: RunReport) => FigureKind
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
  },
  { title: 'runs.figure.drop', value: accuracyDrop, format: formatPoints, better: 'low', kind: onHost },
  {
    title: 'runs.figure.agreement',
    value: (run) => run.quality.twinCross.agreement,
    format: formatPercent,
    formatChange: points,
    better: 'high',
    kind: onHost,
  },
  {
    title: 'runs.figure.sqnr',
    value: (run) => run.quality.twinCross.sqnrDb,
    format: decibels,
    better: 'high',
    kind: onHost,
  },
  {
    title: 'runs.figure.rmse',
    value: (run) => run.quality.twinCross.rmse,
    format: formatFigure,
    better: 'low',
    kind: onHost,
  },
  {
    title: 'runs.figure.bitExact',
    value: (run) => run.bitExact.equal,
    format: formatCount,
    better: 'high',
    kind: onDevice,
  },
]

export function compareRuns(runs: readonly RunReport[]): ComparedRow[] {
  return figures.map(({ title, value, format, formatChange = format, better, kind }) => {
    const values = runs.map(value)
    const known = values.filter((each) => each !== null)
    const target = better === 'low' ? Math.min(...known) : Math.max(...known)
    const differ = known.some((each) => each !== known[0])
    const base = values[0] ?? null
    return {
      title: t(title),
      cells: values.map((each) => (each === null ? '–' : format(each))),
      changes: values.map((each, i) =>
        i === 0 || each === null || base === null ? null : change(each - base, formatChange),
      ),
      kinds: runs.map(kind),
      best: differ ? values.flatMap((each, index) => (each === target ? [index] : [])) : [],
    }
  })
}

function change(by: number, format: (value: number) => string): string {
  return by === 0 ? '±0' : `${by > 0 ? '+' : '−'}${format(Math.abs(by))}`
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
