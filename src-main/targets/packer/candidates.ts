// Every way to store each weight tensor of a plan, measured: encoded for real, with the decoder's memory and its time.
import type { Codec, IntTensor } from '../../codecs/registry.ts'
import { coreClass } from '../cost-model/cost-model.ts'
import { type Plan, scratchOf, type TensorIndex, type WeightStorage } from '../plan.ts'
import {
  acceptsDirect,
  type CodableWeights,
  codableWeights,
  rowsOf,
  storageOf,
  storeWeights,
} from '../weight-storage.ts'
import { directInstructionsPerMac, instructionsPerElement } from './decode-costs.ts'
import type { EncodingOption, TensorOptions } from './option.ts'
import { weightStatistics } from './statistics.ts'

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
  { core, scratchBytes }: CandidateContext,
): Candidate[] {
  if (codec.name === 'int8' || codec.accepts(rows) !== true) return []
  const coded = codec.encode(rows)
  if (coded.payload.length > rows.data.length || coded.table.length > mostTableBytes) return []
  const modes = (['direct', 'streamed', 'resident'] as const).filter(
    (mode) => mode !== 'direct' || acceptsDirect(plan, weights, codec.name) === true,
  )
  return modes.map((mode) => {
    const storage = storageOf(coded, codec, weights.rowDims, mode)
    const scratch = scratchOfStored(plan, weights, storage, scratchBytes)
    return {
      codec: codec.name,
      mode,
      flashBytes: storedBytes(storage, scratch > 0) + coded.table.length,
      tableBytes: coded.table.length,
      scratchBytes: scratch,
      residentBytes: mode === 'resident' ? rows.data.length : 0,
      extraCycles: extraCycles(plan, weights, rows, storage, core),
      storage,
    }
  })
}

/** A pack says the length in 16 bits. */
const mostTableBytes = 0xffff

/** The largest that its operators take. */
function scratchOfStored(plan: Plan, { tensor, ops }: CodableWeights, storage: WeightStorage, limit: number): number {
  const stored = storeWeights(plan, new Map([[tensor, storage]]), { scratchBytes: limit })
  const scratches = ops.map((at) => scratchOf(stored.ops[at]!))
  return Math.max(0, ...scratches.map((index) => (index === undefined ? 0 : stored.tensors[index]!.shape[0]!)))
}

function extraCycles(
  plan: Plan,
  { ops }: CodableWeights,
  rows: IntTensor,
  { mode, codec }: WeightStorage,
  core: string,
): number {
  if (mode === 'resident') return 0
  const statistics = weightStatistics(rows.data)
  const { cyclesPerInstruction } = coreClass(core)
  if (mode === 'streamed')
    return rows.data.length * ops.length * instructionsPerElement(codec, core, statistics) * cyclesPerInstruction
  const perMac = directInstructionsPerMac(codec, core, statistics) - directInstructionsPerMac('int8', core, statistics)
  return perMac * ops.reduce((sum, at) => sum + plan.ops[at]!.macs, 0) * cyclesPerInstruction
}

/** Header, payload and records (SPEC.md, "Coded constants"); the table apart. */
export function storedBytes({ payload, table, mode }: WeightStorage, hasScratch: boolean): number {
  const header = 8 + (table.length > 0 ? 4 : 0) + (mode === 'resident' ? 4 : 0)
  return header + aligned(payload.length) + (hasScratch ? scratchRecordBytes : 0)
}

/** An operator's scratch has a tensor record, a dimension, its index in the operator's record, and a name of about 16 bytes. */
const scratchRecordBytes = 12 + 4 + 4 + 16

const aligned = (bytes: number) => Math.ceil(bytes / 4) * 4
