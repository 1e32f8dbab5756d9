// What is said of a device before a run is what the run finds: the pack where the device would put it.
import { expect, test } from 'vitest'
import { deployabilityOf } from '../../../src-main/services/deployability.ts'
import { profileOf } from '../../../src-main/services/devices.ts'
import { assertFits, checkPlaced } from '../../../src-main/targets/fit.ts'
import { smallPack } from '../../support/small-pack.ts'

const { plan, pack } = smallPack()
const pico = profileOf('pico')

const said = (flashBytes: number, ramBytes: number) => {
  const device = { ...pico, limits: { flashBytes, ramBytes } }
  const store = { profiles: { ofDevice: () => [] } }
  const { fits, flash, ram } = deployabilityOf(device, { plan, pack, modelSha256: '' }, store)
  return { fits, inFlash: flash!.packBytes, inRam: ram!.packBytes }
}

const runs = (flashBytes: number, ramBytes: number) => {
  try {
    assertFits(checkPlaced(plan, pack.length, { flashBytes, ramBytes }), { model: 'm', device: 'd' })
    return true
  } catch {
    return false
  }
}

test.each([
  ['in flash', pack.length, 100_000, { fits: true, inFlash: pack.length, inRam: 0 }],
  ['in RAM, where flash is too small', 100, 100_000, { fits: true, inFlash: 0, inRam: pack.length }],
  ['nowhere', 100, pack.length, { fits: false, inFlash: pack.length, inRam: 0 }],
])('%s', (_, flashBytes, ramBytes, expected) => {
  expect(said(flashBytes, ramBytes)).toEqual(expected)
  expect(runs(flashBytes, ramBytes)).toBe(expected.fits)
})

test('of a flash that packs have a part of, that part and the firmware are available', () => {
  const { flash } = deployabilityOf(pico, { plan, pack, modelSha256: '' }, { profiles: { ofDevice: () => [] } })
  const place = pico.limits.flashBytes!
  expect(place).toBeLessThan(pico.flashBytes! / 2)
  expect(flash!.availableBytes).toBe(place + flash!.codeBytes)
})
