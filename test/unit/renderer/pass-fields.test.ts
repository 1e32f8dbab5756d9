import { describe, expect, test } from 'vitest'
import type { Device } from '../../../src-main/contract/device.ts'
import { presets } from '../../../src-main/passes/recipe.ts'
import { paramsSchema, passes } from '../../../src-main/passes/registry.ts'
import { passes as zhPasses, presets as zhPresets } from '../../../src-renderer/i18n/zh/passes.ts'
import { inPickerOrder, suggestedDevice } from '../../../src-renderer/state/device-choice.ts'
import { fieldsOf, parseTyped, withoutDefaults } from '../../../src-renderer/state/pass-fields.ts'

describe('fields of a pass', () => {
  test('of every kind come out of its schema', () => {
    const fields = fieldsOf({
      properties: {
        method: { type: 'string', enum: ['a', 'b'], default: 'a', title: 'Method' },
        share: { type: 'number', minimum: 0, maximum: 0.99, default: 0.5, unit: '%' },
        count: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        on: { type: 'boolean', default: true },
        bits: {
          anyOf: [
            { type: 'integer', minimum: 2, maximum: 8 },
            { type: 'string', enum: ['ternary'] },
          ],
        },
        layers: {
          type: 'object',
          additionalProperties: { anyOf: [{ type: 'integer', minimum: 2, maximum: 8 }, { const: 'float' }] },
        },
        keep: { type: 'array', items: { type: 'string' } },
        other: { type: 'object' },
      },
    })
    expect(fields.map(({ title: _t, description: _d, initial: _i, unit: _u, ...rest }) => rest)).toEqual([
      { name: 'method', kind: 'choice', options: ['a', 'b'] },
      { name: 'share', kind: 'number', whole: false, min: 0, max: 0.99 },
      { name: 'count', kind: 'number', whole: true, min: 1, max: null },
      { name: 'on', kind: 'switch' },
      { name: 'bits', kind: 'mixed', options: ['ternary'], min: 2, max: 8 },
      { name: 'layers', kind: 'layers', hint: '2–8, float' },
      { name: 'keep', kind: 'names' },
      { name: 'other', kind: 'json' },
    ])
  })

  test('there is a typed field for every parameter of every pass', () => {
    const untyped = passes.flatMap((pass) => fieldsOf(paramsSchema(pass)).filter(({ kind }) => kind === 'json'))
    const counted = passes.map((pass) => Object.keys(paramsSchema(pass).properties ?? {}).length)
    expect([untyped, passes.map((pass) => fieldsOf(paramsSchema(pass)).length)]).toEqual([[], counted])
  })

  test('what is typed is a number, a word or JSON; what the pass takes by itself is not written', () => {
    expect(['8', ' ternary ', '{"bits":4}', '0.5', '[', ''].map(parseTyped)).toEqual([
      8,
      'ternary',
      { bits: 4 },
      0.5,
      '[',
      '',
    ])
    const fields = fieldsOf({
      properties: { a: { type: 'integer', default: 1 }, b: { type: 'object', additionalProperties: {}, default: {} } },
    })
    expect(withoutDefaults({ pass: 'p', params: { a: 1, b: { x: 2 } } }, fields)).toEqual({
      pass: 'p',
      params: { b: { x: 2 } },
    })
  })
})

test('every pass, parameter and preset has its words in Chinese', () => {
  const missing = passes.flatMap((pass) => {
    const words = zhPasses[pass.name]
    const fields = fieldsOf(paramsSchema(pass)).filter(({ name }) => !words?.fields?.[name])
    return [...(words ? [] : [pass.name]), ...fields.map(({ name }) => `${pass.name}.${name}`)]
  })
  expect([missing, presets.filter(({ name }) => !zhPresets[name]).map(({ name }) => name)]).toEqual([[], []])
})

describe('the device to begin with', () => {
  const device = (id: string, kind: Device['kind'], available = true, flashBytes: number | null = 1): Device => ({
    id: id as Device['id'],
    profile: id,
    name: id,
    kind,
    core: '',
    clockHz: null,
    flashBytes,
    ramBytes: 1,
    available,
    problem: null,
    packFlashBytes: null,
    defaultBudgets: {},
  })
  const twin = device('twin', 'twin')
  const pico = device('pico', 'emulator')
  const gone = device('microbit', 'board', false)
  const port = device('serial:/dev/ttyS0', 'board', true, null)
  const board = device('serial:/dev/ttyACM0', 'board')

  test('is the board that is plugged in, else the emulated Pico', () => {
    expect([
      suggestedDevice([twin, gone, pico, port])?.id,
      suggestedDevice([twin, pico, board])?.id,
      suggestedDevice([gone]),
    ]).toEqual(['pico', board.id, null])
    expect(inPickerOrder([twin, gone, pico, port, board]).map(({ id }) => id)).toEqual([
      board.id,
      port.id,
      'pico',
      'twin',
      'microbit',
    ])
  })
})
