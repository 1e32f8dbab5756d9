// The agent as it ships, in process: the same C sources as on the boards.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agentTargets } from '../../build/native/agent.ts'
import { readManifest, sourcesHash } from '../../build/native/build.ts'
import { protocolHeader, protocolHeaderPath } from '../../build/native/protocol.ts'
import { crc32 } from '../../src-main/base/crc32.ts'
import { sha256 } from '../../src-main/base/hash.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { encodeRequest } from '../../src-main/device/protocol/codec.ts'
import { encodeFrame } from '../../src-main/device/protocol/frame.ts'
import { slotHeaderBytes, slotImage } from '../../src-main/device/slot-image.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { smallInputs, smallPack } from '../support/small-pack.ts'
import { type AgentWire, agentWire } from './agent-wire.ts'

const { pack, plan } = smallPack()
const other = smallPack(2).pack
const bytes = (values: Int8Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
const outputBytes = 10

function deploy(agent: AgentWire, slot: number, what: Uint8Array) {
  agent.upload(slot, what)
  return agent.must('modelCommit', { slot })
}

test('the C header is the one that the message table gives', () => {
  expect(readFileSync(protocolHeaderPath, 'utf8')).toBe(protocolHeader())
})

test.each(agentTargets().map((target) => ({ target, image: target.output })))(
  '$image was built from the sources that are here',
  ({ target }) => {
    const recorded = readManifest()[target.name]
    expect(recorded?.sources, 'run npm run build:native').toBe(sourcesHash(target.inputs))
    expect(sha256(readFileSync(`resources/prebuilt/${target.output}`))).toBe(recorded?.sha256)
  },
)

test('hello tells protocol, memory and slots', async () => {
  const agent = await agentWire()
  const hello = agent.must('hello', { protocol: 1 })
  expect({
    ...hello,
    agentBuild: hello.agentBuild.length,
    slots: hello.slots.map(({ kind, state }) => [kind, state]),
  }).toEqual(
    expect.objectContaining({
      ...{ protocol: 1, maxPayload: 1024, board: 'twin', core: 'wasm32', clockHz: 1_000_000_000, counter: 1 },
      ...{ poolBytes: 1 << 20, agentBuild: 8, features: 16 },
      slots: [
        [0, 1],
        [1, 1],
        [1, 1],
      ],
    }),
  )
  expect(hello.stackBytes).toBeGreaterThan(60_000)
  expect(hello.staticBytes).toBeGreaterThan(1000)
})

describe.each([
  ['RAM', 0],
  ['flash', 1],
])('upload to %s', (_, slot) => {
  test('arrives in chunks of any size and becomes the current model', async () => {
    for (const chunkBytes of [1, 255, 256, 257, 1020]) {
      const agent = await agentWire()
      expect(agent.upload(slot, pack, chunkBytes)).toBe(0)
      expect(agent.must('modelCommit', { slot })).toEqual({ arenaBytes: plan.arenaBytes, operators: 3 })
      expect(agent.must('modelInfo', {})).toEqual({
        ...{ slot, size: pack.length, crc: crc32(pack), arenaBytes: plan.arenaBytes },
        ...{ operators: 3, inputs: 1, outputs: 1 },
      })
    }
  })

  test('resumes where it stopped, and drops chunks that are out of place', async () => {
    const agent = await agentWire()
    const begin = { slot, size: pack.length, crc: crc32(pack) }
    agent.must('modelBegin', begin)
    agent.must('modelChunk', { offset: 0, data: pack.subarray(0, 900) })
    expect(agent.must('modelChunk', { offset: 1800, data: pack.subarray(1800, 2700) })).toEqual({ received: 900 })
    expect(agent.must('modelChunk', { offset: 0, data: pack.subarray(0, 900) })).toEqual({ received: 900 })
    expect(agent.ask('modelCommit', { slot })).toEqual({ error: 'crcMismatch', detail: 0 })
    expect(agent.must('modelBegin', begin)).toEqual({ offset: 900 })
    expect(agent.upload(slot, pack)).toBe(900)
    agent.must('modelCommit', { slot })
    expect(agent.must('modelBegin', begin)).toEqual({ offset: pack.length })
    agent.must('modelCommit', { slot })
  })

  test('a damaged pack is refused and the model in another slot goes on', async () => {
    const agent = await agentWire()
    deploy(agent, 2, other)
    agent.must('modelBegin', { slot, size: pack.length, crc: crc32(pack) ^ 1 })
    for (let at = 0; at < pack.length; at += 1000) {
      agent.must('modelChunk', { offset: at, data: pack.subarray(at, at + 1000) })
    }
    expect(agent.must('modelInfo', {}).crc).toBe(crc32(other))
    expect(agent.ask('modelCommit', { slot })).toEqual({ error: 'crcMismatch', detail: 0 })
    expect(agent.must('modelInfo', {}).crc).toBe(crc32(other))
    agent.must('run', {})
  })

  test('bytes that are no pack are refused with the reason of the runtime', async () => {
    const agent = await agentWire()
    deploy(agent, 2, other)
    agent.upload(slot, new Uint8Array(500).fill(7))
    expect(agent.ask('modelCommit', { slot })).toEqual({ error: 'badPack', detail: -4 })
    expect(agent.must('modelInfo', {}).crc).toBe(crc32(other))
    expect(agent.must('hello', { protocol: 1 }).slots[slot]?.state).toBe(1)
  })

  test('more bytes than begun, sizes that do not fit, slots that are not there', async () => {
    const agent = await agentWire()
    const crc = 1
    expect(agent.ask('modelChunk', { offset: 0, data: pack.subarray(0, 9) })).toEqual({ error: 'notBegun', detail: 0 })
    expect(agent.ask('modelBegin', { slot, size: 0xffffffff, crc })).toEqual({ error: 'tooLarge', detail: 0 })
    expect(agent.ask('modelBegin', { slot, size: 0, crc })).toEqual({ error: 'badPayload', detail: 0 })
    expect(agent.ask('modelBegin', { slot: 3, size: 10, crc })).toEqual({ error: 'badSlot', detail: 0 })
    expect(agent.ask('modelCommit', { slot })).toEqual({ error: 'notBegun', detail: 0 })
    agent.must('modelBegin', { slot, size: 10, crc })
    expect(agent.ask('modelChunk', { offset: 0, data: new Uint8Array(11) })).toEqual({ error: 'badRange', detail: 0 })
  })
})

test('a RAM upload that needs the place of the current model ends it, and a failed commit brings it back', async () => {
  const agent = await agentWire(plan.arenaBytes + 96 + pack.length)
  deploy(agent, 1, other)
  const large = new Uint8Array(pack.length + 80).fill(1)
  agent.upload(0, large)
  expect(agent.ask('run', {})).toEqual({ error: 'noModel', detail: 0 })
  expect(agent.ask('modelCommit', { slot: 0 })).toEqual({ error: 'badPack', detail: -4 })
  expect(agent.must('modelInfo', {})).toMatchObject({ slot: 1, crc: crc32(other) })
  agent.must('run', {})
})

test('flash outlives a reset, RAM does not; the newest flash model is opened', async () => {
  const agent = await agentWire()
  deploy(agent, 1, pack)
  deploy(agent, 2, other)
  deploy(agent, 0, pack)
  agent.must('reset', {})
  agent.text('')
  expect(agent.must('modelInfo', {})).toMatchObject({ slot: 2, crc: crc32(other) })
  agent.must('modelCommit', { slot: 1 })
  expect(agent.must('modelInfo', {})).toMatchObject({ slot: 1, crc: crc32(pack) })
})

test('an upload cut off at any page leaves the other slot valid and its own slot empty', async () => {
  for (let sent = 0; sent < pack.length; sent += 512) {
    const agent = await agentWire()
    deploy(agent, 1, pack)
    deploy(agent, 2, pack)
    agent.must('modelBegin', { slot: 2, size: other.length, crc: crc32(other) })
    for (let at = 0; at < sent; at += 512) agent.must('modelChunk', { offset: at, data: other.subarray(at, at + 512) })
    agent.must('reset', {})
    expect(agent.must('modelInfo', {})).toMatchObject({ slot: 1, crc: crc32(pack) })
    expect(agent.must('hello', { protocol: 1 }).slots.map(({ state }) => state)).toEqual([1, 3, 1])
  }
})

test('a model whose arena, inputs and pack do not fit the pool is refused', async () => {
  const needed = plan.arenaBytes + 64 + 16
  const agent = await agentWire(needed - 16)
  agent.upload(1, pack)
  expect(agent.ask('modelCommit', { slot: 1 })).toEqual({ error: 'arena', detail: 0 })
  deploy(await agentWire(needed), 1, pack)
  const small = await agentWire(needed + pack.length - 16)
  small.upload(0, pack)
  expect(small.ask('modelCommit', { slot: 0 })).toEqual({ error: 'arena', detail: 0 })
  deploy(await agentWire(needed + pack.length + 16), 0, pack)
})

test('runs give the outputs of the runtime, again and again, from inputs sent once', async () => {
  const agent = await agentWire()
  deploy(agent, 1, pack)
  using twin = await openTwin(pack)
  for (const [input] of smallInputs(20)) {
    const [expected] = twin.run([input!])
    agent.must('input', { index: 0, offset: 32, data: bytes(input!).subarray(32) })
    agent.must('input', { index: 0, offset: 0, data: bytes(input!).subarray(0, 32) })
    for (let again = 0; again < 2; again++) {
      const { digest, cycles } = agent.must('run', {})
      expect({ digest, cycles }).toEqual({ digest: crc32(bytes(expected!)), cycles: 1000n })
      const head = agent.must('output', { index: 0, offset: 0, length: 4 }).data
      const tail = agent.must('output', { index: 0, offset: 4, length: outputBytes - 4 }).data
      expect([...head, ...tail]).toEqual([...bytes(expected!)])
    }
  }
})

test('bench and profile count each run and each operator, and leave the same outputs', async () => {
  const agent = await agentWire()
  deploy(agent, 0, pack)
  agent.must('input', { index: 0, offset: 0, data: bytes(smallInputs(1)[0]![0]!) })
  const { digest } = agent.must('run', {})
  expect(agent.must('bench', { warmup: 2, runs: 32 }).cycles).toEqual(Array(32).fill({ value: 1000n }))
  expect(agent.must('profile', { first: 0 })).toEqual({ operators: 3, cycles: Array(3).fill({ value: 1000 }) })
  expect(crc32(agent.must('output', { index: 0, offset: 0, length: outputBytes }).data)).toBe(digest)
  expect(agent.must('profile', { first: 2 })).toEqual({ operators: 3, cycles: [{ value: 1000 }] })
  expect(agent.ask('profile', { first: 4 })).toEqual({ error: 'badRange', detail: 0 })
  expect(agent.ask('bench', { warmup: 0, runs: 33 })).toEqual({ error: 'badRange', detail: 0 })
  expect(agent.must('run', {}).digest).toBe(digest)
})

test('inspect gives each tensor as it stands after its operator, in any order of asking', async () => {
  const agent = await agentWire()
  deploy(agent, 1, pack)
  using twin = await openTwin(pack)
  const [input] = smallInputs(1)[0]!
  twin.run([input!])
  agent.must('input', { index: 0, offset: 0, data: bytes(input!) })
  for (const [op, tensor] of [
    [1, 3],
    [0, 2],
    [2, 5],
    [0, 2],
  ] as const) {
    const expected = bytes(twin.inspect(op, tensor))
    const half = expected.length >> 1
    const first = agent.must('inspect', { op, tensor, offset: 0, length: half }).data
    const second = agent.must('inspect', { op, tensor, offset: half, length: expected.length - half }).data
    expect([...first, ...second]).toEqual([...expected])
  }
  expect(agent.ask('inspect', { op: 3, tensor: 0, offset: 0, length: 1 })).toEqual({ error: 'badRange', detail: 0 })
  expect(agent.ask('inspect', { op: 0, tensor: 6, offset: 0, length: 1 })).toEqual({ error: 'badRange', detail: 0 })
})

test('memory shows what a run has touched since the paint', async () => {
  const agent = await agentWire()
  deploy(agent, 1, pack)
  agent.must('paint', {})
  const before = agent.must('memory', {})
  expect(before.arenaHigh).toBe(0)
  agent.must('run', {})
  const after = agent.must('memory', {})
  // The last byte written may equal the paint by chance, so the mark may fall short of the whole arena.
  expect(after.arenaHigh).toBeGreaterThan(plan.arenaBytes - 16)
  expect(after.arenaHigh).toBeLessThanOrEqual(plan.arenaBytes)
  expect(after.stackHigh).toBeGreaterThanOrEqual(before.stackHigh)
  expect(after.stackHigh).toBeLessThan(8192)
})

test('requests without a model, unknown requests and payloads of the wrong length are refused by name', async () => {
  const agent = await agentWire()
  for (const name of ['run', 'inspect', 'bench', 'profile', 'output', 'input'] as const) {
    const body = {
      index: 0,
      offset: 0,
      length: 1,
      data: new Uint8Array(1),
      op: 0,
      tensor: 0,
      warmup: 0,
      runs: 1,
      first: 0,
    }
    expect([name, agent.ask(name, body)]).toEqual([name, { error: 'noModel', detail: 0 }])
  }
  const types = (answer: Uint8Array) => answer[2]
  expect(types(agent.raw(encodeFrame({ type: 0x80 | 0x2a, seq: 1, payload: new Uint8Array(3) })))).toBe(0xff)
  expect(types(agent.raw(encodeFrame({ type: 0x81, seq: 2, payload: new Uint8Array(3) })))).toBe(0xff)
  expect(agent.raw(encodeFrame({ type: 0xc1, seq: 2, payload: new Uint8Array(2) }))).toHaveLength(0)
})

test('after any garbage the next frame is answered', async () => {
  const agent = await agentWire()
  const random = seededRandom(11)
  const hello = encodeRequest('hello', 7, { protocol: 1 })
  for (let round = 0; round < 2000; round++) {
    const noise = Uint8Array.from({ length: random.below(40) }, () => random.below(256))
    agent.raw(noise)
    expect(agent.raw(hello).length, `round ${round}, noise ${Buffer.from(noise).toString('hex')}`).toBeGreaterThan(80)
  }
  expect(agent.raw(new Uint8Array(100_000).fill(0xfe))).toHaveLength(0)
  expect(agent.raw(hello).length).toBeGreaterThan(80)
})

test('mutated frames never stop the agent', async () => {
  const agent = await agentWire()
  deploy(agent, 1, pack)
  const random = seededRandom(12)
  const pick = (limit: number) => (random.below(3) === 0 ? 0xffffffff - random.below(4) : random.below(limit))
  for (let round = 0; round < 20_000; round++) {
    // Frames with a right CRC and any content, so that it is the handlers that are tried.
    const payload = new Uint8Array(random.below(20))
    const view = new DataView(payload.buffer)
    for (let at = 0; at + 4 <= payload.length; at += 4) view.setUint32(at, pick(64), true)
    agent.raw(encodeFrame({ type: 0x80 | random.below(16), seq: round & 0xffff, payload }))
  }
  agent.must('hello', { protocol: 1 })
})

test('a slot image made by the host has the form that the agent writes', async () => {
  const agent = await agentWire()
  deploy(agent, 1, pack)
  const { address } = agent.must('hello', { protocol: 1 }).slots[1]!
  expect(agent.peek(address, slotHeaderBytes + pack.length)).toEqual(slotImage(pack, 1))
})
