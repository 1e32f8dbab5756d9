// What about a calibration should make the user doubt the result.
import { type Note, say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { isOneClass } from '../one-class.ts'
import { affineGrid } from './grid.ts'
import type { Calibration, Observation } from './observe.ts'
import { chooseRange } from './ranges.ts'

const fewSamples = 32
/** The full range over the range of 99.9 % of the elements. */
const outlierRatio = 8

export function calibrationWarnings(graph: Graph, { observations, outputs }: Calibration, samples: number): Note[] {
  const warnings: Note[] = []
  if (samples < fewSamples)
    warnings.push(say`only ${samples} calibration samples; at least ${fewSamples} make ranges reliable`)
  const constant = observations.filter(({ extremes }) => extremes.count > 0 && extremes.smallest === extremes.largest)
  if (constant.length) warnings.push(say`never changed during calibration: ${namesOf(constant)}`)
  const broken = observations.filter(({ extremes }) => extremes.notFinite > 0)
  if (broken.length) warnings.push(say`not a finite number now and then during calibration: ${namesOf(broken)}`)
  const outliers = observations.filter(isRuledByOutliers)
  if (outliers.length) warnings.push(say`a few outliers set the range of ${namesOf(outliers)}`)
  const uncovered = observations.filter(isUncovered)
  if (uncovered.length)
    warnings.push(
      say`the second half of the calibration samples goes far beyond the range of the first at ${namesOf(uncovered)}; more samples would tell the range`,
    )
  for (const [name, data] of outputs)
    if (isOneClass(graph, name, data, samples)) warnings.push(say`every sample gets the same class at ${name}`)
  return warnings
}

/** A name may be a line long: TensorFlow joins those of the nodes that it fused. */
const mostNamed = 3

const namesOf = (observations: readonly Observation[]) => {
  const names = observations.map(({ group }) => group.members[0]!)
  return names.length <= mostNamed
    ? names.join(', ')
    : say`${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
}

/** Range of all samples over that of their first half. */
const coverageRatio = 1.25

function isUncovered({ group, extremes, firstHalf }: Observation): boolean {
  if (group.fixed || !firstHalf) return false
  return extremes.high - extremes.low > coverageRatio * (firstHalf.high - firstHalf.low)
}

function isRuledByOutliers({ group, histogram }: Observation): boolean {
  if (group.fixed) return false
  const usual = chooseRange('percentile', histogram, { percentile: 99.9 })
  return affineGrid(histogram).scale[0]! > outlierRatio * affineGrid(usual).scale[0]!
}
