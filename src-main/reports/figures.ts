// What the documents have in common: how figures are written, and which of the three words they carry.
import { type Note, say } from '../base/note.ts'
import type { Part } from '../contract/flash-parts.ts'
import type { BudgetName, FigureKind, Quality, RunReport } from '../contract/report.ts'

/**
 * How what the device itself gave (memory, outputs, accuracy) was obtained. The twin is the runtime on the host, so it
 * counts as an emulator. Latency says its own word, since a device without a counter has it estimated.
 */
export function deviceFigureKind(run: RunReport): FigureKind {
  return run.device.kind === 'board' ? 'measured' : 'simulated'
}

/** Flash of the model and what runs it, ours without the protocol, beside the same model under another runtime. */
export function baselineRows({ baseline, flash }: RunReport) {
  if (!baseline) return []
  const { code } = flash
  const runtimeBytes = code ? code.kernelsBytes + code.decodersBytes : null
  return [
    {
      title: say`This run`,
      modelBytes: flash.packBytes,
      runtimeBytes,
      totalBytes: runtimeBytes === null ? null : flash.packBytes + runtimeBytes,
    },
    { ...baseline },
  ]
}

export function ramParts(run: RunReport): Part[] {
  const { ram } = run
  return [
    { title: say`Arena`, bytes: ram.arenaBytes, note: say`high water ${formatBytes(ram.arenaHighBytes)}` },
    { title: say`Stack`, bytes: ram.stackBytes, note: say`high water` },
    { title: say`Static`, bytes: ram.staticBytes },
    { title: say`Kept inputs`, bytes: ram.inputBytes },
    { title: say`Pack in RAM`, bytes: ram.packBytes },
  ]
}

export interface QualityRow {
  readonly title: Note
  readonly kind: FigureKind
  readonly quality: Quality
}

export function qualityRows(run: RunReport): QualityRow[] {
  const { quality } = run
  const kind = deviceFigureKind(run)
  return [
    { title: say`Device against truth`, kind, quality: quality.device },
    { title: say`Twin against truth`, kind: 'simulated', quality: quality.twin },
    { title: say`Original against truth`, kind: 'measured', quality: quality.original },
    {
      title: say`Original against truth, on the device samples`,
      kind: 'measured',
      quality: quality.originalOnDeviceSamples,
    },
  ]
}

export function crossRows(run: RunReport) {
  return [
    { title: say`Device against original`, kind: deviceFigureKind(run), cross: run.quality.cross },
    { title: say`Twin against original`, kind: 'simulated' as const, cross: run.quality.twinCross },
  ]
}

/** Of the twin on the whole test set, 0 to 1; null without classes. */
export function accuracy(run: RunReport): number | null {
  return run.quality.twin.task === 'classification' ? run.quality.twin.top1 : null
}

/** Percentage points that the twin lost against the original on the whole test set. */
export function accuracyDrop(run: RunReport): number | null {
  const { original, twin } = run.quality
  if (original.task !== 'classification' || twin.task !== 'classification') return null
  return (original.top1 - twin.top1) * 100
}

export function budgetKind(run: RunReport, budget: BudgetName): FigureKind {
  if (budget === 'latencyMs') return run.latency.kind
  return budget === 'accuracyDrop' ? 'simulated' : deviceFigureKind(run)
}

export function withinBudgets(run: RunReport): boolean {
  return run.budgets.every((budget) => budget.met !== false)
}

/** How what is said of the budgets looks; without any there is nothing to keep. */
export function budgetsTone(run: RunReport): 'muted' | 'good' | 'bad' {
  if (run.budgets.length === 0) return 'muted'
  return withinBudgets(run) ? 'good' : 'bad'
}

export const budgetsNotes: Record<ReturnType<typeof budgetsTone>, Note> = {
  muted: '–',
  good: say`within`,
  bad: say`over`,
}

/** Of memory, and how much of it is used; the twin has no end of it. */
export function availableNote({
  totalBytes,
  availableBytes,
}: Pick<RunReport['flash'], 'totalBytes' | 'availableBytes'>): Note {
  if (availableBytes === 0) return say`unlimited`
  return say`${formatBytes(availableBytes)} (${((totalBytes / availableBytes) * 100).toFixed(1)} % used)`
}

export interface ComparedFigure {
  readonly title: Note
  readonly cells: readonly { readonly text: string; readonly change: string | null; readonly kind: FigureKind }[]
}

/** The main figures of several runs, and by how much each differs from the first run's. */
export function differences(runs: readonly RunReport[]): ComparedFigure[] {
  const timed = (run: RunReport) => run.latency.kind
  const onTwin = (): FigureKind => 'simulated'
  return [
    compared(say`Flash`, runs, (run) => run.flash.totalBytes, formatBytes, deviceFigureKind),
    compared(say`Weights`, runs, (run) => run.flash.weightsBytes, formatBytes, deviceFigureKind),
    compared('RAM', runs, (run) => run.ram.totalBytes, formatBytes, deviceFigureKind),
    compared(say`Latency, median`, runs, (run) => run.latency.median, formatUs, timed),
    compared(say`Accuracy (twin)`, runs, accuracy, formatShare, onTwin),
    compared(say`Agreement with the original`, runs, (run) => run.quality.twinCross.agreement, formatShare, onTwin),
  ]
}

function compared(
  title: Note,
  runs: readonly RunReport[],
  value: (run: RunReport) => number | null,
  format: (value: number) => string,
  kind: (run: RunReport) => FigureKind,
): ComparedFigure {
  const [first] = runs
  const base = first ? value(first) : null
  const cells = runs.map((run, i) => {
    const found = value(run)
    const change = i === 0 || found === null || base === null ? null : signed(found - base, format)
    return { text: found === null ? '–' : format(found), change, kind: kind(run) }
  })
  return { title, cells }
}

const signed = (change: number, format: (value: number) => string) =>
  change === 0 ? '±0' : `${change > 0 ? '+' : '−'}${format(Math.abs(change))}`

export function formatBudget(budget: BudgetName, value: number | null): Note {
  if (value === null) return say`not measured`
  switch (budget) {
    case 'flashBytes':
    case 'ramBytes':
      return formatBytes(value)
    case 'latencyMs':
      return formatUs(value * 1000)
    case 'energyUj':
      return `${figure(value)} µJ`
    case 'accuracyDrop':
      return formatPoints(value)
  }
}

/** Exact to the byte: a report is a record. */
export function formatBytes(bytes: number): string {
  return `${grouped(bytes)} B`
}

export function formatUs(us: number): string {
  if (Math.abs(us) < 1_000) return `${figure(us)} µs`
  return Math.abs(us) < 1_000_000 ? `${figure(us / 1_000)} ms` : `${figure(us / 1_000_000)} s`
}

export function formatShare(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(2)} %`
}

export function formatPoints(points: number | null): Note {
  return points === null ? '–' : say`${points.toFixed(2)} points`
}

export function formatHz(hz: number): string {
  return hz >= 1e6 ? `${figure(hz / 1e6)} MHz` : `${grouped(hz)} Hz`
}

export function grouped(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(value)
}

/** Five significant digits, an exponent only for the very small and the very large. */
export function figure(value: number | null): string {
  if (value === null) return '–'
  if (!Number.isFinite(value)) return String(value)
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e9)) return value.toExponential(3)
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 5 }).format(value)
}
