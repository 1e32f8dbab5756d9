import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import type { CodecName } from '../../../src-main/codecs/codec.ts'
import { codecOf } from '../../../src-main/codecs/registry.ts'
import { checkFit, ramNeeded } from '../../../src-main/targets/fit.ts'
import { planMemory, roundUp } from '../../../src-main/targets/memory-plan.ts'
import type { Plan, StorageMode, TensorIndex } from '../../../src-main/targets/plan.ts'
import { fromRows, rowShape, toRows } from '../../../src-main/targets/weight-rows.ts'
import {
  acceptsDirect,
  codableWeights,
  decodeRoomBytes,
  rowsOf,
  sparseScratchBytes,
  storageOf,
  storeWeights,
  streamScratchBytes,
} from '../../../src-main/targets/weight-storage.ts'
import { plain } from '../../support/plain.ts'
import { smallPack } from '../../support/small-pack.ts'

const { plan: unplanned } = smallPack()
const [conv, dense] = codableWeights(unplanned)

const storageIn = (plan: Plan, codec: CodecName, weights: typeof conv, mode: StorageMode) => {
  const found = codecOf(codec)
  return storageOf(found.encode(rowsOf(plan, weights!)), found, weights!.rowDims, mode)
}

function stored(modes: ReadonlyMap<typeof conv, StorageMode>, scratchBytes?: number): Plan {
  const storages = new Map<TensorIndex, ReturnType<typeof storageIn>>()
  for (const [weights, mode] of modes) storages.set(weights!.tensor, storageIn(unplanned, 'int8', weights, mode))
  return planMemory(storeWeights(unplanned, storages, scratchBytes === undefined ? {} : { scratchBytes }))
}

const offsetsOf = (plan: Plan) =>
  plan.tensors.flatMap((tensor) => {
    const bytes = tensor.shape.reduce((product, dim) => product * dim, 1)
    if (tensor.place.kind === 'arena') return [{ name: tensor.name, offset: tensor.place.offset, bytes }]
    const offset = tensor.place.storage?.residentOffset
    return offset === undefined ? [] : [{ name: tensor.name, offset, bytes }]
  })

describe('rows', () => {
  test('of a convolution, a dense layer, and depthwise filters channel by channel', () => {
    expect(rowShape([8, 3, 3, 4], 1)).toEqual({ rows: 8, rowElements: 36, inner: 4 })
    expect(rowShape([2, 10, 64], 2)).toEqual({ rows: 20, rowElements: 64, inner: 64 })
    expect(rowShape([1, 3, 3, 16], 0)).toEqual({ rows: 16, rowElements: 9, inner: 9 })
    expect([...toRows(Int8Array.of(1, 2, 3, 4, 5, 6), [1, 1, 2, 3], 0)]).toEqual([1, 4, 2, 5, 3, 6])
  })

  test('fromRows takes back toRows', () => {
    const shapes = fc.tuple(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 3 }),
    )
    fc.assert(
      fc.property(shapes, ([shape, wanted]) => {
        const rowDims = Math.min(wanted, shape.length - 1)
        const count = shape.reduce((product, dim) => product * dim, 1)
        const data = Int8Array.from({ length: count }, (_, i) => i)
        expect(fromRows(toRows(data, shape, rowDims), shape, rowDims)).toEqual(data)
      }),
      { seed: 3, numRuns: 200 },
    )
  })
})

test('weights of a convolution and of a dense layer can be coded', () => {
  expect([conv, dense]).toEqual([
    { tensor: 1, rowDims: 1, ops: [0] },
    { tensor: 4, rowDims: 1, ops: [2] },
  ])
})

test('streamed: scratch lives as long as its operator, holds at least one row, and as many as the limit allows', () => {
  const plan = stored(new Map([[dense, 'streamed']]), 1000)
  const op = plan.ops[2]!
  const scratch = plan.tensors[op.kind === 'fullyConnected' ? op.scratch! : 0]!
  const room = decodeRoomBytes(plan.tensors[dense!.tensor]!)
  // Three rows of 256 fit, and 10 rows need four tiles of two or three.
  expect(scratch.shape).toEqual([room + 3 * 256])
  expect(streamScratchBytes(plan.tensors[dense!.tensor]!, 0)).toBe(room + 256)
  expect(streamScratchBytes(plan.tensors[dense!.tensor]!, 1e6)).toBe(room + 10 * 256)
  // The convolution's output, dead by then, may lie where the scratch is; the layer's own input and output may not.
  const live = offsetsOf(plan).filter(({ name }) => ['t', 'y', scratch.name].includes(name))
  for (const [i, a] of live.entries())
    for (const b of live.slice(i + 1))
      expect(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset, `${a.name}, ${b.name}`).toBe(true)
})

test('resident: behind all activations, with room for the decoder before, and part of what must fit', () => {
  const plain = planMemory(unplanned)
  const plan = stored(
    new Map([
      [conv, 'resident'],
      [dense, 'resident'],
    ]),
  )
  const [w1, w2] = [conv, dense].map(
    (weights) => offsetsOf(plan).find((t) => t.name === plan.tensors[weights!.tensor]!.name)!,
  )
  expect([w1!.offset, w2!.offset]).toEqual([roundUp(plain.arenaBytes), roundUp(plain.arenaBytes) + roundUp(36)])
  expect(plan.arenaBytes).toBe(w2!.offset + 2560)
  expect(ramNeeded(plan) - ramNeeded(plain)).toBe(plan.arenaBytes - plain.arenaBytes)
  const { largestTensors } = checkFit(plan, 100, { flashBytes: null, ramBytes: null })
  expect(largestTensors[0]).toEqual({ name: 'w2', bytes: 2560, op: 'Weights' })
})

test('the decoder has room before resident weights even where activations are small', () => {
  const rans = codecOf('rans')
  const storage = storageOf(rans.encode(rowsOf(unplanned, dense!)), rans, dense!.rowDims, 'resident')
  const plan = planMemory(storeWeights(unplanned, new Map([[dense!.tensor, { ...storage, stateBytes: 5000 }]])))
  expect(offsetsOf(plan).find(({ name }) => name === 'w2')!.offset).toBe(roundUp(5003))
})

describe('direct', () => {
  test('is refused with the reason', () => {
    expect(acceptsDirect(unplanned, dense!, 'int4')).toBe(true)
    expect(plain(acceptsDirect(unplanned, dense!, 'rans'))).toBe('there is no kernel for rans')
    const grouped: Plan = {
      ...unplanned,
      ops: unplanned.ops.map((op) => (op.kind === 'conv2d' ? { ...op, dilationW: 2 } : op)),
    }
    expect(plain(acceptsDirect(grouped, conv!, 'bitmap'))).toBe('sparse convolutions are neither grouped nor dilated')
    expect(acceptsDirect(grouped, conv!, 'ternary')).toBe(true)
  })

  test('a sparse convolution needs scratch for its fullest filter, a dense layer none', () => {
    const random = seededRandom(1)
    const sparse: Plan = {
      ...unplanned,
      tensors: unplanned.tensors.map((tensor) =>
        tensor.place.kind === 'constant' && tensor.place.data instanceof Int8Array
          ? { ...tensor, place: { kind: 'constant', data: tensor.place.data.map((v) => (random.below(4) ? 0 : v)) } }
          : tensor,
      ),
    }
    const filters = rowsOf(sparse, conv!)
    const fullest = Math.max(
      ...[0, 1, 2, 3].map((row) => filters.data.subarray(row * 9, row * 9 + 9).filter((value) => value !== 0).length),
    )
    expect(sparseScratchBytes(sparse.tensors[conv!.tensor]!)).toBe(4 * (3 + fullest) + 3)
    const storages = new Map(
      [conv, dense].map((weights) => [weights!.tensor, storageIn(sparse, 'bitmap', weights, 'direct')]),
    )
    const ops = storeWeights(sparse, storages).ops.map((op) => 'scratch' in op && op.scratch !== undefined)
    expect(ops).toEqual([true, false, false])
  })
})
