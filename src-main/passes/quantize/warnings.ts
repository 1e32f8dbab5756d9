// What about a calibration should make the user doubt the result.
import type { Graph } from '../../ir/graph.ts'
import { affineGrid } from './grid.ts'
import type { Calibration, Observation } from './observe.ts'
import { chooseRange } from './ranges.ts'

const fewSamples = 32
/** The full range over the range of 99.9 % of the elements. */
const outlierRatio = 8

export function calibrationWarnings(graph: Graph, { observations, outputs }: Calibration, samples: number): string[] {
  const warnings: string[] = []
  if (samples < fewSamples)
    warnings.push(`only ${samples} calibration samples; at least ${fewSamples} make ranges reliable`)
  const constant = observations.filter(({ extremes }) => extremes.count > 0 && extremes.smallest === extremes.largest)
  if (constant.length) warnings.push(`never changed during calibration: ${namesOf(constant)}`)
  const broken = observations.filter(({ extremes }) => extremes.notFinite > 0)
  if (broken.length) warnings.push(`not a finite number now and then during calibration: ${namesOf(broken)}`)
  const outliers = observations.filter(isRuledByOutliers)
  if (outliers.length) warnings.push(`a few outliers set the range of ${namesOf(outliers)}`)
  for (const [name, data] of outputs)
    if (isOneClass(graph, name, data, samples)) warnings.push(`every sample gets the same class at ${name}`)
  return warnings
}

const namesOf = (observations: readonly Observation[]) => {
  const names = observations.map(({ group }) => group.members[0]!)
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}

function isRuledByOutliers({ group, histogram }: Observation): boolean {
  if (group.fixed) return false
  const usual = chooseRange('percentile', histogram, { percentile: 99.9 })
  return affineGrid(histogram).scale[0]! > outlierRatio * affineGrid(usual).scale[0]!
}

/** For outputs of the form [samples, classes]. */
function isOneClass(graph: Graph, name: string, data: Float32Array, samples: number): boolean {
  const shape = graph.values.get(name)?.shape
  const classes = data.length / samples
  if (shape?.length !== 2 || !Number.isInteger(classes) || classes < 2 || samples < 2) return false
  const winner = (sample: number) => {
    let best = 0
    for (let c = 1; c < classes; c++) if (data[sample * classes + c]! > data[sample * classes + best]!) best = c
    return best
  }
  const first = winner(0)
  for (let sample = 1; sample < samples; sample++) if (winner(sample) !== first) return false
  return true
}
