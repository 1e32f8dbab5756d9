// What is said of a run that went through and makes no sense: answers that are all alike, accuracy of a guess, labels that the
// model cannot give, calibration data unlike the data measured on.
import { canonicalJson } from '../../base/hash.ts'
import { type Note, say } from '../../base/note.ts'
import { answers } from '../../data/metrics.ts'
import type { Samples } from '../../engine/samples.ts'
import type { Rows } from './outputs.ts'
import type { Truth } from './quality.ts'

export interface Outcome {
  readonly original: Rows
  readonly twin: Rows
  readonly truth: Truth
}

export function outcomeWarnings({ original, twin, truth: { labels } }: Outcome): Note[] {
  if (twin.width < 2 && !labels) return []
  const warnings: Note[] = []
  const [before, after] = [answers(original.data, original.width), answers(twin.data, twin.width)]
  const only = after[0]
  if (after.length >= fewestSamples && new Set(after).size === 1 && new Set(before).size > 1)
    warnings.push(
      say`The compressed model answers class ${only} to every sample, the original gives ${new Set(before).size} different ones. Its ranges or its weights are destroyed: compare the two value by value ("shoehorn diverge"), and take more bits where they first part.`,
    )
  if (labels) warnings.push(...labelWarnings(labels, twin.width), ...chanceWarnings(before, after, labels, twin.width))
  return warnings
}

/** Fewer say nothing. */
const fewestSamples = 8

function labelWarnings(labels: ArrayLike<number>, width: number): Note[] {
  const classes = Math.max(2, width)
  const beyond = Array.from(labels).filter((label) => label >= classes)
  if (beyond.length === 0) return []
  const largest = beyond.reduce((a, b) => Math.max(a, b))
  return [
    say`${beyond.length} of ${labels.length} labels are beyond the model's ${classes} classes (up to ${largest}, and counting begins at 0); they count as wrong. Are these the labels of this model?`,
  ]
}

/** Within two standard deviations of guessing (binomial), where the original is far above it. */
function chanceWarnings(before: Int32Array, after: Int32Array, labels: ArrayLike<number>, width: number): Note[] {
  const n = labels.length
  if (n < fewestSamples) return []
  const chance = 1 / Math.max(2, width)
  const deviation = Math.sqrt((chance * (1 - chance)) / n)
  const right = (found: Int32Array) => found.reduce((sum, answer, i) => sum + Number(answer === labels[i]), 0) / n
  const [original, compressed] = [right(before), right(after)]
  if (original <= chance + 4 * deviation || compressed > chance + 2 * deviation) return []
  return [
    say`The compressed model is right on ${percent(compressed)} of the samples, guessing gives ${percent(chance)}; the original is right on ${percent(original)}. Nothing of what it learned is left: take a milder recipe, and see which layers mind ("shoehorn analyze --sensitivity").`,
  ]
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

export interface SampleSource {
  readonly samples: Samples
  readonly preprocess: unknown
}

/** Of the calibration data against the data measured on. */
export async function calibrationWarnings(calibration: SampleSource, data: SampleSource): Promise<Note[]> {
  const warnings: Note[] = []
  if (canonicalJson(calibration.preprocess) !== canonicalJson(data.preprocess))
    warnings.push(
      say`The calibration data are prepared otherwise (${canonicalJson(calibration.preprocess)}) than the data measured on (${canonicalJson(data.preprocess)}).`,
    )
  const [seen, met] = [await rangesOf(calibration.samples), await rangesOf(data.samples)]
  for (const [name, range] of met) {
    const known = seen.get(name)
    const problem = known && rangeProblem(known, range)
    if (problem)
      warnings.push(
        say`${name}: the calibration data are from ${span(known)}, the data measured on from ${span(range)}: ${problem}`,
      )
  }
  return warnings
}

interface Range {
  readonly low: number
  readonly high: number
}

const span = ({ low, high }: Range) => say`${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`

/** Samples that are looked at, of each. */
const mostSamples = 128

async function rangesOf(samples: Samples): Promise<Map<string, Range>> {
  const inputs = await samples.read(0, Math.min(samples.count, mostSamples))
  return new Map(
    Object.entries(inputs).map(([name, { data }]) => {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
      for (const value of data as Float32Array) {
        if (value < low) low = value
        if (value > high) high = value
      }
      return [name, { low, high }]
    }),
  )
}

/** Rare large values differ from part to part; a scale or an offset that differs is more than that. */
function rangeProblem(known: Range, met: Range): Note | null {
  const width = Math.max(known.high - known.low, Number.MIN_VALUE)
  const metWidth = met.high - met.low
  const beyond = Math.max(known.low - met.low, met.high - known.high)
  if (beyond > width / 2) return say`values that calibration has not seen are cut off. Prepare both in the same way.`
  if (metWidth < width / 4) return say`most of the grid goes unused. Prepare both in the same way.`
  return null
}
