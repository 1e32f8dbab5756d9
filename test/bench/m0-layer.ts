// A dense layer of a pruned network under every codec and mode, on Cortex-M0 and Cortex-M4 in QEMU: what one weight costs,
// in instructions of the whole operator, and what it takes in flash. `node test/bench/m0-layer.ts`; needs QEMU.
import { existsSync } from 'node:fs'
import { systemClock } from '../../src-main/base/clock.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { codecs } from '../../src-main/codecs/registry.ts'
import { readNpz } from '../../src-main/data/npz.ts'
import { linkTo } from '../../src-main/device/links/drivers.ts'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { measureOperators } from '../../src-main/device/measure.ts'
import { type DeviceSession, openSession } from '../../src-main/device/session.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { Plan, PlanTensor, StorageMode } from '../../src-main/targets/plan.ts'
import {
  acceptsDirect,
  codableWeights,
  rowsOf,
  storageOf,
  storeWeights,
} from '../../src-main/targets/weight-storage.ts'
import { sharedData } from '../support/shared.ts'

const [inputs, outputs] = [784, 100]
const sets = ['lenet-300-100-p8.2-int8', 'lenet-300-100-p8.2-L9']
const devices = ['qemu:microbit', 'qemu:mps2-an386']

interface Way {
  readonly name: string
  readonly plan: Plan
}

interface Figures {
  readonly way: string
  readonly flashBytes: number
  readonly scratchBytes: number
  /** Of the operator, by device. */
  readonly instructions: readonly number[]
}

if (!existsSync(sharedData('codec'))) {
  console.error('skipped: ../shared/data/codec is not there')
  process.exit(0)
}
for (const set of sets) {
  const figures: Figures[] = []
  const ways = waysOf(layer(set))
  const counts = await Promise.all(devices.map((device) => measure(device, ways)))
  for (const [i, { name, plan }] of ways.entries()) {
    const scratch = plan.tensors.find((tensor) => tensor.name.endsWith('scratch'))
    figures.push({
      way: name,
      flashBytes: packed(plan).length,
      scratchBytes: scratch?.shape[0] ?? 0,
      instructions: counts.map((each) => each[i]!),
    })
  }
  console.log(table(set, figures))
}

/** The first rows of a set's first layer. */
function layer(set: string): Plan {
  const [held] = [...readNpz(sharedData(`codec/${set}.npz`)).values()]
  if (!held || held.dtype === 'text') throw new Error(`${set} has no numbers`)
  const data = Int8Array.from({ length: inputs * outputs }, (_, i) => Number(held.data[i]))
  const tensor = (name: string, shape: readonly number[], place: PlanTensor['place']): PlanTensor => {
    return { name, dtype: 'i8', shape, scale: 0.1, zeroPoint: 0, place }
  }
  return {
    tensors: [
      tensor('x', [1, inputs], { kind: 'arena', offset: -1 }),
      tensor('w', [outputs, inputs], { kind: 'constant', data }),
      tensor('y', [1, outputs], { kind: 'arena', offset: -1 }),
    ],
    ops: [
      {
        ...{ kind: 'fullyConnected', node: 'fc', op: 'Gemm', macs: inputs * outputs, input: 0, weights: 1, bias: null },
        ...{ output: 2, min: -128, max: 127, requant: { multiplier: Int32Array.of(1 << 30), shift: Int8Array.of(-7) } },
      },
    ],
    inputs: [{ name: 'x', tensor: 0, shape: [1, inputs] }],
    outputs: [{ name: 'y', tensor: 2, shape: [1, outputs] }],
    arenaBytes: 0,
  }
}

function waysOf(plan: Plan): Way[] {
  const [weights] = codableWeights(plan)
  if (!weights) throw new Error('the weights cannot be coded')
  const rows = rowsOf(plan, weights)
  const coded = codecs.flatMap((codec) => {
    if (codec.name === 'int8' || codec.accepts(rows) !== true) return []
    const modes: StorageMode[] =
      acceptsDirect(plan, weights, codec.name) === true ? ['direct', 'streamed'] : ['streamed']
    const encoded = codec.encode(rows)
    return modes.map((mode): Way => {
      const storages = new Map([[weights.tensor, storageOf(encoded, codec, weights.rowDims, mode)]])
      return { name: `${codec.name}, ${mode}`, plan: planMemory(storeWeights(plan, storages)) }
    })
  })
  return [{ name: 'int8, direct', plan: planMemory(plan) }, ...coded]
}

function packed(plan: Plan): Uint8Array {
  const none = '0'.repeat(64)
  const origin = { modelName: 'layer', modelSha256: none, recipeSha256: none, dataSha256: none, producer: 'bench' }
  return writeShoe(plan, origin)
}

async function measure(device: string, ways: readonly Way[]): Promise<number[]> {
  const random = seededRandom(1)
  const sample = [Int8Array.from({ length: inputs }, () => random.below(128))]
  const options = { clock: systemClock, signal: AbortSignal.timeout(600_000) }
  const session: DeviceSession = await openSession(linkTo(device, systemLinkPorts), options)
  try {
    const counts: number[] = []
    for (const { name, plan } of ways) {
      const pack = packed(plan)
      await session.deploy(pack)
      using twin = await openTwin(pack)
      const same = String(await session.infer(sample)) === String(twin.run(sample))
      if (!same) throw new Error(`${device}, ${name}: other outputs than the twin's`)
      counts.push((await measureOperators(session, plan))[0]!.cycles)
    }
    return counts
  } finally {
    await session.close()
  }
}

function table(set: string, figures: readonly Figures[]): string {
  const elements = inputs * outputs
  const rows = figures.map(({ way, flashBytes, scratchBytes, instructions }) => {
    const cells = instructions.map((count) => (count / elements).toFixed(2))
    return `| ${[way, flashBytes, scratchBytes, ...cells].join(' | ')} |`
  })
  return [
    `### ${set}, ${inputs} to ${outputs}: instructions a weight`,
    '',
    `| weights | pack, bytes | scratch, bytes | ${devices.join(' | ')} |`,
    `|${'---|'.repeat(devices.length + 3)}`,
    ...rows,
    '',
  ].join('\n')
}
