// Chooses codec and storage for every weight tensor of a plan, under the budgets, and says why. Budgets come first; then
// "auto" and "fastest" look for the least time, "smallest" and "streamed" for the least flash. "auto" codes nothing that need not be coded.
import { type Codec, codecOf, codecs } from '../../codecs/registry.ts'
import { type SharingCodec, shareTables } from '../../codecs/sharing.ts'
import { estimateCost } from '../cost.ts'
import { ramNeeded } from '../fit.ts'
import { planMemory } from '../memory-plan.ts'
import type { Plan, TensorIndex, WeightStorage } from '../plan.ts'
import { storageOf, storeWeights } from '../weight-storage.ts'
import { type Candidate, candidatesOf, storedBytes, type TensorCandidates } from './candidates.ts'
import { type Explained, explain } from './reasons.ts'
import type { EncodingGoal, PackTarget, Situation, TensorDecision } from './situation.ts'
import { solve } from './solve.ts'
import { weightStatistics } from './statistics.ts'

export interface PackOptions {
  readonly goal: EncodingGoal
  readonly target: PackTarget
  /** Of a plan, as it will be written. */
  packBytes(plan: Plan): number
  /** Left out: all there are. */
  readonly codecs?: readonly Codec[]
  readonly signal?: AbortSignal
  progress?(done: number, total: number): void
}

export interface PackedWeights {
  /** With its memory planned. */
  readonly plan: Plan
  readonly decisions: readonly TensorDecision[]
}

const sharingCodecs: readonly SharingCodec[] = ['huffman', 'rans']

/** Scratch that streamed operators may take, tried from the largest on until RAM suffices; 0 is one row. */
const scratchSteps = [4096, 2048, 1024, 512, 0]

/** @param plan lowered, all weights plain */
export function packWeights(plan: Plan, options: PackOptions): PackedWeights {
  const plainPlan = planMemory(plan)
  const situation = situationOf(plan, plainPlan, options)
  if (options.goal === 'auto' ? situation.flashOver > 0 : options.goal !== 'int8')
    return coded(plan, situation, options)
  const tensors = tensorsOf(plan, options, [])
  const choice = tensors.map(({ options: [plain] }) => plain)
  return { plan: plainPlan, decisions: explain(explained(tensors, choice, new Map()), situation) }
}

function situationOf(plan: Plan, plainPlan: Plan, { goal, target, packBytes }: PackOptions): Situation {
  const bytes = packBytes(plainPlan)
  const { cycles } = estimateCost(plan, target.core, target.clockHz)
  const weightsBytes = plainBytes(plan)
  const { flashBytes, ramBytes, latencyMs, clockHz } = target
  const cyclesAllowed = latencyMs === null || clockHz === null ? null : (latencyMs / 1000) * clockHz
  return {
    goal,
    target,
    cycles,
    flashOver: flashBytes === null ? 0 : Math.max(0, bytes - flashBytes),
    limits: {
      flashBytes: flashBytes === null ? null : flashBytes - (bytes - weightsBytes),
      // Resident weights are for devices whose RAM is known.
      residentBytes: ramBytes === null || goal === 'streamed' ? 0 : Math.max(0, ramBytes - ramNeeded(plainPlan)),
      extraCycles: cyclesAllowed === null ? null : Math.max(0, cyclesAllowed - cycles),
    },
  }
}

const plainBytes = (plan: Plan) =>
  candidatesOf(plan, { codecs: [], core: '', scratchBytes: 0 }).reduce(
    (sum, { options }) => sum + options[0].flashBytes,
    0,
  )

const tensorsOf = (plan: Plan, { target, signal, progress }: PackOptions, offered: readonly Codec[]) =>
  candidatesOf(plan, { codecs: offered, core: target.core, scratchBytes: scratchSteps[0]!, signal, progress })

const leastFlash: readonly EncodingGoal[] = ['smallest', 'streamed']

function coded(plan: Plan, situation: Situation, options: PackOptions): PackedWeights {
  const tensors = tensorsOf(plan, options, options.codecs ?? codecs)
  let offered = tensors
  for (;;) {
    const choice = solve(offered, situation.limits, leastFlash.includes(situation.goal) ? 'flash' : 'time')
    const storages = sharedTables(tensors, choice)
    const stored = withinRam(plan, storages, situation.target.ramBytes)
    if (stored) return { plan: stored, decisions: explain(explained(tensors, choice, storages), situation) }
    offered = withoutLargest(offered, choice)
  }
}

/** What was chosen, with one table for several tensors where that is smaller. */
function sharedTables(
  tensors: readonly TensorCandidates[],
  choice: readonly Candidate[],
): Map<TensorIndex, WeightStorage> {
  const storages = new Map<TensorIndex, WeightStorage>()
  choice.forEach(({ storage }, i) => {
    if (storage) storages.set(tensors[i]!.index, storage)
  })
  for (const name of sharingCodecs) {
    const members = tensors.filter(({ index }) => storages.get(index)?.codec === name)
    const codings = shareTables(
      name,
      members.map(({ rows }) => rows),
    )
    codings.forEach((coded, i) => {
      const { rowDims, mode } = storages.get(members[i]!.index)!
      storages.set(members[i]!.index, storageOf(coded, codecOf(name), rowDims, mode))
    })
  }
  return storages
}

/** The plan with its memory planned, its scratch as large as RAM allows; null when even the smallest is too much. */
function withinRam(
  plan: Plan,
  storages: ReadonlyMap<TensorIndex, WeightStorage>,
  ramBytes: number | null,
): Plan | null {
  const floor = ramNeeded(planMemory(plan))
  for (const scratchBytes of scratchSteps) {
    const stored = planMemory(storeWeights(plan, storages, { scratchBytes }))
    const needed = ramNeeded(stored)
    // A model that is too large for the RAM without any decoder is refused by the fit, not here.
    if (storages.size === 0 || ramBytes === null || needed <= Math.max(ramBytes, floor)) return stored
  }
  return null
}

/** Without the chosen option that takes the most RAM: the next choice must do without it. */
function withoutLargest(offered: readonly TensorCandidates[], choice: readonly Candidate[]): TensorCandidates[] {
  const ram = (option: Candidate) => option.scratchBytes + option.residentBytes
  const largest = choice.reduce((worst, option) => (ram(option) > ram(worst) ? option : worst))
  return offered.map((tensor) => {
    const [first, ...rest] = tensor.options
    return { ...tensor, options: [first, ...rest.filter((option) => option !== largest)] }
  })
}

function explained(
  tensors: readonly TensorCandidates[],
  choice: readonly Candidate[],
  storages: ReadonlyMap<TensorIndex, WeightStorage>,
): Explained[] {
  const readers = new Map<string, number>()
  for (const { table } of storages.values()) {
    const key = tableKey(table)
    readers.set(key, (readers.get(key) ?? 0) + 1)
  }
  return tensors.map((tensor, i) => {
    const chosen = choice[i]!
    const storage = storages.get(tensor.index)
    const sharers = storage ? readers.get(tableKey(storage.table))! : 1
    const bytes = storage
      ? storedBytes(storage, chosen.scratchBytes > 0) + storage.table.length / sharers
      : chosen.flashBytes
    return {
      tensor,
      chosen,
      bytes,
      sharers: storage && storage.table.length > 0 ? sharers : 1,
      ...weightStatistics(tensor.rows.data),
    }
  })
}

const tableKey = (table: Uint8Array) => Buffer.from(table).toString('latin1')
