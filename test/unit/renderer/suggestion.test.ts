import { describe, expect, test } from 'vitest'
import { bySize, type Situation, suggest } from '../../../src-renderer/state/suggestion.ts'

const sizes = new Map<string, number>([
  ['int8', 90_000],
  ['w4a8', 50_000],
  ['w3a8-blocks', 40_000],
  ['pruned-codebook-16', 42_000],
  ['w2a8-blocks', 30_000],
  ['ternary', 26_000],
  ['binary', 20_000],
])
const base: Situation = { over: [], recipe: 'int8', tried: new Set(), sizes, flashLimit: 45_000, ramShare: 1 }

describe('what is tried next', () => {
  test('nothing, when no budget is missed', () => {
    expect(suggest(base)).toBeNull()
  })

  test('for flash, the recipe that loses least among those that would fit', () => {
    expect(suggest({ ...base, over: ['flashBytes', 'latencyMs'] })).toEqual({
      recipe: 'w3a8-blocks',
      encoding: 'smallest',
      why: 'fits',
      flashBytes: 40_000,
    })
  })

  test('what was run is not proposed again', () => {
    const tried = new Set(['w3a8-blocks'])
    expect(suggest({ ...base, over: ['flashBytes'], tried })?.recipe).toBe('pruned-codebook-16')
  })

  test('when nothing would fit, the smallest, and said to be over', () => {
    expect(suggest({ ...base, over: ['flashBytes'], flashLimit: 10_000 })).toMatchObject({
      recipe: 'binary',
      why: 'smallest',
    })
    expect(suggest({ ...base, over: ['flashBytes'], tried: new Set(bySize) })).toBeNull()
  })

  test('for accuracy, more work at the same size comes before more bits, and more bits only where they fit', () => {
    const over = ['accuracyDrop'] as const
    const of = (recipe: string, tried: string[], flashLimit = 1e6) =>
      suggest({ ...base, over, recipe, tried: new Set([recipe, ...tried]), flashLimit })?.recipe
    expect([
      of('w4a8', []),
      of('w4a8', ['w4a8-blocks', 'w4a8-adaround']),
      of('w4a8', ['w4a8-blocks', 'w4a8-adaround'], 60_000),
      of('ternary', []),
      of('mine', []),
      of('mine', ['w4a8', 'int8']),
    ]).toEqual(['w4a8-blocks', 'int8', undefined, 'w2a8-blocks', 'w4a8', undefined])
  })

  test('for memory and time, fewer channels, once', () => {
    expect(suggest({ ...base, over: ['latencyMs'] })).toMatchObject({ recipe: 'channels-third', why: 'narrower' })
    expect(suggest({ ...base, over: ['latencyMs'], tried: new Set(['channels-third']) })).toBeNull()
  })

  test('RAM comes before flash, and what no recipe can give is not proposed', () => {
    const over = ['flashBytes', 'ramBytes'] as const
    expect([1.2, 1.8].map((ramShare) => suggest({ ...base, over, ramShare })?.recipe)).toEqual([
      'channels-third',
      undefined,
    ])
  })
})
