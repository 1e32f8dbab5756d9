// The rows of the side-by-side table: each figure of several runs, and which run is best in it.
import type { FigureKind, RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { formatBytes, formatCount, formatFigure, formatMs, formatPercent, formatPoints } from '../ui/format.ts'

export interface ComparedRow {
  readonly title: string
  readonly cells: readonly string[]
  /** How each cell was obtained. */
  readonly kinds: readonly FigureKind[]
  /** Indices of the best runs; empty where nothing is better or all are equal. */
  readonly best: readonly number[]
}

interface Figure {
  readonly title: string
  readonly value: (run: RunReport) => number | null
  readonly format: (value: number) => string
  readonly better: 'low' | 'high'
  readonly kind: (run: RunReport) => FigureKind
}

const onHost = (): FigureKind => 'simulated'
const onDevice = deviceFigureKind
const timed = (run: RunReport): FigureKind => run.latency.kind

const figures: readonly Figure[] = [
  { title: 'Flash', value: (run) => run.flash.totalBytes, format: formatBytes, better: 'low', kind: onDevice },
  { title: 'Weights', value: (run) => run.flash.weightsBytes, format: formatBytes, better: 'low', kind: onDevice },
  { title: 'Pack', value: (run) => run.pack.bytes, format: formatBytes, better: 'low', kind: onDevice },
  {
    title: 'Compression',
    value: (run) => run.compression.ratio,
    format: (v) => `${v.toFixed(2)} ×`,
    better: 'high',
    kind: onDevice,
  },
  { title: 'RAM', value: (run) => run.ram.totalBytes, format: formatBytes, better: 'low', kind: onDevice },
  { title: 'Arena', value: (run) => run.ram.arenaBytes, format: formatBytes, better: 'low', kind: onDevice },
  { title: 'Stack', value: (run) => run.ram.stackBytes, format: formatBytes, better: 'low', kind: onDevice },
  { title: 'Latency, median', value: (run) => run.latency.median / 1000, format: formatMs, better: 'low', kind: timed },
  { title: 'Cycles per MAC', value: cyclesPerMac, format: (v) => v.toFixed(2), better: 'low', kind: timed },
  { title: 'Accuracy (twin)', value: accuracy, format: formatPercent, better: 'high', kind: onHost },
  { title: 'Drop', value: accuracyDrop, format: formatPoints, better: 'low', kind: onHost },
  {
    title: 'Agreement with the original',
    value: (run) => run.quality.twinCross.agreement,
    format: formatPercent,
    better: 'high',
    kind: onHost,
  },
  {
    title: 'SQNR',
    value: (run) => run.quality.twinCross.sqnrDb,
    format: (v) => `${v.toFixed(1)} dB`,
    better: 'high',
    kind: onHost,
  },
  {
    title: 'RMSE to the original',
    value: (run) => run.quality.twinCross.rmse,
    format: formatFigure,
    better: 'low',
    kind: onHost,
  },
  {
    title: 'Bit-exact outputs',
    value: (run) => run.bitExact.equal,
    format: formatCount,
    better: 'high',
    kind: onDevice,
  },
]

export function compareRuns(runs: readonly RunReport[]): ComparedRow[] {
  return figures.map(({ title, value, format, better, kind }) => {
    const values = runs.map(value)
    const known = values.filter((each) => each !== null)
    const target = better === 'low' ? Math.min(...known) : Math.max(...known)
    const differ = known.some((each) => each !== known[0])
    return {
      title,
      cells: values.map((each) => (each === null ? '–' : format(each))),
      kinds: runs.map(kind),
      best: differ ? values.flatMap((each, index) => (each === target ? [index] : [])) : [],
    }
  })
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
export function deviceFigureKind(run: RunReport): FigureKind {
  return run.device.kind === 'board' ? 'measured' : 'simulated'
}

function cyclesPerMac(run: RunReport): number | null {
  return run.model.macs > 0 ? run.latency.cyclesMedian / run.model.macs : null
}
