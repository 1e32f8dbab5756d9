// A pack of over 400 kB on the emulated STM32F405, which has 1 MB of flash: it fits the larger slot, and only that one.
import { expect, test } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { listDevices } from '../../src-main/device/discovery.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { openSession } from '../../src-main/device/session.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { PlanTensor } from '../../src-main/targets/plan.ts'
import { origin } from './cases.ts'

const id = 'qemu:netduinoplus2'
const available = (await listDevices()).some((device) => device.id === id && device.available)
if (!available) console.warn(`left out: ${id}`)

const [inputs, outputs] = [2048, 210]

function densePack(): Uint8Array {
  const random = seededRandom(5)
  const data = Int8Array.from({ length: inputs * outputs }, () => random.below(256) - 128)
  const tensor = (name: string, shape: readonly number[], place: PlanTensor['place']): PlanTensor => {
    return { name, dtype: 'i8', shape, scale: 0.1, zeroPoint: 0, place }
  }
  const plan = planMemory({
    tensors: [
      tensor('x', [1, inputs], { kind: 'arena', offset: -1 }),
      tensor('w', [outputs, inputs], { kind: 'constant', data }),
      tensor('y', [1, outputs], { kind: 'arena', offset: -1 }),
    ],
    ops: [
      {
        ...{ kind: 'fullyConnected', node: 'fc', op: 'Gemm', macs: inputs * outputs, input: 0, weights: 1, bias: null },
        ...{
          output: 2,
          min: -128,
          max: 127,
          requant: { multiplier: Int32Array.of(1 << 30), shift: Int8Array.of(-12) },
        },
      },
    ],
    inputs: [{ name: 'x', tensor: 0, shape: [1, inputs] }],
    outputs: [{ name: 'y', tensor: 2, shape: [1, outputs] }],
    arenaBytes: 0,
  })
  return writeShoe(plan, origin)
}

test.runIf(available)('a pack of over 400 kB deploys and runs as the twin does', { timeout: 240_000 }, async () => {
  const pack = densePack()
  expect(pack.length).toBeGreaterThan(400_000)
  await using session = await openSession(linkTo(id, systemLinkPorts), {
    clock: systemClock,
    signal: AbortSignal.timeout(240_000),
  })
  const capacities = session.hello.slots.filter((slot) => slot.kind === 1).map((slot) => slot.capacity)
  expect(capacities).toEqual([(384 << 10) - 256, (512 << 10) - 256])
  expect(await session.deploy(pack)).toMatchObject({ slot: 2, slotKind: 'flash' })
  using twin = await openTwin(pack)
  const random = seededRandom(6)
  const sample = [Int8Array.from({ length: inputs }, () => random.below(256) - 128)]
  expect(await session.infer(sample)).toEqual(twin.run(sample))
})
