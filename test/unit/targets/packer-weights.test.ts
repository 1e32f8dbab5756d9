import { describe, expect, test } from 'vitest'
import { textOf } from '../../../src-main/base/note.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { openTwin } from '../../../src-main/device/twin.ts'
import { readShoe, writeShoe } from '../../../src-main/formats/shoe/index.ts'
import { ramNeeded } from '../../../src-main/targets/fit.ts'
import { planMemory } from '../../../src-main/targets/memory-plan.ts'
import { packWeights } from '../../../src-main/targets/packer/pack-weights.ts'
import type { EncodingGoal, PackTarget } from '../../../src-main/targets/packer/situation.ts'
import type { Plan, PlanTensor } from '../../../src-main/targets/plan.ts'
import { residentWeights } from '../../../src-renderer/charts/memory-map.ts'
import { sampleRun } from '../../support/sample-run.ts'

const none = '0'.repeat(64)
const origin = { modelName: 'm', modelSha256: none, recipeSha256: none, dataSha256: none, producer: 'test' }
const packBytes = (plan: Plan) => writeShoe(plan, origin).length

const [inputs, hidden, outputs] = [128, 96, 32]

/** Two dense layers whose weights are small: every entropy coder gains. */
function network(seed: number): Plan {
  const random = seededRandom(seed)
  const weights = (count: number) => Int8Array.from({ length: count }, () => Math.round(random.normal() * 6))
  const tensor = (name: string, shape: number[], place: PlanTensor['place']): PlanTensor => ({
    name,
    dtype: 'i8',
    shape,
    scale: 0.1,
    zeroPoint: 0,
    place,
  })
  const arena = { kind: 'arena', offset: -1 } as const
  const dense = (input: number, weightsAt: number, output: number, macs: number) => ({
    kind: 'fullyConnected' as const,
    node: `fc${output}`,
    op: 'Gemm',
    macs,
    input,
    weights: weightsAt,
    bias: null,
    output,
    min: -128,
    max: 127,
    requant: { multiplier: Int32Array.of(1 << 30), shift: Int8Array.of(-5) },
  })
  return {
    tensors: [
      tensor('x', [1, inputs], arena),
      tensor('w1', [hidden, inputs], { kind: 'constant', data: weights(hidden * inputs) }),
      tensor('h', [1, hidden], arena),
      tensor('w2', [outputs, hidden], { kind: 'constant', data: weights(outputs * hidden) }),
      tensor('y', [1, outputs], arena),
    ],
    ops: [dense(0, 1, 2, hidden * inputs), dense(2, 3, 4, outputs * hidden)],
    inputs: [{ name: 'x', tensor: 0, shape: [1, inputs] }],
    outputs: [{ name: 'y', tensor: 4, shape: [1, outputs] }],
    arenaBytes: 0,
  }
}

const plan = network(5)
const plain = planMemory(plan)
const plainPack = packBytes(plain)
const roomy: PackTarget = {
  core: 'Cortex-M4F',
  clockHz: 168e6,
  flashBytes: 1 << 20,
  ramBytes: 1 << 16,
  latencyMs: null,
}
const pack = (goal: EncodingGoal, target: Partial<PackTarget> = {}) =>
  packWeights(plan, { goal, target: { ...roomy, ...target }, packBytes })

describe('goals', () => {
  test.each(['int8', 'auto'] as const)('%s leaves int8 as it is where it fits', (goal) => {
    const { plan: packed, decisions } = pack(goal)
    expect(packed).toEqual(plain)
    expect(decisions.map(({ codec, mode }) => `${codec} ${mode}`)).toEqual(['int8 direct', 'int8 direct'])
  })

  test('smallest is smaller, and a codec and a mode stand in every reason', () => {
    const { plan: packed, decisions } = pack('smallest')
    expect(packBytes(packed)).toBeLessThan(plainPack * 0.8)
    for (const { codec, mode, reason } of decisions)
      expect(textOf(reason)).toMatch(new RegExp(`^${codec}, ${mode}: .*\\.$`))
  })

  test('fastest takes RAM instead of time where there is RAM', () => {
    const { decisions } = pack('fastest')
    expect(new Set(decisions.map(({ mode }) => mode))).toEqual(new Set(['resident']))
  })

  test('the memory map shows decoded weights where the planner put them', () => {
    const { plan: packed, decisions } = pack('fastest')
    const placed = packed.tensors.flatMap(({ name, place }) => {
      const offset = place.kind === 'constant' ? place.storage?.residentOffset : undefined
      return offset === undefined ? [] : [{ name, offset }]
    })
    const ram = { ...sampleRun().ram, arenaBytes: packed.arenaBytes }
    const shown = residentWeights({ ram, encoding: decisions.map((decision) => ({ ...decision })) })
    expect(shown.map(({ name, offset }) => ({ name, offset }))).toEqual(placed)
    expect(shown.at(-1)!.offset + shown.at(-1)!.bytes).toBe(packed.arenaBytes)
  })

  test('fastest without RAM to spare leaves int8', () => {
    const { decisions } = pack('fastest', { ramBytes: ramNeeded(plain) })
    expect(decisions.map(({ codec }) => codec)).toEqual(['int8', 'int8'])
  })
})

describe('budgets', () => {
  test('auto meets a flash budget that int8 misses, and says by how much', () => {
    const flashBytes = plainPack - 500
    const { plan: packed, decisions } = pack('auto', { flashBytes, ramBytes: ramNeeded(plain) + 3000 })
    expect(packBytes(packed)).toBeLessThanOrEqual(flashBytes)
    expect(decisions.some(({ reason }) => textOf(reason).includes('would miss the flash budget by 500 bytes'))).toBe(
      true,
    )
    expect(decisions.some(({ codec }) => codec === 'int8')).toBe(true)
  })

  test.each([0, 600, 1200, 2400, 6000])('RAM is never exceeded: %i bytes more than int8 needs', (spare) => {
    const ramBytes = ramNeeded(plain) + spare
    expect(ramNeeded(pack('smallest', { ramBytes }).plan)).toBeLessThanOrEqual(ramBytes)
  })

  test('a latency budget without slack leaves the time of int8', () => {
    const { decisions } = pack('smallest', { latencyMs: 0.001, ramBytes: ramNeeded(plain) + 3000 })
    expect(decisions.every(({ mode }) => mode !== 'streamed')).toBe(true)
  })
})

test.each(['smallest', 'fastest'] as const)('%s: the outputs are those of int8', async (goal) => {
  const bytes = writeShoe(pack(goal).plan, origin)
  using coded = await openTwin(bytes)
  using direct = await openTwin(writeShoe(plain, origin))
  const random = seededRandom(11)
  for (let i = 0; i < 20; i++) {
    const sample = [Int8Array.from({ length: inputs }, () => random.below(256) - 128)]
    expect(coded.run(sample)).toEqual(direct.run(sample))
  }
  expect(readShoe(bytes).plan.tensors[1]!.place).toMatchObject({
    data: plan.tensors[1]!.place.kind === 'constant' ? plan.tensors[1]!.place.data : null,
  })
})
