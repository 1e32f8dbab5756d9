import { expect, test } from 'vitest'
import { systemClock } from '../../../src-main/base/clock.ts'
import { AppError } from '../../../src-main/base/errors.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import type { Link, LinkStream } from '../../../src-main/device/links/link.ts'
import { encodeResponse } from '../../../src-main/device/protocol/codec.ts'
import { FrameDecoder } from '../../../src-main/device/protocol/frame-decoder.ts'
import { type LogEntry, openSession } from '../../../src-main/device/session.ts'
import { FakeDevice, fakeLink, fakeOutput, fakeShape } from '../../support/fake-device.ts'
import { faultyLink } from '../../support/faulty-link.ts'
import { quickClock } from '../../support/quick-clock.ts'

const signal = AbortSignal.timeout(30_000)
const options = { clock: systemClock, signal }
const random = seededRandom(1)
const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.below(256))
const pack = bytes(5000)
const input = new Int8Array(bytes(300).buffer)

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error('no failure'),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}

test('a pack goes to a free flash slot, and is not sent again', async () => {
  const device = new FakeDevice()
  await using session = await openSession(fakeLink(device), options)
  const progress: number[] = []
  const first = await session.deploy(pack, {
    shape: fakeShape,
    onProgress: ({ sentBytes }) => progress.push(sentBytes),
  })
  expect(first).toEqual({ slot: 1, slotKind: 'flash', uploaded: true, arenaBytes: 512, operators: 70 })
  expect(device.held?.pack).toEqual(pack)
  expect([progress[0], progress.at(-1), progress.every((at, i) => i === 0 || at >= progress[i - 1]!)]).toEqual([
    0,
    pack.length,
    true,
  ])
  expect(await session.deploy(pack, { shape: fakeShape })).toMatchObject({ slot: 1, uploaded: false })
  expect(device.requests.filter((name) => name === 'modelCommit')).toHaveLength(1)
  // Another pack goes beside the valid one.
  expect(await session.deploy(bytes(100), { shape: fakeShape })).toMatchObject({ slot: 2, uploaded: true })
})

/** As a board whose cable was pulled during an upload: the answer to the last chunk is still on its way. */
class BoardWithOldAnswer extends FakeDevice {
  override receive(chunk: Uint8Array): Uint8Array[] {
    const [first] = new FrameDecoder({ maxPayload: 128 }).push(chunk)
    const old = encodeResponse('modelChunk', first?.kind === 'frame' ? first.frame.seq : 0, { received: 4 })
    return [...(this.requests.length === 0 ? [old] : []), ...super.receive(chunk)]
  }
}

test('an answer to a session before this one is none to its first request, even with the same number', async () => {
  await using session = await openSession(fakeLink(new BoardWithOldAnswer()), options)
  expect(await session.deploy(pack, { shape: fakeShape })).toMatchObject({ uploaded: true })
})

test('RAM is used when no flash can be written', async () => {
  const slots = [
    { kind: 1, state: 0, address: 0, capacity: 65536 },
    { kind: 0, state: 1, address: 0x20000000, capacity: 8192 },
  ]
  await using session = await openSession(fakeLink(new FakeDevice({ slots })), options)
  expect(await session.deploy(pack, { shape: fakeShape })).toMatchObject({ slot: 1, slotKind: 'ram' })
})

test('a pack larger than every slot is refused before it is sent', async () => {
  const device = new FakeDevice()
  await using session = await openSession(fakeLink(device), options)
  const error = await failure(session.deploy(new Uint8Array(70_000), { shape: fakeShape }))
  expect([error.code, error.message]).toEqual([
    'device.refused',
    'Fake board refused the upload: the pack has 70000 bytes, the largest slot 65536, 4464 too few.',
  ])
  expect(device.requests).toEqual(['hello', 'modelInfo'])
})

test('input, run and output, one by one and in one round trip', async () => {
  const device = new FakeDevice()
  await using session = await openSession(fakeLink(device), options)
  await session.deploy(pack, { shape: fakeShape })
  await session.setInput(0, input)
  const { cycles, digest } = await session.run()
  const expected = new Int8Array(fakeOutput(pack, input, 200).buffer)
  expect(cycles).toBe(1000n)
  expect(digest).toBeGreaterThan(0)
  expect(await session.output(0)).toEqual(expected)
  const [inferred] = await session.infer([input])
  expect(inferred).toEqual(expected)
})

test('figures', async () => {
  await using session = await openSession(fakeLink(new FakeDevice()), options)
  await session.deploy(pack, { shape: fakeShape })
  const counts = await session.bench(2, 40)
  expect([counts.length, new Set(counts)]).toEqual([40, new Set([1000, 1001, 1002])])
  expect(await session.profile()).toEqual(Array.from({ length: 70 }, (_, i) => i))
  await session.paint()
  expect(await session.memory()).toMatchObject({ arenaHigh: 500, stackHigh: 300 })
  const seen = await session.inspect(3, 1, 5, 200)
  expect([seen.length, seen[0], seen[127], seen[128]]).toEqual([200, 8, 8, 3 + 33])
})

test('a refusal is an error with the device, the reason and a next step', async () => {
  await using session = await openSession(fakeLink(new FakeDevice()), options)
  const error = await failure(session.run())
  expect(error).toMatchObject({
    code: 'device.refused',
    message: 'Fake board refused the run: it holds no model.',
    next: 'Deploy a pack first.',
    data: { reason: 'noModel' },
  })
})

test('another protocol is named', async () => {
  const error = await failure(openSession(fakeLink(new FakeDevice({ protocol: 7 })), options))
  expect(error).toMatchObject({ code: 'device.protocol', data: { found: 7, expected: 1 } })
})

function answering(answer: (listener: (chunk: Uint8Array) => void) => void, closed: { count: number }): Link {
  const open = async (): Promise<LinkStream> => {
    let listener: (chunk: Uint8Array) => void = () => undefined
    return {
      kind: 'measured',
      write: async () => answer(listener),
      onData: (next) => {
        listener = next
      },
      onClose: () => undefined,
      close: async () => {
        closed.count++
      },
    }
  }
  return { ...fakeLink(new FakeDevice()), open }
}

test('silence is an error with the time waited, and the link is closed', async () => {
  const closed = { count: 0 }
  const error = await failure(
    openSession(
      answering(() => undefined, closed),
      { clock: quickClock(50), signal },
    ),
  )
  expect([error.code, closed.count]).toEqual(['device.noAnswer', 1])
  expect(error.data.waitedMs).toBeGreaterThan(5000)
})

test('noise alone is an error of its own', async () => {
  const noise = (listener: (chunk: Uint8Array) => void) => listener(Uint8Array.of(9, 9, 9, 0))
  const error = await failure(openSession(answering(noise, { count: 0 }), { clock: quickClock(50), signal }))
  expect(error.code).toBe('device.corrupt')
})

test('the handshake is logged raw and in words', async () => {
  const log: LogEntry[] = []
  await using _ = await openSession(fakeLink(new FakeDevice()), { ...options, log: (entry) => log.push(entry) })
  expect(log.map(({ direction, text }) => [direction, text.replace(/#\d+/, '#').slice(0, 28)])).toEqual([
    ['sent', 'hello # {protocol: 1}'],
    ['received', 'hello answer # {protocol: 1,'],
  ])
  expect(log.every(({ hex }) => /^([0-9a-f]{2})+$/.test(hex))).toBe(true)
})

test('a greeting in text before the handshake is logged as text, and other bytes as skipped', async () => {
  const log: LogEntry[] = []
  const greetings = ['m-ready\r\n\0', '\u0001\u0002\u0003\0']
  for (const greeting of greetings) {
    const link = faultyLink(fakeLink(new FakeDevice()), { seed: 1, noise: Buffer.from(greeting) })
    await using _ = await openSession(link, { ...options, log: (entry) => log.push(entry) })
  }
  const skipped = log.filter(({ direction, text }) => direction === 'received' && !text.startsWith('hello'))
  expect(new Set(skipped.map(({ text }) => text.replace(/:.*/s, '')))).toEqual(
    new Set(['text, not for us', 'skipped, no frame']),
  )
  expect(skipped[0]!.text).toContain('m-ready')
})

test('cancelling ends an upload at once with the reason given', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  await using session = await openSession(fakeLink(new FakeDevice()), { clock: systemClock, signal: stop.signal })
  const work = session.deploy(pack, {
    shape: fakeShape,
    onProgress: ({ sentBytes }) => sentBytes > 1000 && stop.abort(reason),
  })
  await expect(work).rejects.toBe(reason)
  await expect(session.modelInfo()).rejects.toBe(reason)
})
