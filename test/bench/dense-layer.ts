// A dense layer of a pruned network under every codec and mode, on boards in QEMU: instructions of the whole operator for
// each weight. The weights are also made binary and ternary, for the codecs that take no others.
import { systemClock } from '../../src-main/base/clock.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { type CodecName, codecs } from '../../src-main/codecs/registry.ts'
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
const set = 'lenet-300-100-p8.2-L9'

interface Character {
  readonly name: string
  readonly map: (value: number) => number
}

const characters: readonly Character[] = [
  { name: set, map: (value) => value },
  { name: `${set}, signs and zeros`, map: Math.sign },
  { name: `${set}, signs`, map: (value) => (value < 0 ? -1 : 1) },
]

interface Way {
  readonly codec: CodecName
  readonly mode: StorageMode
  readonly plan: Plan
}

export interface LayerFigure {
  readonly weights: string
  /** Share that is not zero. */
  readonly density: number
  readonly codec: CodecName
  readonly mode: StorageMode
  readonly packBytes: number
  readonly scratchBytes: number
  readonly device: string
  readonly instructionsPerWeight: number
}

export async function measureLayers(devices: readonly string[]): Promise<LayerFigure[]> {
  const held = await heldWeights()
  return measurePlans(
    devices,
    characters.map(({ name, map }) => ({ name, plain: layer(Int8Array.from(held, map)) })),
    codecs.map(({ name }) => name),
  )
}

const zeroShares = [0.5, 0.75, 0.92]

/** Made-up weights with a given share of zeros, under the codecs whose coded form kernels read. */
export async function measureDirect(devices: readonly string[]): Promise<LayerFigure[]> {
  const percent = (share: number) => `${Math.round(100 * share)} % zeros`
  const plans = zeroShares.flatMap((zeros) => [
    { name: `-7 to 7, ${percent(zeros)}`, plain: layer(randomWeights(zeros, 7)) },
    { name: `-1 to 1, ${percent(zeros)}`, plain: layer(randomWeights(zeros, 1)) },
  ])
  const signs = { name: '-1 and 1', plain: layer(randomWeights(0, 1)) }
  return measurePlans(devices, [...plans, signs], ['int4', 'ternary', 'binary', 'bitmap', 'relative'])
}

async function measurePlans(
  devices: readonly string[],
  plans: readonly { readonly name: string; readonly plain: Plan }[],
  names: readonly CodecName[],
): Promise<LayerFigure[]> {
  const figures: LayerFigure[] = []
  for (const { name, plain } of plans) {
    const ways = waysOf(plain, names)
    for (const device of devices) {
      const counts = await measure(device, ways)
      figures.push(
        ...ways.map((way, i) => figureOf(way, { weights: name, density: densityOf(plain), device }, counts[i]!)),
      )
    }
  }
  return figures
}

type Where = Pick<LayerFigure, 'weights' | 'density' | 'device'>

function figureOf({ codec, mode, plan }: Way, where: Where, instructions: number): LayerFigure {
  const scratch = plan.tensors.find((tensor) => tensor.name.endsWith('scratch'))
  return {
    ...where,
    codec,
    mode,
    packBytes: packed(plan).length,
    scratchBytes: scratch?.shape[0] ?? 0,
    instructionsPerWeight: instructions / (inputs * outputs),
  }
}

function densityOf(plan: Plan): number {
  const [weights] = codableWeights(plan)
  const { data } = rowsOf(plan, weights!)
  return data.reduce((count, value) => count + (value === 0 ? 0 : 1), 0) / data.length
}

/** The first rows of the set's first layer. */
async function heldWeights(): Promise<number[]> {
  const [held] = (await readNpz(sharedData(`codec/${set}.npz`))).values()
  if (!held || held.dtype === 'text') throw new Error(`${set} has no numbers`)
  return Array.from({ length: inputs * outputs }, (_, i) => Number(held.data[i]))
}

function randomWeights(zeros: number, largest: number): Int8Array {
  const random = seededRandom(31)
  const value = () => (1 + random.below(largest)) * (random.below(2) === 0 ? -1 : 1)
  return Int8Array.from({ length: inputs * outputs }, () => (random.below(10_000) < zeros * 10_000 ? 0 : value()))
}

function layer(data: Int8Array): Plan {
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

function waysOf(plan: Plan, names: readonly CodecName[]): Way[] {
  const [weights] = codableWeights(plan)
  if (!weights) throw new Error('the weights cannot be coded')
  const rows = rowsOf(plan, weights)
  const coded = codecs.flatMap((codec) => {
    if (codec.name === 'int8' || !names.includes(codec.name) || codec.accepts(rows) !== true) return []
    const modes: StorageMode[] =
      acceptsDirect(plan, weights, codec.name) === true ? ['direct', 'streamed'] : ['streamed']
    const encoded = codec.encode(rows)
    return modes.map((mode): Way => {
      const storages = new Map([[weights.tensor, storageOf(encoded, codec, weights.rowDims, mode)]])
      return { codec: codec.name, mode, plan: planMemory(storeWeights(plan, storages)) }
    })
  })
  return [{ codec: 'int8', mode: 'direct', plan: planMemory(plan) }, ...coded]
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
    for (const { codec, mode, plan } of ways) {
      const pack = packed(plan)
      await session.deploy(pack)
      using twin = await openTwin(pack)
      const same = String(await session.infer(sample)) === String(twin.run(sample))
      if (!same) throw new Error(`${device}, ${codec}, ${mode}: other outputs than the twin's`)
      counts.push((await measureOperators(session, plan))[0]!.cycles)
    }
    return counts
  } finally {
    await session.close()
  }
}
