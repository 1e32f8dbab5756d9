// The small pack with its weights coded: one pack a codec, its convolution and its dense layer stored in different modes.
import { type Codec, codecs } from '../../src-main/codecs/registry.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { planMemory } from '../../src-main/targets/memory-plan.ts'
import type { Plan, StorageMode } from '../../src-main/targets/plan.ts'
import {
  acceptsDirect,
  codableWeights,
  rowsOf,
  storageOf,
  storeWeights,
} from '../../src-main/targets/weight-storage.ts'
import { smallPack } from './small-pack.ts'

export interface CodedPack {
  readonly codec: string
  readonly modes: readonly StorageMode[]
  readonly pack: Uint8Array
}

/** Weights as every codec likes them: few values, most of them zero; ternary, and signs, for those that take no others. */
const characters = [
  (value: number) => (value % 4 === 0 ? value >> 4 : 0),
  (value: number) => (value % 4 === 0 ? Math.sign(value) : 0),
  (value: number) => (value < 0 ? -1 : 1),
]

function withWeights(plan: Plan, map: (value: number) => number): Plan {
  const weights = new Set(codableWeights(plan).map(({ tensor }) => tensor))
  const tensors = plan.tensors.map((tensor, index) =>
    weights.has(index) && tensor.place.kind === 'constant'
      ? { ...tensor, place: { ...tensor.place, data: tensor.place.data.map(map) } }
      : tensor,
  )
  return { ...plan, tensors }
}

/** `turn` picks the modes, so that two packs of a codec meet all that it has. */
function codedPack(codec: Codec, turn: number, spareBytes: number): CodedPack {
  const plan = characters
    .map((character) => withWeights(smallPack().plan, character))
    .find((each) => codableWeights(each).every((weights) => codec.accepts(rowsOf(each, weights)) === true))
  if (!plan) throw new Error(`${codec.name} takes none of the weights`)
  const storages = codableWeights(plan).map((weights, i) => {
    const modes = (['streamed', 'resident', 'direct'] as const).filter(
      (mode) => mode !== 'direct' || acceptsDirect(plan, weights, codec.name) === true,
    )
    const mode = modes[(turn + 2 * i) % modes.length]!
    const storage = storageOf(codec.encode(rowsOf(plan, weights)), codec, weights.rowDims, mode)
    return [weights.tensor, { ...storage, stateBytes: storage.stateBytes + spareBytes }] as const
  })
  const none = '0'.repeat(64)
  const stored = planMemory(storeWeights(plan, new Map(storages), { scratchBytes: 512 }))
  const pack = writeShoe(stored, {
    ...{ modelName: 'small', modelSha256: none, recipeSha256: none, dataSha256: none, producer: 'test' },
  })
  return { codec: codec.name, modes: storages.map(([, { mode }]) => mode), pack }
}

/** @param spareBytes what decoders with 64-bit addresses may need beyond the others */
export const codedPacks = (spareBytes = 0): CodedPack[] =>
  codecs.flatMap((codec) => [0, 1, 2].map((turn) => codedPack(codec, turn, spareBytes)))
