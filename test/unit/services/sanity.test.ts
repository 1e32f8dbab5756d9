import { describe, expect, test } from 'vitest'
import { textOf } from '../../../src-main/base/note.ts'
import { memorySamples } from '../../../src-main/engine/samples.ts'
import { calibrationWarnings, outcomeWarnings } from '../../../src-main/services/run/sanity.ts'

const classes = 4
const count = 80
const labels = Array.from({ length: count }, (_, i) => i % classes)

/** Rows whose largest element is the class. */
function rowsOf(answer: (i: number) => number) {
  const data = new Float32Array(count * classes)
  for (let i = 0; i < count; i++) data[i * classes + answer(i)] = 1
  return { width: classes, data, count }
}
const right = rowsOf((i) => i % classes)
const truth = { labels, targets: null }

describe('what came out of a run', () => {
  test('a good run has no warning', () => {
    const almost = rowsOf((i) => (i % 10 === 0 ? (i + 1) % classes : i % classes))
    expect(outcomeWarnings({ original: right, twin: almost, truth })).toEqual([])
  })

  test('one class for everything is said, and that it is no better than guessing', () => {
    const warnings = outcomeWarnings({ original: right, twin: rowsOf(() => 2), truth })
    expect(warnings).toHaveLength(2)
    expect(textOf(warnings[0]!)).toContain('answers class 2 to every sample, the original gives 4 different ones')
    expect(textOf(warnings[1]!)).toContain(
      'right on 25.0 % of the samples, guessing gives 25.0 %; the original is right on 100.0 %',
    )
  })

  test('one class in the original too is no fault of the compression', () => {
    const always = rowsOf(() => 1)
    expect(outcomeWarnings({ original: always, twin: always, truth })).toEqual([])
  })

  test('without labels the answers are still looked at', () => {
    const warnings = outcomeWarnings({ original: right, twin: rowsOf(() => 0), truth: { labels: null, targets: null } })
    expect(warnings).toHaveLength(1)
  })

  test('labels that the model cannot give', () => {
    const beyond = labels.map((label, i) => (i < 5 ? 9 : label))
    const [warning] = outcomeWarnings({ original: right, twin: right, truth: { labels: beyond, targets: null } })
    expect(textOf(warning!)).toContain("5 of 80 labels are beyond the model's 4 classes (up to 9")
  })
})

describe('calibration data against the data measured on', () => {
  const source = (values: readonly number[], preprocess: unknown = {}) => ({
    samples: memorySamples({ x: { data: Float32Array.from(values), shape: [values.length, 1] } }),
    preprocess,
  })
  const plain = [0, 0.2, 0.7, 1]

  test.each([
    ['the same', plain, {}, 0],
    ['a little more', [0, 1.2], {}, 0],
    ['another scale', [0, 255], {}, 1],
    ['much less', [0, 0.1], {}, 1],
    ['another offset', [-1, 0.9], {}, 1],
    ['another preprocessing of the same values', plain, { scale: 2 }, 1],
  ])('%s', async (_, values, preprocess, warnings) => {
    expect(await calibrationWarnings(source(plain), source(values, preprocess))).toHaveLength(warnings)
  })
})
