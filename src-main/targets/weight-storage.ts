// Coded weights in a plan: which tensors can be coded and as which rows, and the scratch memory that decoding them needs.
import { Bug } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { Codec, CodecName, Coded, IntTensor } from '../codecs/codec.ts'
import { elementsOf } from '../ir/tensor.ts'
import {
  isWeighted,
  type Plan,
  type PlanOp,
  type PlanTensor,
  type StorageMode,
  type TensorIndex,
  type WeightedOp,
  type WeightStorage,
} from './plan.ts'
import { rowShape, toRows } from './weight-rows.ts'

export interface CodableWeights {
  readonly tensor: TensorIndex
  readonly rowDims: number
  /** Operators that read it. */
  readonly ops: readonly number[]
}

/** Constant weights that may be stored in any mode: those that one kind of operator reads, as weights only. */
export function codableWeights(plan: Plan): CodableWeights[] {
  return plan.tensors.flatMap((tensor, index) => {
    if (tensor.place.kind !== 'constant' || tensor.dtype !== 'i8') return []
    const readers = plan.ops.flatMap((op, at) => (isWeighted(op) && op.weights === index ? [{ op, at }] : []))
    const rowDims = new Set(readers.map(({ op }) => rowDimsOf(op, tensor.shape.length)))
    if (rowDims.size !== 1) return []
    return [{ tensor: index, rowDims: [...rowDims][0]!, ops: readers.map(({ at }) => at) }]
  })
}

function rowDimsOf(op: WeightedOp, rank: number): number {
  if (op.kind === 'depthwiseConv2d') return 0
  return op.kind === 'fullyConnected' ? rank - 1 : 1
}

const packedCodecs: readonly CodecName[] = ['int4', 'ternary', 'binary']
const sparseCodecs: readonly CodecName[] = ['bitmap', 'relative']

/** Whether the runtime has kernels that compute from this coded form (resources/runtime/src/direct.c), or why not. */
export function acceptsDirect(plan: Plan, { tensor, ops }: CodableWeights, codec: CodecName): true | Note {
  const { shape } = plan.tensors[tensor]!
  if (![...packedCodecs, ...sparseCodecs].includes(codec)) return say`there is no kernel for ${codec}`
  for (const op of ops.map((at) => plan.ops[at]!)) {
    if (op.kind === 'fullyConnected') {
      if (elementsOf(shape.slice(0, -2)) > 1) return say`there are several batches of weights`
    } else if (op.kind !== 'conv2d') return say`there is no kernel for ${op.kind}`
    else if (sparseCodecs.includes(codec) && (op.groups > 1 || (op.dilationW > 1 && shape[2]! > 1)))
      return say`sparse convolutions are neither grouped nor dilated`
  }
  return true
}

/** What a codec is given. */
export function rowsOf(plan: Plan, { tensor, rowDims }: Pick<CodableWeights, 'tensor' | 'rowDims'>): IntTensor {
  const { shape, place } = plan.tensors[tensor]!
  if (place.kind !== 'constant' || !(place.data instanceof Int8Array))
    throw new Bug(`tensor ${tensor} is no int8 constant`)
  return { data: toRows(place.data, shape, rowDims), ...rowShape(shape, rowDims) }
}

/** @param codec that made `coded` */
export function storageOf(coded: Coded, codec: Codec, rowDims: number, mode: StorageMode): WeightStorage {
  const { payload, table } = coded
  const storage = { mode, codec: coded.codec, rowDims, payload, table, stateBytes: codec.stateBytes(coded) }
  return mode === 'resident' ? { ...storage, residentOffset: -1 } : storage
}

/** Aligning the decoder's state may cost this, since an arena may begin anywhere. */
const alignmentBytes = 3

/** Before any decoded row: the decoder's state, and a row where rows are not kept in the order in which they are coded. */
export function decodeRoomBytes(tensor: PlanTensor): number {
  const storage = tensor.place.kind === 'constant' ? tensor.place.storage : undefined
  if (!storage) return 0
  const row = storage.rowDims === 0 ? rowShape(tensor.shape, 0).rowElements : 0
  return storage.stateBytes + row + alignmentBytes
}

/** Scratch of a streamed operator: as few tiles as fit the limit, of equal size; one row at least, whatever the limit. */
export function streamScratchBytes(tensor: PlanTensor, limitBytes: number): number {
  const storage = tensor.place.kind === 'constant' ? tensor.place.storage : undefined
  if (!storage) throw new Bug(`${tensor.name} is not coded`)
  const { rows, rowElements } = rowShape(tensor.shape, storage.rowDims)
  const room = decodeRoomBytes(tensor)
  const most = Math.max(1, Math.min(rows, Math.floor((limitBytes - room) / rowElements)))
  const even = Math.ceil(rows / Math.ceil(rows / most))
  // Kernels take output channels in pairs.
  const paired = even % 2 === 1 && even + 1 <= most ? even + 1 : even
  return room + paired * rowElements
}

/** Scratch of a direct sparse convolution: where the nonzero weights of each kernel row end, and one filter's nonzero weights. */
export function sparseScratchBytes(tensor: PlanTensor): number {
  const data = tensor.place.kind === 'constant' ? tensor.place.data : null
  if (!(data instanceof Int8Array)) throw new Bug(`${tensor.name} is no int8 constant`)
  const { rows, rowElements } = rowShape(tensor.shape, 1)
  const counts = Array.from({ length: rows }, (_, row) =>
    data.subarray(row * rowElements, (row + 1) * rowElements).reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0),
  )
  return 4 * (tensor.shape[1]! + Math.max(1, ...counts)) + alignmentBytes
}

/** What the operator needs for its weights while it runs; null: nothing. */
function scratchBytes(op: WeightedOp, weights: PlanTensor, storage: WeightStorage, limitBytes: number): number | null {
  if (storage.mode === 'streamed') return streamScratchBytes(weights, limitBytes)
  const isListed = storage.mode === 'direct' && op.kind === 'conv2d' && sparseCodecs.includes(storage.codec)
  return isListed ? sparseScratchBytes(weights) : null
}

export interface StoreOptions {
  /** Scratch that one streamed operator may take, where a row allows. Default 4096. */
  readonly scratchBytes?: number
}

/** The plan with these tensors stored so, and with the scratch tensors that this needs. Its memory is not planned. */
export function storeWeights(
  plan: Plan,
  storages: ReadonlyMap<TensorIndex, WeightStorage>,
  options: StoreOptions = {},
): Plan {
  const tensors = plan.tensors.map((tensor, index) => withStorage(tensor, storages.get(index)))
  const ops = plan.ops.map((op): PlanOp => {
    const storage = isWeighted(op) ? storages.get(op.weights) : undefined
    if (!isWeighted(op) || !storage) return op
    const bytes = scratchBytes(op, tensors[op.weights]!, storage, options.scratchBytes ?? 4096)
    return bytes === null ? op : { ...op, scratch: tensors.push(scratchTensor(op, bytes)) - 1 }
  })
  return { ...plan, tensors, ops }
}

function withStorage(tensor: PlanTensor, storage: WeightStorage | undefined): PlanTensor {
  if (!storage) return tensor
  if (tensor.place.kind !== 'constant') throw new Bug(`${tensor.name} is not a constant`)
  return { ...tensor, place: { ...tensor.place, storage } }
}

const scratchTensor = (op: PlanOp, bytes: number): PlanTensor => ({
  name: `${op.node} scratch`,
  dtype: 'i8',
  shape: [bytes],
  scale: 1,
  zeroPoint: 0,
  place: { kind: 'arena', offset: -1 },
})
