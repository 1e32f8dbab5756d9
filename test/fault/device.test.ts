// A link that drops, doubles, flips and ends: every attempt gives the right result or an AppError with a next step, and
// the next attempt on a sound link succeeds, going on where the broken one ended.
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src-main/base/errors.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import type { Link } from '../../src-main/device/links/link.ts'
import { openSession } from '../../src-main/device/session.ts'
import { FakeDevice, fakeLink, fakeOutput, fakeShape } from '../support/fake-device.ts'
import { type Faults, faultyLink } from '../support/faulty-link.ts'
import { quickClock } from '../support/quick-clock.ts'

const random = seededRandom(2)
const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.below(256))
const pack = bytes(3000)
const input = new Int8Array(bytes(300).buffer)
const expected = new Int8Array(fakeOutput(pack, input, 200).buffer)
const clock = quickClock(100)

async function deployAndInfer(link: Link): Promise<Int8Array[]> {
  await using session = await openSession(link, { clock, signal: AbortSignal.timeout(40_000) })
  await session.deploy(pack, { shape: fakeShape })
  return await session.infer([input])
}

async function outcome(work: Promise<Int8Array[]>): Promise<'right' | AppError> {
  try {
    expect(await work).toEqual([expected])
    return 'right'
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.next.length).toBeGreaterThan(10)
    return error
  }
}

const harms: readonly [string, Omit<Faults, 'seed'>][] = [
  ['drops', { drop: 0.05 }],
  ['doubles', { double: 0.3 }],
  ['flips bits', { flip: 0.05 }],
  ['is noisy', { noise: new TextEncoder().encode('m-ready\r\n') }],
  ['does it all', { drop: 0.03, double: 0.1, flip: 0.03, noise: Uint8Array.of(0x55, 0, 0xaa) }],
  ['drops half', { drop: 0.5 }],
]

describe.each(harms)('a link that %s', (name, harm) => {
  test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
    const device = new FakeDevice()
    const result = await outcome(deployAndInfer(faultyLink(fakeLink(device), { seed, ...harm })))
    if (['doubles', 'is noisy'].includes(name)) expect(result).toBe('right')
    expect(await outcome(deployAndInfer(fakeLink(device)))).toBe('right')
  })
})

test('small losses are made good without the user seeing them', async () => {
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, seed) =>
      outcome(deployAndInfer(faultyLink(fakeLink(new FakeDevice()), { seed, drop: 0.01, flip: 0.01 }))),
    ),
  )
  expect(results.filter((result) => result === 'right').length).toBeGreaterThan(17)
})

test('a link pulled at any byte gives device.lost, and the next attempt goes on where it ended', async () => {
  for (let disconnectAt = 1; disconnectAt < 3800; disconnectAt += 97) {
    const device = new FakeDevice()
    const result = await outcome(deployAndInfer(faultyLink(fakeLink(device), { seed: 1, disconnectAt })))
    if (result === 'right') throw new Error(`byte ${disconnectAt} was never reached`)
    expect(result.code).toBe('device.lost')
    const chunks = device.requests.filter((request) => request === 'modelChunk').length
    const begun = device.requests.length
    expect(await outcome(deployAndInfer(fakeLink(device)))).toBe('right')
    const again = device.requests.slice(begun).filter((request) => request === 'modelChunk').length
    expect(chunks + again).toBe(Math.ceil(pack.length / 124))
  }
})

test('the loss says what was going on', async () => {
  const result = await outcome(deployAndInfer(faultyLink(fakeLink(new FakeDevice()), { seed: 1, disconnectAt: 1500 })))
  expect(result).toMatchObject({
    message: 'The link to Fake board was lost during the upload.',
    data: { device: 'Fake board', during: { text: 'the upload' } },
  })
})

test('a valid model outlives a broken upload of another', async () => {
  const device = new FakeDevice()
  await deployAndInfer(fakeLink(device))
  const other = bytes(3000)
  const broken = faultyLink(fakeLink(device), { seed: 1, disconnectAt: 1500 })
  const attempt = async () => {
    await using session = await openSession(broken, { clock, signal: AbortSignal.timeout(10_000) })
    await session.deploy(other, { shape: fakeShape })
  }
  await expect(attempt()).rejects.toMatchObject({ code: 'device.lost' })
  expect(device.held?.pack).toEqual(pack)
  expect(await outcome(deployAndInfer(fakeLink(device)))).toBe('right')
})
