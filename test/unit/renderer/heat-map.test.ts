import { describe, expect, test } from 'vitest'
import type { LayerSensitivity, SensitivityCell } from '../../../src-main/contract/analysis.ts'
import { basisText, explain, measures, shadeOf, sortLayers } from '../../../src-renderer/state/heat-map.ts'

const figures = (sqnrDb: number | null) => ({ sqnrDb, cosine: 0.99, maxAbs: 1 })

const cell = (method: string, sqnrDb: number | null, bytes = 50, cycles = 900): SensitivityCell => ({
  ...{ method, weights: figures(30), layerOutput: figures(20), output: figures(sqnrDb) },
  ...{ kl: 0.01, agreement: 0.9, accuracy: 0.8, accuracyDrop: 2 },
  footprint: { bytes, codec: 'rans', mode: 'streamed', cycles },
})

const layer = (node: string, cells: SensitivityCell[]): LayerSensitivity => ({
  ...{ node, op: 'Conv', weights: 'w', elements: 100, macs: 1000, cells },
  int8: { bytes: 100, codec: 'int8', mode: 'direct', cycles: 600 },
})

const measure = (key: string) => measures.find((each) => each.key === key)!
const rows = [
  layer('mild', [cell('w4', 40)]),
  layer('none', []),
  layer('bad', [cell('w4', 3)]),
  layer('worse', [cell('w4', -2)]),
]

describe('rows', () => {
  test('in the order of the network, or the most harmed first; without a number last', () => {
    const names = (method: string | null) => sortLayers(rows, measure('output'), method).map(({ node }) => node)
    expect(names(null)).toEqual(['mild', 'none', 'bad', 'worse'])
    expect(names('w4')).toEqual(['worse', 'bad', 'mild', 'none'])
  })
})

describe('shades', () => {
  test.each([
    ['output', cell('a', null), 'harm', 0],
    ['output', cell('a', 5), 'harm', 1],
    ['output', cell('a', 25), 'harm', 0.5],
    ['bytes', cell('a', 1, 25), 'gain', 0.75],
    ['cycles', cell('a', 1, 25, 900), 'harm', 0.5],
    ['cycles', cell('a', 1, 25, 300), 'gain', 0.5],
    ['drop', cell('a', 1), 'harm', 0.2],
  ] as const)('%s', (key, given, tone, depth) => {
    const chosen = measure(key)
    const shade = shadeOf(chosen, chosen.value(given, rows[0]!))
    expect(shade.tone).toBe(tone)
    expect(shade.depth).toBeCloseTo(depth)
  })

  test('all of them are within the scale', () => {
    for (const each of measures)
      for (const db of [null, -200, 0, 30, 300])
        for (const bytes of [0, 50, 500]) {
          const { depth } = shadeOf(each, each.value(cell('a', db, bytes, bytes * 10), rows[0]!))
          expect(depth).toBeGreaterThanOrEqual(0)
          expect(depth).toBeLessThanOrEqual(1)
        }
  })
})

test('a cell is explained with everything known of it', () => {
  const plain = explain(cell('w4', null), rows[0]!).map(([title, text]) => [title, text.replaceAll('\u00a0', ' ')])
  expect(plain).toEqual([
    ['weights', '30.0 dB, cosine 0.99000'],
    ['layerOutput', '20.0 dB, cosine 0.99000'],
    ['networkOutput', 'no error, cosine 0.99000'],
    ['divergence', '0.01 nats'],
    ['agreement', '90.00 %'],
    ['accuracy', '80.00 %, 2.00 pp below float'],
    ['stored', '50 B as rans, streamed, as int8 100 B'],
    ['cycles', '900, as int8 600'],
  ])
})

test('an estimate says how far off it may be, and a core that was not profiled that nobody knows', () => {
  const basis = {
    coreClass: 'cortex-m4',
    isExact: true,
    counter: 'cycles' as const,
    cyclesPerInstruction: 1.4,
    medianPercent: 1.26,
    worstPercent: 2.5,
    models: 7,
    profiles: 0,
  }
  expect(basisText(basis)).toBe('off by 1.3 % on models it had not seen (median), 2.5 % at worst of 7')
  expect(basisText({ ...basis, profiles: 3 })).toContain('refined by 3 profiles')
  expect(basisText({ ...basis, isExact: false })).toContain('is not known')
})
