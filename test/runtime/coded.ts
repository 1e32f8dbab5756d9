// Random cases whose weights are coded: every codec that takes them, in every mode.
import type { Random } from '../../src-main/base/random.ts'
import type { CodecName } from '../../src-main/codecs/codec.ts'
import { codecs } from '../../src-main/codecs/registry.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { Plan, StorageMode } from '../../src-main/targets/plan.ts'
import {
  acceptsDirect,
  codableWeights,
  rowsOf,
  storageOf,
  storeWeights,
} from '../../src-main/targets/weight-storage.ts'
import { type Case, randomCase } from './cases.ts'

export const storageModes: readonly StorageMode[] = ['direct', 'streamed', 'resident']

export const weightedKinds = ['conv2d', 'depthwiseConv2d', 'transposeConv2d', 'fullyConnected'] as const

/** What weights look like, from which follows who accepts them. */
const characters: readonly ((random: Random) => number)[] = [
  (random) => random.below(256) - 128,
  (random) => random.below(16) - 8,
  (random) => random.below(3) - 1,
  (random) => random.below(2) * 2 - 1,
  (random) => (random.below(10) ? 0 : random.below(256) - 128),
  (random) => (random.below(40) ? 0 : random.below(3) - 1),
  (random) => [-100, -7, 0, 0, 0, 3, 90][random.below(7)]!,
  () => 0,
]

/** A case of one operator with weights of a random character. Null when its weights are no constant. */
export function weightedCase(kind: (typeof weightedKinds)[number], random: Random): Case | null {
  const { plan, inputs } = randomCase(kind, random)
  const [weights] = codableWeights(plan)
  if (!weights) return null
  const value = characters[random.below(characters.length)]!
  const tensors = plan.tensors.map((tensor, index) => {
    if (index !== weights.tensor || tensor.place.kind !== 'constant') return tensor
    return { ...tensor, place: { ...tensor.place, data: tensor.place.data.map(() => value(random)) } }
  })
  return { plan: { ...plan, tensors }, inputs }
}

export interface CodedPlan {
  readonly codec: CodecName
  readonly mode: StorageMode
  readonly plan: Plan
}

export interface CodedOptions {
  readonly modes: readonly StorageMode[]
  /** What decoders with 64-bit addresses may need beyond the others. Default 0. */
  readonly spareBytes?: number
}

/** The plan under every codec that accepts its weights, in each mode, with scratch memory of a random size. */
export function codedPlans(plan: Plan, random: Random, { modes, spareBytes = 0 }: CodedOptions): CodedPlan[] {
  const [weights] = codableWeights(plan)
  if (!weights) return []
  const rows = rowsOf(plan, weights)
  const accepting = codecs.filter((codec) => codec.accepts(rows) === true)
  return accepting.flatMap((codec) => {
    const coded = codec.encode(rows)
    const possible = modes.filter((mode) => mode !== 'direct' || acceptsDirect(plan, weights, codec.name) === true)
    return possible.map((mode): CodedPlan => {
      const storage = storageOf(coded, codec, weights.rowDims, mode)
      const storages = new Map([[weights.tensor, { ...storage, stateBytes: storage.stateBytes + spareBytes }]])
      const stored = storeWeights(plan, storages, { scratchBytes: random.below(3000) })
      return { codec: codec.name, mode, plan: planMemory(stored) }
    })
  })
}
