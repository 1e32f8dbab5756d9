import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { estimateCost } from '../../../src-main/targets/cost.ts'
import { deviceProfile, deviceProfiles, profileLimits, readProfile } from '../../../src-main/targets/device-profile.ts'
import { assertFits, checkFit, checkPlaced } from '../../../src-main/targets/fit.ts'
import { lower } from '../../../src-main/targets/lowering/lower.ts'
import { planMemory } from '../../../src-main/targets/memory-plan.ts'
import { plain } from '../../support/plain.ts'
import { graphOf, quant, random, weights } from './graphs.ts'

const plan = planMemory(
  lower(
    graphOf({
      inputs: { x: [1, 8, 8, 4] },
      outputs: ['y'],
      nodes: [
        { op: 'Transpose', inputs: ['x'], outputs: ['t'], attrs: { perm: [0, 3, 1, 2] } },
        { op: 'Conv', inputs: ['t', 'w'], outputs: ['c'] },
        { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['y'] },
      ],
      constants: { w: weights([16, 4, 3, 3], 0, random(1)) },
      quants: { x: quant(0.1), c: quant(0.1), y: quant(0.1) },
    }),
  ),
)

test('what fits, and what is needed: arena 832 bytes, a kept input of 256, 2 counters', () => {
  expect(plan.arenaBytes).toBe(832)
  expect(checkFit(plan, 1500, { flashBytes: 2000, ramBytes: 1096 })).toEqual({
    fits: true,
    packInRam: false,
    flash: { needed: 1500, available: 2000, over: 0 },
    ram: { needed: 1096, available: 1096, over: 0 },
    largestTensors: [
      { name: 'c', bytes: 576, op: 'Conv' },
      { name: 'x', bytes: 256, op: 'Input' },
    ],
    largestWeights: [{ name: 'w', bytes: 576 }],
  })
})

test('a pack that lives in RAM counts there', () => {
  const report = checkFit(plan, 1500, { flashBytes: null, ramBytes: 2000, packInRam: true })
  expect([report.flash.needed, report.ram]).toEqual([0, { needed: 2600, available: 2000, over: 600 }])
})

test('a pack goes into RAM where only that takes it, and what fits nowhere misses flash', () => {
  const placed = (flashBytes: number | null, ramBytes: number, packInRam?: boolean) => {
    const report = checkPlaced(plan, 1500, { flashBytes, ramBytes, ...(packInRam && { packInRam }) })
    return [report.fits, report.packInRam, report.flash.over, report.ram.over]
  }
  expect([placed(1500, 1096), placed(1000, 2600), placed(1000, 2599), placed(null, 2000, true)]).toEqual([
    [true, false, 0, 0],
    [true, true, 0, 0],
    [false, false, 500, 0],
    [false, true, 0, 600],
  ])
})

test('what does not fit is refused with the numbers', () => {
  const names = { model: 'm', device: 'd' }
  const refusal = (limits: Parameters<typeof checkFit>[2]) => {
    try {
      assertFits(checkFit(plan, 1500, limits), names)
    } catch (error) {
      if (error instanceof AppError) return plain({ code: error.code, ...error.data })
    }
    return null
  }
  const numbers = (region: string, needed: number, available: number, largest: string) => ({
    code: 'fit.memory',
    ...names,
    region,
    needed,
    available,
    over: needed - available,
    largest,
  })
  expect(refusal({ flashBytes: 1000, ramBytes: 9999 })).toEqual(numbers('flash', 1500, 1000, 'w (576 bytes)'))
  expect(refusal({ flashBytes: null, ramBytes: 1000 })).toEqual(
    numbers('RAM', 1096, 1000, 'c (576 bytes), x (256 bytes)'),
  )
  expect(refusal({ flashBytes: 1500, ramBytes: 1096 })).toBe(null)
})

test('the catalogue: every profile is valid, ids are file names, the Pico is there', () => {
  expect(deviceProfiles().map((profile) => profile.id)).toContain('nucleo-l4r5zi')
  expect(profileLimits(deviceProfile('stm32f405'))).toMatchObject({ flashBytes: 524032, ramBytes: 118784 })
  expect(deviceProfile('pico')).toMatchObject({ core: 'Cortex-M0+', clockHz: 125000000, links: ['pico'] })
  expect(() => deviceProfile('abacus')).toThrow('There is no device called abacus.')
  expect(() => readProfile({ ...deviceProfile('pico'), flashBytes: 1 })).toThrow()
})

test('the estimate says that it is one', () => {
  const estimate = estimateCost(plan, 'Cortex-M4F', 100e6)
  expect(estimate.kind).toBe('estimated')
  expect(estimate.operators.map(({ kernel, macs }) => [kernel, macs])).toEqual([
    ['conv2d', 20736],
    ['mean', 0],
  ])
  expect(estimate.latencyUs).toBeCloseTo(estimate.cycles / 100)
})
