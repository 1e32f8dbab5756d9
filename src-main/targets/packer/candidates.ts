// Every way to store each weight tensor of a plan, measured: encoded for real, with the decoder's memory and its time.
import type { Codec, Coded, IntTensor } from '../../codecs/registry.ts'
import type { Plan, StorageMode, TensorIndex, WeightStorage } from '../plan.ts'
import { type CodableWeights, codableWeights, rowsOf, storageOf, streamScratchBytes } from '../weight-storage.ts'
import { instructionsPerElement } from './decode-costs.ts'
import type { EncodingOption, TensorOptions } from './option.ts'

export interface Candidate extends EncodingOption {
  /** null: plain int8, as it is. */
  readonly storage: WeightStorage | null
}

export interface TensorCandidates extends TensorOptions<Candidate> {
  readonly index: TensorIndex
  readonly rowDims: number
  readonly rows: IntTensor
}

export interface CandidateContext {
  readonly codecs: readonly Codec[]
  /** As the device names it. */
  readonly core: string
  /** Scratch that a streamed operator may take. */
  readonly scratchBytes: number
  readonly signal?: AbortSignal
  progress?(done: number, total: number): void
}

export function candidatesOf(plan: Plan, context: CandidateContext): TensorCandidates[] {
  const codable = codableWeights(plan)
  return codable.map((weights, i) => {
    context.signal?.throwIfAborted()
    context.progress?.(i, codable.length)
    const { name } = plan.tensors[weights.tensor]!
    const rows = rowsOf(plan, weights)
    const coded = context.codecs.flatMap((codec) => codedOptions(plan, weights, rows, codec, context))
    return { name, index: weights.tensor, rowDims: weights.rowDims, rows, options: [plain(rows), ...coded] }
  })
}

function plain(rows: IntTensor): Candidate {
  return {
    codec: 'int8',
    mode: 'direct',
    flashBytes: aligned(rows.data.length),
    tableBytes: 0,
    scratchBytes: 0,
    residentBytes: 0,
    extraCycles: 0,
    storage: null,
  }
}

/** int8 streamed or resident would only cost: it is what direct int8 is, with a copy. */
function codedOptions(
  plan: Plan,
  weights: CodableWeights,
  rows: IntTensor,
  codec: Codec,
  context: CandidateContext,
): Candidate[] {
  if (codec.name === 'int8' || codec.accepts(rows) !== true) return []
  const coded = codec.encode(rows)
  if (coded.payload.length > rows.data.length || coded.table.length > mostTableBytes) return []
  return (['streamed', 'resident'] as const).map((mode) =>
    candidate(plan, weights, rows, storageOf(coded, codec, weights.rowDims, mode), context),
  )
}

/** A pack says the length in 16 bits. */
const mostTableBytes = 0xffff

function candidate(
  plan: Plan,
  { tensor, ops }: CodableWeights,
  rows: IntTensor,
  storage: WeightStorage,
  { core, scratchBytes }: CandidateContext,
): Candidate {
  const { mode, codec, table } = storage
  const held = plan.tensors[tensor]!
  const stored = { ...held, place: { kind: 'constant' as const, data: rows.data, storage } }
  const elements = rows.data.length
  return {
    codec,
    mode,
    flashBytes: storedBytes(storage) + table.length,
    tableBytes: table.length,
    scratchBytes: mode === 'streamed' ? streamScratchBytes(stored, scratchBytes) : 0,
    residentBytes: mode === 'resident' ? elements : 0,
    extraCycles: mode === 'streamed' ? elements * ops.length * instructionsPerElement(codec, core) : 0,
    storage,
  }
}

/** Header, payload and records (SPEC.md, "Coded constants"); the table apart. */
export function storedBytes({
  payload,
  table,
  mode,
}: Pick<Coded, 'payload' | 'table'> & { mode: StorageMode }): number {
  const header = 8 + (table.length > 0 ? 4 : 0) + (mode === 'resident' ? 4 : 0)
  return header + aligned(payload.length) + (mode === 'streamed' ? scratchRecordBytes : 0)
}

/** A streamed operator's scratch has a tensor record, a dimension, and its index in the operator's record. */
const scratchRecordBytes = 12 + 4 + 4

const aligned = (bytes: number) => Math.ceil(bytes / 4) * 4
