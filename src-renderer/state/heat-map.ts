// What the heat map of a sensitivity analysis shows: a measure, its number and colour in every cell, and the order of rows.

import type { CostBasis, LayerSensitivity, Sensitivity, SensitivityCell } from '../../src-main/contract/analysis.ts'
import { t } from '../i18n/locale.ts'
import { formatBytes, formatCount, formatFigure, formatPercent, formatPoints, formatShort } from '../ui/format.ts'

/** harm: darker is worse. gain: darker is better; less than nothing is harm. */
export type Tone = 'harm' | 'gain'

export interface Shade {
  readonly tone: Tone
  /** 0 to 1 */
  readonly depth: number
}

export type MeasureKey = 'output' | 'drop' | 'kl' | 'cosine' | 'layer' | 'weights' | 'bytes' | 'cycles'

export interface Measure {
  /** Its title and unit are messages of that name. */
  readonly key: MeasureKey
  readonly tone: Tone
  /** Ends of the colour scale, palest first. */
  readonly ends: readonly [string, string]
  value(cell: SensitivityCell, layer: LayerSensitivity): number | null
  format(value: number): string
  /** 0 to 1 of its own tone; negative gains are harm. */
  depth(value: number): number
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))

/** No error at all, as a number that sorts and shows. */
const perfectDb = 200
const decibels = (value: number) => (value >= perfectDb ? t('analysis.same') : value.toFixed(1))
const fromDb = (value: number) => clamp((45 - value) / 40)
const cosineDepth = (value: number) => clamp((1 - value) / 0.3)

function savedShare(of: 'bytes' | 'cycles') {
  return ({ footprint }: SensitivityCell, { int8 }: LayerSensitivity): number | null => {
    const [before, after] = [int8?.[of] ?? null, footprint?.[of] ?? null]
    return before === null || after === null || before === 0 ? null : 1 - after / before
  }
}

export const measures: readonly Measure[] = [
  {
    key: 'output',
    tone: 'harm',
    ends: ['45 dB', '5 dB'],
    value: ({ output }) => output.sqnrDb ?? perfectDb,
    format: decibels,
    depth: fromDb,
  },
  {
    key: 'drop',
    tone: 'harm',
    ends: ['0 pp', '10 pp'],
    value: ({ accuracyDrop }) => accuracyDrop,
    format: (value) => value.toFixed(1),
    depth: (value) => clamp(value / 10),
  },
  {
    key: 'kl',
    tone: 'harm',
    ends: ['0.0001', '1'],
    value: ({ kl }) => kl,
    format: (value) => (value < 0.0001 ? '0' : value < 0.01 ? value.toFixed(4) : value.toFixed(2)),
    depth: (value) => clamp(1 + Math.log10(Math.max(value, 1e-6)) / 4),
  },
  {
    key: 'cosine',
    tone: 'harm',
    ends: ['1', '0.7'],
    value: ({ output }) => output.cosine,
    format: (value) => value.toFixed(3),
    depth: cosineDepth,
  },
  {
    key: 'layer',
    tone: 'harm',
    ends: ['45 dB', '5 dB'],
    value: ({ layerOutput }) => layerOutput.sqnrDb ?? perfectDb,
    format: decibels,
    depth: fromDb,
  },
  {
    key: 'weights',
    tone: 'harm',
    ends: ['45 dB', '5 dB'],
    value: ({ weights }) => weights.sqnrDb ?? perfectDb,
    format: decibels,
    depth: fromDb,
  },
  {
    key: 'bytes',
    tone: 'gain',
    ends: ['0 %', '100 %'],
    value: savedShare('bytes'),
    format: (value) => `${Math.round(value * 100)}%`,
    depth: (value) => value,
  },
  {
    key: 'cycles',
    tone: 'gain',
    ends: ['0 %', '100 %'],
    value: savedShare('cycles'),
    format: (value) => `${Math.round(value * 100)}%`,
    depth: (value) => value,
  },
]

export function shadeOf(measure: Measure, value: number | null): Shade {
  if (value === null) return { tone: measure.tone, depth: 0 }
  const depth = measure.depth(value)
  return depth < 0 ? { tone: 'harm', depth: clamp(-depth) } : { tone: measure.tone, depth: clamp(depth) }
}

/** Measures that have a number somewhere: without labels there is no accuracy. */
export const measuresOf = ({ layers }: Sensitivity): readonly Measure[] =>
  measures.filter((measure) => layers.some((layer) => layer.cells.some((cell) => measure.value(cell, layer) !== null)))

export const cellOf = (layer: LayerSensitivity, method: string): SensitivityCell | null =>
  layer.cells.find((cell) => cell.method === method) ?? null

/** SQNR of the network's output, dB, when one layer alone has 4-bit weights; null before the analysis. */
export function outputNoise(found: Sensitivity | null): ReadonlyMap<string, number> | null {
  const rows = (found?.layers ?? []).flatMap((layer): [string, number][] => {
    const sqnrDb = cellOf(layer, 'w4')?.output.sqnrDb
    return sqnrDb == null ? [] : [[layer.node, sqnrDb]]
  })
  return rows.length > 0 ? new Map(rows) : null
}

/** By one method's number, most depth first; null: in the order of the network. Cells without a number come last. */
export function sortLayers(
  layers: readonly LayerSensitivity[],
  measure: Measure,
  method: string | null,
): readonly LayerSensitivity[] {
  if (method === null) return layers
  const depthOf = (layer: LayerSensitivity) => {
    const cell = cellOf(layer, method)
    const value = cell && measure.value(cell, layer)
    return value === null ? Number.NEGATIVE_INFINITY : measure.depth(value)
  }
  const fine = (layer: LayerSensitivity) => {
    const cell = cellOf(layer, method)
    const value = cell && measure.value(cell, layer)
    return value === null
      ? 0
      : measure.key === 'drop' || measure.key === 'kl' || measure.tone === 'gain'
        ? -value
        : value
  }
  return layers.toSorted((a, b) => depthOf(b) - depthOf(a) || fine(a) - fine(b))
}

export type Detail =
  | 'weights'
  | 'layerOutput'
  | 'networkOutput'
  | 'divergence'
  | 'agreement'
  | 'accuracy'
  | 'stored'
  | 'cycles'

/** Everything known of a cell, as rows of words and numbers. */
export function explain(cell: SensitivityCell, layer: LayerSensitivity): readonly (readonly [Detail, string])[] {
  const { weights, layerOutput, output } = cell
  const rows: [Detail, string][] = [
    ['weights', errorText(weights)],
    ['layerOutput', errorText(layerOutput)],
    ['networkOutput', errorText(output)],
  ]
  if (cell.kl !== null) rows.push(['divergence', t('analysis.nats', { value: formatFigure(cell.kl) })])
  if (cell.agreement !== null) rows.push(['agreement', formatPercent(cell.agreement)])
  if (cell.accuracy !== null) {
    const values = { accuracy: formatPercent(cell.accuracy), points: formatPoints(cell.accuracyDrop) }
    rows.push(['accuracy', t('analysis.belowFloat', values)])
  }
  return [...rows, ...footprintRows(cell, layer)]
}

function errorText({ sqnrDb, cosine }: SensitivityCell['output']): string {
  const text = cosine.toFixed(5)
  if (sqnrDb === null) return t('analysis.noError', { cosine: text })
  return t('analysis.figures', { sqnr: sqnrDb.toFixed(1), cosine: text })
}

function footprintRows({ footprint }: SensitivityCell, { int8 }: LayerSensitivity): [Detail, string][] {
  if (!footprint) return []
  const { codec, mode, cycles } = footprint
  const values = { bytes: formatBytes(footprint.bytes), codec, mode }
  const stored = int8
    ? t('analysis.storedAsBefore', { ...values, before: formatBytes(int8.bytes) })
    : t('analysis.storedAs', values)
  if (cycles === null) return [['stored', stored]]
  const counted = formatShort(cycles)
  const before = int8?.cycles == null ? null : formatShort(int8.cycles)
  return [
    ['stored', stored],
    ['cycles', before === null ? counted : t('analysis.cyclesBefore', { cycles: counted, before })],
  ]
}

/** What an estimate may be off, in a sentence. */
export function basisText(basis: CostBasis): string {
  const { isExact, coreClass, medianPercent, worstPercent, models, profiles } = basis
  if (!isExact) return t('analysis.basisOther', { core: coreClass })
  const assumed =
    basis.counter === 'cycles' ? '' : t('analysis.basisAssumed', { cycles: basis.cyclesPerInstruction.toFixed(2) })
  const refined = profiles > 0 ? t('analysis.basisRefined', { profiles: formatCount(profiles) }) : ''
  const values = { median: medianPercent.toFixed(1), worst: worstPercent.toFixed(1), models }
  return `${t('analysis.basis', values)}${refined}${assumed}`
}
