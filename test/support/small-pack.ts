// A pack small enough for every device and quick on the slowest emulator, with weights from a seed: conv 3x3 (1 to 4
// channels) over 8 x 8, a table, fully connected to 10.
import { type Random, seededRandom } from '../../src-main/base/random.ts'
import { planShape } from '../../src-main/device/pack-shape.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { Plan, PlanTensor, Requant } from '../../src-main/targets/plan.ts'

const int8 = (random: Random, count: number) => Int8Array.from({ length: count }, () => random.below(256) - 128)

const arena = (name: string, shape: number[]): PlanTensor => ({
  name,
  dtype: 'i8',
  shape,
  scale: 0.1,
  zeroPoint: 0,
  place: { kind: 'arena', offset: -1 },
})

const constant = (name: string, shape: number[], data: Int8Array): PlanTensor => ({
  ...arena(name, shape),
  place: { kind: 'constant', data },
})

/** 2^-6 for every channel. */
const requant = (channels: number): Requant => ({
  multiplier: new Int32Array(channels).fill(1 << 30),
  shift: new Int8Array(channels).fill(-5),
})

function plan(seed: number): Plan {
  const random = seededRandom(seed)
  const window = { strideH: 1, strideW: 1, padTop: 1, padLeft: 1, dilationH: 1, dilationW: 1, groups: 1 }
  const clamp = { min: -128, max: 127 }
  return planMemory({
    tensors: [
      arena('x', [1, 8, 8, 1]),
      constant('w1', [4, 3, 3, 1], int8(random, 36)),
      arena('c', [1, 8, 8, 4]),
      arena('t', [1, 8, 8, 4]),
      constant('w2', [10, 256], int8(random, 2560)),
      arena('y', [1, 10]),
    ],
    ops: [
      {
        ...{ kind: 'conv2d', node: 'conv', op: 'Conv', macs: 2304, input: 0, weights: 1, bias: null, output: 2 },
        ...{ ...window, ...clamp, requant: requant(4) },
      },
      { kind: 'table', node: 'act', op: 'Tanh', macs: 0, input: 2, output: 3, table: int8(random, 256) },
      {
        ...{ kind: 'fullyConnected', node: 'fc', op: 'Gemm', macs: 2560, input: 3, weights: 4, bias: null, output: 5 },
        ...{ ...clamp, requant: { multiplier: Int32Array.of(1 << 30), shift: Int8Array.of(-7) } },
      },
    ],
    inputs: [{ name: 'x', tensor: 0, shape: [1, 1, 8, 8] }],
    outputs: [{ name: 'y', tensor: 5, shape: [1, 10] }],
    arenaBytes: 0,
  })
}

export function smallPack(seed = 1) {
  const made = plan(seed)
  const none = '0'.repeat(64)
  const pack = writeShoe(made, {
    ...{ modelName: 'small', modelSha256: none, recipeSha256: none, dataSha256: none, producer: 'test' },
  })
  return { pack, plan: made, shape: planShape(made) }
}

export function smallInputs(count: number, seed = 9): Int8Array[][] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => [int8(random, 64)])
}
