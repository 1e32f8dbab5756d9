// Coded weights on emulated boards, whose kernels have instructions of their own: the integers of plain int8 in the twin.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { listDevices } from '../../src-main/device/discovery.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { type DeviceSession, openSession } from '../../src-main/device/session.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { origin } from './cases.ts'
import { codedPlans, storageModes, weightedCase, weightedKinds } from './coded.ts'

const boards = ['pico', 'qemu:netduinoplus2']
const found = await listDevices()
const available = boards.filter((id) => found.some((device) => device.id === id && device.available))
for (const id of boards) if (!available.includes(id)) console.warn(`left out: ${id}`)

/** What one operator may take of the smallest board. */
const arenaLimit = 20_000
const casesPerKind = 3

describe.each(available)('%s', (id) => {
  let session: DeviceSession
  beforeAll(async () => {
    session = await openSession(linkTo(id, systemLinkPorts), {
      clock: systemClock,
      signal: AbortSignal.timeout(240_000),
    })
  }, 60_000)
  afterAll(() => session[Symbol.asyncDispose]())

  test.each(weightedKinds)('%s', { timeout: 240_000 }, async (kind) => {
    let compared = 0
    for (let i = 0; i < casesPerKind; i++) {
      const random = seededRandom(50_000 + weightedKinds.indexOf(kind) * 100 + i)
      const c = weightedCase(kind, random)
      if (!c) continue
      using plain = await openTwin(writeShoe(c.plan, origin))
      const expected = plain.run(c.inputs)
      for (const { codec, mode, plan } of codedPlans(c.plan, random, { modes: storageModes })) {
        if (plan.arenaBytes > arenaLimit) continue
        // The cases' operators claim more work than anybody would wait for.
        const ops = plan.ops.map((op) => ({ ...op, macs: 100_000 }))
        await session.deploy(writeShoe({ ...plan, ops }, origin))
        if (mode === 'resident') await session.paint()
        expect(await session.infer(c.inputs), `case ${i}, ${codec} ${mode}`).toEqual(expected)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(casesPerKind)
  })
})
