// Static memory plan: an offset in the arena for every activation, so that no two tensors that live at the same time share
// a byte. Views lie on the tensor they are a view of; elementwise operators write over an input that dies there.
// Placing is a packing problem without a fast exact solution: several orders are tried, the best is improved by moves.
import { dtypes } from '../ir/dtype.ts'
import { elementsOf } from '../ir/tensor.ts'
import { opInputs, type Plan, type PlanOp, type PlanTensor, scratchOf, type TensorIndex } from './plan.ts'
import { decodeRoomBytes } from './weight-storage.ts'

export const arenaAlignment = 16

/** One piece of arena memory: a tensor, its views, and the tensors that are written in place over it. */
export interface Block {
  readonly tensors: readonly TensorIndex[]
  readonly bytes: number
  /** First operator at which it is live; -1 for a graph input. */
  readonly first: number
  /** Last operator at which it is live; the number of operators for a graph output. */
  readonly last: number
}

export interface PlacedBlock extends Block {
  readonly offset: number
}

/**
 * Fills in the offset of every arena tensor and of resident weights, and `arenaBytes`. The same plan always gets the same
 * offsets.
 */
export function planMemory(plan: Plan): Plan {
  const placed = place(memoryBlocks(plan))
  const offsetOf = new Map<TensorIndex, number>()
  for (const block of placed) for (const tensor of block.tensors) offsetOf.set(tensor, block.offset)
  const tensors = plan.tensors.map((tensor, index) =>
    tensor.place.kind === 'arena'
      ? { ...tensor, place: { ...tensor.place, offset: offsetOf.get(index) ?? 0 } }
      : tensor,
  )
  return { ...plan, ...placeResident(tensors, peakOf(placed)) }
}

/** Behind everything else, and so that the largest decoder has room before them while they are loaded. */
function placeResident(tensors: readonly PlanTensor[], peak: number): Pick<Plan, 'tensors' | 'arenaBytes'> {
  const rooms = tensors.map((tensor) => (residentStorage(tensor) ? decodeRoomBytes(tensor) : 0))
  let end = roundUp(Math.max(peak, ...rooms))
  const placed = tensors.map((tensor): PlanTensor => {
    const storage = residentStorage(tensor)
    if (tensor.place.kind !== 'constant' || !storage) return tensor
    const residentOffset = end
    end += roundUp(elementsOf(tensor.shape))
    return { ...tensor, place: { ...tensor.place, storage: { ...storage, residentOffset } } }
  })
  return { tensors: placed, arenaBytes: rooms.some((room) => room > 0) ? end : peak }
}

function residentStorage(tensor: PlanTensor) {
  const storage = tensor.place.kind === 'constant' ? tensor.place.storage : undefined
  return storage?.mode === 'resident' ? storage : undefined
}

/** Resident weights, with what each takes of the arena. */
export const residentTensors = (plan: Plan): { readonly name: string; readonly bytes: number }[] =>
  plan.tensors.flatMap((tensor) =>
    residentStorage(tensor) ? [{ name: tensor.name, bytes: roundUp(elementsOf(tensor.shape)) }] : [],
  )

export function tensorBytes(plan: Plan, index: TensorIndex): number {
  const { shape, dtype } = plan.tensors[index]!
  return elementsOf(shape) * dtypes[dtype].bytes
}

/** The tensor whose memory `index` is. */
export function rootTensor(plan: Plan, index: TensorIndex): TensorIndex {
  const { place } = plan.tensors[index]!
  return place.kind === 'arena' ? (place.aliasOf ?? index) : index
}

/** What must be placed, and when it is live. */
export function memoryBlocks(plan: Plan): Block[] {
  const lives = lifetimes(plan)
  const inPlace = mergeInPlace(plan, lives)
  const merged = new Map<TensorIndex, { tensors: TensorIndex[]; bytes: number; first: number; last: number }>()
  plan.tensors.forEach((tensor, index) => {
    if (tensor.place.kind !== 'arena') return
    const root = rootTensor(plan, index)
    const life = lives.get(root)
    if (!life) return
    const owner = inPlace.get(root) ?? root
    const bytes = roundUp(tensorBytes(plan, index))
    const block = merged.get(owner)
    if (!block) merged.set(owner, { tensors: [index], bytes, ...life })
    else {
      block.tensors.push(index)
      block.bytes = Math.max(block.bytes, bytes)
      block.first = Math.min(block.first, life.first)
      block.last = Math.max(block.last, life.last)
    }
  })
  return [...merged.values()]
}

/** To the alignment of everything in the arena and the pool. */
export const roundUp = (bytes: number) => Math.ceil(bytes / arenaAlignment) * arenaAlignment

interface Life {
  readonly first: number
  readonly last: number
}

/** By root tensor. A graph input is live from before the first operator, a graph output to after the last. */
function lifetimes(plan: Plan): Map<TensorIndex, Life> {
  const lives = new Map<TensorIndex, { first: number; last: number }>()
  const touch = (index: TensorIndex, at: number) => {
    if (plan.tensors[index]!.place.kind !== 'arena') return
    const root = rootTensor(plan, index)
    const life = lives.get(root)
    if (!life) lives.set(root, { first: at, last: at })
    else life.last = Math.max(life.last, at)
  }
  for (const port of plan.inputs) touch(port.tensor, -1)
  plan.ops.forEach((op, at) => {
    for (const index of opInputs(op)) touch(index, at)
    touch(op.output, at)
    const scratch = scratchOf(op)
    if (scratch !== undefined) touch(scratch, at)
  })
  for (const port of plan.outputs) touch(port.tensor, plan.ops.length)
  return lives
}

/** Root tensors that are written over another one: from each to the root that owns the memory. */
function mergeInPlace(plan: Plan, lives: ReadonlyMap<TensorIndex, Life>): Map<TensorIndex, TensorIndex> {
  const owners = new Map<TensorIndex, TensorIndex>()
  const lastOf = new Map([...lives].map(([root, life]) => [root, life.last]))
  plan.ops.forEach((op, at) => {
    const output = rootTensor(plan, op.output)
    const over = overwritable(plan, op).find((input) => {
      const root = rootTensor(plan, input)
      return root !== output && lastOf.get(root) === at
    })
    if (over === undefined) return
    const root = rootTensor(plan, over)
    owners.set(output, owners.get(root) ?? root)
  })
  return owners
}

/**
 * Inputs that the kernel may be given the same address for as its output: it reads element i of them before it writes
 * element i of the output, and never again.
 */
function overwritable(plan: Plan, op: PlanOp): readonly TensorIndex[] {
  const same = (index: TensorIndex) =>
    plan.tensors[index]!.place.kind === 'arena' && tensorBytes(plan, index) === tensorBytes(plan, op.output)
  switch (op.kind) {
    case 'table':
    case 'requantize':
    case 'copy':
    case 'prelu':
      return [op.input].filter(same)
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return [op.a, op.b].filter(same)
    default:
      return []
  }
}

const overlap = (a: Life, b: Life) => a.first <= b.last && b.first <= a.last

/** The largest sum of bytes that are live at once: no plan can be smaller. */
export const lowerBound = (plan: Plan): number => peakLive(memoryBlocks(plan))

export interface TimelineStep {
  /** Index of the operator. */
  readonly op: number
  readonly node: string
  /** Bytes of all tensors that are live while it runs. */
  readonly bytes: number
  readonly live: readonly { readonly tensor: TensorIndex; readonly name: string; readonly bytes: number }[]
}

/** Bytes live at each operator, for the memory map. */
export function memoryTimeline(plan: Plan): TimelineStep[] {
  const blocks = memoryBlocks(plan)
  const blockOf = new Map(blocks.flatMap((block) => block.tensors.map((tensor) => [tensor, block] as const)))
  // Of the tensors that share a block, the one written last.
  const current = new Map(blocks.map((block) => [block, block.tensors[0]!]))
  return plan.ops.map((op, at) => {
    const written = blockOf.get(op.output)
    if (written) current.set(written, op.output)
    const live = blocks
      .filter((block) => block.first <= at && at <= block.last)
      .map((block) => {
        const tensor = current.get(block)!
        return { tensor, name: plan.tensors[tensor]!.name, bytes: block.bytes }
      })
    return { op: at, node: op.node, bytes: live.reduce((sum, entry) => sum + entry.bytes, 0), live }
  })
}

type Order = (a: Block, b: Block) => number

const span = (block: Block) => block.last - block.first

const orders: readonly Order[] = [
  (a, b) => b.bytes - a.bytes || a.first - b.first,
  (a, b) => span(b) - span(a) || b.bytes - a.bytes,
  (a, b) => b.bytes * (span(b) + 1) - a.bytes * (span(a) + 1) || a.first - b.first,
  (a, b) => a.first - b.first || b.bytes - a.bytes,
  (a, b) => b.last - a.last || b.bytes - a.bytes,
]

interface Packing {
  readonly order: readonly Block[]
  readonly placed: PlacedBlock[]
}

function place(blocks: readonly Block[]): PlacedBlock[] {
  const bound = peakLive(blocks)
  let best: Packing | null = null
  for (const order of [...orders, breadthFirst(blocks)]) {
    const sorted = [...blocks].sort(order)
    const placed = firstFit(sorted)
    if (!best || peakOf(placed) < peakOf(best.placed)) best = { placed, order: sorted }
  }
  return best ? improved(best, bound) : []
}

/** Blocks of the busiest operator first: they decide the peak. */
function breadthFirst(blocks: readonly Block[]): Order {
  const steps = new Set(blocks.flatMap((block) => [block.first, block.last]))
  const loads = [...steps].map((at) => ({ at, bytes: liveBytes(blocks, at) }))
  const load = new Map(
    blocks.map((b) => [b, Math.max(...loads.filter((l) => b.first <= l.at && l.at <= b.last).map((l) => l.bytes))]),
  )
  return (a, b) => load.get(b)! - load.get(a)! || b.bytes - a.bytes
}

const liveBytes = (blocks: readonly Block[], at: number) =>
  blocks.reduce((sum, block) => sum + (block.first <= at && at <= block.last ? block.bytes : 0), 0)

const peakLive = (blocks: readonly Block[]) => Math.max(0, ...blocks.map((block) => liveBytes(blocks, block.first)))

const peakOf = (placed: readonly PlacedBlock[]) =>
  placed.reduce((peak, block) => Math.max(peak, block.offset + block.bytes), 0)

/** Each block at the smallest gap that takes it among those it lives with. */
function firstFit(sorted: readonly Block[]): PlacedBlock[] {
  const placed: PlacedBlock[] = []
  for (const block of sorted) {
    const near = placed.filter((other) => overlap(other, block)).sort((a, b) => a.offset - b.offset)
    placed.push({ ...block, offset: gapFor(block.bytes, near) })
  }
  return placed
}

function gapFor(bytes: number, near: readonly PlacedBlock[]): number {
  let end = 0
  let best = -1
  let bestSize = Number.POSITIVE_INFINITY
  for (const other of near) {
    const size = other.offset - end
    if (size >= bytes && size < bestSize) {
      best = end
      bestSize = size
    }
    end = Math.max(end, other.offset + other.bytes)
  }
  return best >= 0 ? best : end
}

/** Comparisons of two blocks that improving may cost; about a second. */
const improvementBudget = 2e7

/** Moves of the block that makes the peak to an earlier place in the order, as long as they help. */
function improved(start: Packing, bound: number): PlacedBlock[] {
  let best = start
  let tries = Math.floor(improvementBudget / Math.max(1, start.order.length ** 2))
  while (tries > 0 && peakOf(best.placed) > bound) {
    const peak = peakOf(best.placed)
    const top = best.placed.findIndex((block) => block.offset + block.bytes === peak)
    let better: Packing | null = null
    for (let to = 0; to < top && !better && tries > 0; to++, tries--) {
      const order = movedTo(best.order, top, to)
      const placed = firstFit(order)
      if (peakOf(placed) < peak) better = { order, placed }
    }
    if (!better) break
    best = better
  }
  return best.placed
}

function movedTo(order: readonly Block[], from: number, to: number): Block[] {
  const rest = order.filter((_, i) => i !== from)
  return [...rest.slice(0, to), order[from]!, ...rest.slice(to)]
}
