// What the heat map of a sensitivity analysis shows: a measure, its number and colour in every cell, and the order of rows.
import type { CostBasis, LayerSensitivity, Sensitivity, SensitivityCell } from '../../src-main/contract/analysis.ts'
import { formatBytes, formatCount, formatFigure, formatPercent, formatPoints, formatShort } from '../ui/format.ts'

/** harm: darker is worse. gain: darker is better; less than nothing is harm. */
export type Tone = 'harm' | 'gain'

export interface Shade {
  readonly tone: Tone
  /** 0 to 1 */
  readonly depth: number
}

export interface Measure {
  readonly key: string
  readonly title: string
  /** What the number is, for the legend. */
  readonly unit: string
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
const decibels = (value: number) => (value >= perfectDb ? 'same' : value.toFixed(1))
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
    ...{ key: 'output', title: 'Output, SQNR', unit: "signal to error of the network's output, dB", tone: 'harm' },
    ends: ['45 dB', '5 dB'],
    value: ({ output }) => output.sqnrDb ?? perfectDb,
    format: decibels,
    depth: fromDb,
  },
  {
    ...{ key: 'drop', title: 'Accuracy lost', unit: 'percentage points below float', tone: 'harm' },
    ends: ['0 pp', '10 pp'],
    value: ({ accuracyDrop }) => accuracyDrop,
    format: (value) => value.toFixed(1),
    depth: (value) => clamp(value / 10),
  },
  {
    ...{
      key: 'kl',
      title: 'Output, divergence',
      unit: 'Kullback-Leibler divergence of the class probabilities, nats',
      tone: 'harm',
    },
    ends: ['0.0001', '1'],
    value: ({ kl }) => kl,
    format: (value) => (value < 0.0001 ? '0' : value < 0.01 ? value.toFixed(4) : value.toFixed(2)),
    depth: (value) => clamp(1 + Math.log10(Math.max(value, 1e-6)) / 4),
  },
  {
    ...{ key: 'cosine', title: 'Output, cosine', unit: "cosine of the network's output with float's", tone: 'harm' },
    ends: ['1', '0.7'],
    value: ({ output }) => output.cosine,
    format: (value) => value.toFixed(3),
    depth: cosineDepth,
  },
  {
    ...{
      key: 'layer',
      title: 'Layer output, SQNR',
      unit: "signal to error of the layer's own output, dB",
      tone: 'harm',
    },
    ends: ['45 dB', '5 dB'],
    value: ({ layerOutput }) => layerOutput.sqnrDb ?? perfectDb,
    format: decibels,
    depth: fromDb,
  },
  {
    ...{ key: 'weights', title: 'Weights, SQNR', unit: 'signal to error of the weights, dB', tone: 'harm' },
    ends: ['45 dB', '5 dB'],
    value: ({ weights }) => weights.sqnrDb ?? perfectDb,
    format: decibels,
    depth: fromDb,
  },
  {
    ...{ key: 'bytes', title: 'Bytes saved', unit: 'of the layer as plain int8', tone: 'gain' },
    ends: ['0 %', '100 %'],
    value: savedShare('bytes'),
    format: (value) => `${Math.round(value * 100)}%`,
    depth: (value) => value,
  },
  {
    ...{
      key: 'cycles',
      title: 'Time saved',
      unit: 'of the layer as plain int8; below zero it is slower',
      tone: 'gain',
    },
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

/** Everything known of a cell, as rows of words and numbers. */
export function explain(cell: SensitivityCell, layer: LayerSensitivity): readonly (readonly [string, string])[] {
  const { weights, layerOutput, output, footprint } = cell
  const figures = (error: SensitivityCell['output']) =>
    `${error.sqnrDb === null ? 'no error' : `${error.sqnrDb.toFixed(1)} dB`}, cosine ${error.cosine.toFixed(5)}`
  const rows: [string, string][] = [
    ['Weights', figures(weights)],
    ['Layer output', figures(layerOutput)],
    ['Network output', figures(output)],
  ]
  if (cell.kl !== null) rows.push(['Divergence', `${formatFigure(cell.kl)} nats`])
  if (cell.agreement !== null) rows.push(['Same answer as float', formatPercent(cell.agreement)])
  if (cell.accuracy !== null)
    rows.push(['Accuracy', `${formatPercent(cell.accuracy)}, ${formatPoints(cell.accuracyDrop)} below float`])
  if (footprint) {
    const before = layer.int8 ? `, as int8 ${formatBytes(layer.int8.bytes)}` : ''
    rows.push(['Stored', `${formatBytes(footprint.bytes)} as ${footprint.codec}, ${footprint.mode}${before}`])
    if (footprint.cycles !== null) {
      const int8 = layer.int8?.cycles == null ? '' : `, as int8 ${formatShort(layer.int8.cycles)}`
      rows.push(['Cycles', `${formatShort(footprint.cycles)}${int8}`])
    }
  }
  return rows
}

/** What an estimate may be off, in a sentence. */
export function basisText(basis: CostBasis): string {
  const { isExact, coreClass, medianPercent, worstPercent, models, profiles } = basis
  if (!isExact)
    return `from ${coreClass}, the nearest class of cores that was profiled; how far off it is here is not known`
  const assumed =
    basis.counter === 'cycles'
      ? ''
      : `; counted in instructions, taken to last ${basis.cyclesPerInstruction.toFixed(2)} cycles each`
  const refined = profiles > 0 ? `, refined by ${formatCount(profiles)} profiles of this device` : ''
  return `off by ${medianPercent.toFixed(1)} % on models it had not seen (median), ${worstPercent.toFixed(1)} % at worst of ${models}${refined}${assumed}`
}
