// The same conversation with every device that can be had here: the twin, the emulated Pico, QEMU's boards, and the agent
// behind TCP, a unix socket and a pseudo terminal. Each must give the twin's integers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { textOf } from '../../src-main/base/note.ts'
import { listDevices } from '../../src-main/device/discovery.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { compareWithTwin, measureLatency, measureMemory, measureOperators } from '../../src-main/device/measure.ts'
import { type DeviceSession, openSession } from '../../src-main/device/session.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { type Bridge, hasPty, ptyBridge, socketBridge } from '../support/agent-bridge.ts'
import { codedPacks } from '../support/coded-pack.ts'
import { smallInputs, smallPack } from '../support/small-pack.ts'

interface Candidate {
  readonly name: string
  readonly start: () => Promise<{ readonly id: string } & AsyncDisposable>
}

const local = (id: string): Candidate => ({ name: id, start: async () => ({ id, async [Symbol.asyncDispose]() {} }) })
const dir = mkdtempSync(join(tmpdir(), 'shoehorn-test-'))
const never = () => 0
const found = await listDevices()
for (const { id, problem } of found) if (problem !== null) console.warn(`left out: ${id}: ${textOf(problem)}`)
if (!hasPty) console.warn('left out: serial: there is no python3 to make a pseudo terminal')

const candidates: readonly Candidate[] = [
  ...found.filter((device) => device.emulated && device.available).map(({ id }) => local(id)),
  { name: 'tcp', start: () => socketBridge(null, never) },
  { name: 'unix', start: () => socketBridge(join(dir, 'agent'), never) },
  ...(hasPty ? [{ name: 'serial over a pseudo terminal', start: (): Promise<Bridge> => ptyBridge() }] : []),
]

afterAll(() => rmSync(dir, { recursive: true }))

const { pack, plan, shape } = smallPack()
const samples = smallInputs(5)
const signal = AbortSignal.timeout(110_000)

describe.each(candidates)('$name', ({ start }) => {
  let device: Awaited<ReturnType<Candidate['start']>>
  let session: DeviceSession

  beforeAll(async () => {
    device = await start()
    session = await openSession(linkTo(device.id, systemLinkPorts), { clock: systemClock, signal })
  })
  afterAll(async () => {
    await session?.close()
    await device?.[Symbol.asyncDispose]()
  })

  test('says who it is', () => {
    const { hello } = session
    expect(hello).toMatchObject({ protocol: 1, board: expect.stringMatching(/\w/), core: expect.stringMatching(/\w/) })
    expect(hello.window).toBeGreaterThanOrEqual(hello.maxPayload)
    expect([hello.poolBytes > 0, hello.slots.length > 0, hello.clockHz > 0]).toEqual([true, true, true])
  })

  test('takes a pack once, and finds it again', async () => {
    const progress: number[] = []
    const first = await session.deploy(pack, { onProgress: ({ sentBytes }) => progress.push(sentBytes) })
    expect(first).toMatchObject({ slotKind: 'flash', uploaded: true, operators: 3, arenaBytes: plan.arenaBytes })
    expect(progress.at(-1)).toBe(pack.length)
    expect(await session.deploy(pack)).toEqual({ ...first, uploaded: false })
    expect(await session.modelInfo()).toMatchObject({ size: pack.length, inputs: 1, outputs: 1 })
  })

  test('gives the integers of the twin, in one round trip and step by step', async () => {
    using twin = await openTwin(pack)
    const seen: Int8Array[][] = []
    const comparison = await compareWithTwin(session, twin, {
      ...{ plan, signal, count: samples.length, inputs: (i) => samples[i]! },
      onSample: (_, outputs) => seen.push(outputs),
    })
    expect(comparison).toEqual({ samples: samples.length, equal: samples.length })
    expect(new Set(seen.map(([output]) => String(output))).size).toBe(samples.length)
    await session.setInput(0, samples[0]![0]!)
    const first = await session.run()
    expect(await session.output(0)).toEqual(seen[0]![0])
    // The inputs stay: a second run is the same run.
    expect((await session.run()).digest).toBe(first.digest)
  })

  test('finds the operator at which another pack parts', async () => {
    using other = await openTwin(smallPack(2).pack)
    const options = { plan, signal, count: 1, inputs: (i: number) => samples[i]! }
    const { equal, firstDifference } = await compareWithTwin(session, other, options)
    expect([equal, firstDifference]).toMatchObject([0, { sample: 0, op: 0, tensor: 2 }])
    expect(firstDifference!.device).not.toBe(firstDifference!.twin)
  })

  test('is measured', async () => {
    await session.setInput(0, samples[0]![0]!)
    const latency = await measureLatency(session, { warmup: 2, runs: 5 })
    expect([latency.n, latency.kind]).toEqual([5, session.link.kind])
    expect(latency.min).toBeGreaterThan(0)
    expect(latency.min).toBeLessThanOrEqual(latency.median)
    expect(latency.median).toBeLessThanOrEqual(latency.max)
    const operators = await measureOperators(session, plan)
    expect(operators.map(({ name, op, kernel, macs }) => [name, op, kernel, macs])).toEqual([
      ['conv', 'Conv', 'conv2d', 2304],
      ['act', 'Tanh', 'table', 0],
      ['fc', 'Gemm', 'fullyConnected', 2560],
    ])
    expect(operators.every(({ cycles }) => cycles > 0)).toBe(true)
    const memory = await measureMemory(session)
    expect(memory.arenaHigh).toBeLessThanOrEqual(plan.arenaBytes)
    expect(memory.arenaHigh).toBeGreaterThan(plan.arenaBytes / 2)
    expect([memory.stackHigh > 0, memory.stackHigh < memory.stackBytes]).toEqual([true, true])
  })

  test('refuses what is no pack, and works on', async () => {
    const broken = pack.slice()
    broken[0]! ^= 1
    await expect(session.deploy(broken, { shape })).rejects.toMatchObject({
      code: 'device.refused',
      data: { reason: 'badPack' },
    })
    expect(await session.deploy(pack)).toMatchObject({ slotKind: 'flash' })
    using twin = await openTwin(pack)
    expect(await session.infer(samples[1]!)).toEqual(twin.run(samples[1]!))
  })

  test('runs a pack from RAM too', async () => {
    const other = smallPack(3)
    expect(await session.deploy(other.pack, { slot: 0 })).toMatchObject({ slotKind: 'ram', uploaded: true })
    using twin = await openTwin(other.pack)
    expect(await session.infer(samples[2]!)).toEqual(twin.run(samples[2]!))
  })

  test('computes from coded weights as the twin does: every codec, streamed, resident and direct', async () => {
    const results: unknown[] = []
    const expected: unknown[] = []
    for (const { codec, modes, pack: coded } of codedPacks()) {
      await session.deploy(coded, { slot: 0 })
      using twin = await openTwin(coded)
      for (const sample of samples.slice(0, 2)) {
        results.push([codec, modes, await session.infer(sample)])
        expected.push([codec, modes, twin.run(sample)])
      }
    }
    expect(results).toEqual(expected)
  })

  test('keeps the pack in flash through a reset', async () => {
    await session.deploy(pack, { force: true })
    await session.reset()
    expect(await session.modelInfo()).toMatchObject({ size: pack.length })
    using twin = await openTwin(pack)
    expect(await session.infer(samples[3]!)).toEqual(twin.run(samples[3]!))
  })
})
