// The arena over time: one column an operator, one box a live tensor at its offset.
import type { RunReport } from '../../src-main/contract/report.ts'

export interface LiveStep {
  readonly operator: string
  readonly tensors: readonly { readonly name: string; readonly offset: number; readonly bytes: number }[]
}

export interface MemoryBox {
  readonly name: string
  readonly offset: number
  readonly bytes: number
  /** First and last step it lives through, at the same place. */
  readonly first: number
  readonly last: number
  /** Number of the tensor by first appearance, for its colour. */
  readonly order: number
}

export function memoryBoxes(steps: readonly LiveStep[]): { boxes: MemoryBox[]; peakBytes: number } {
  const boxes: MemoryBox[] = []
  /** Index in `boxes` of the last box of a tensor at a place. */
  const latest = new Map<string, number>()
  const orders = new Map<string, number>()
  for (const [step, { tensors }] of steps.entries()) {
    for (const { name, offset, bytes } of tensors) {
      if (!orders.has(name)) orders.set(name, orders.size)
      const place = `${offset} ${bytes} ${name}`
      const index = latest.get(place) ?? -1
      const before = boxes[index]
      if (before && before.last >= step - 1) {
        boxes[index] = { ...before, last: step }
      } else {
        latest.set(place, boxes.length)
        boxes.push({ name, offset, bytes, first: step, last: step, order: orders.get(name)! })
      }
    }
  }
  return { boxes, peakBytes: Math.max(0, ...boxes.map((box) => box.offset + box.bytes)) }
}

export interface ResidentWeights {
  readonly name: string
  readonly offset: number
  readonly bytes: number
}

/** Everything in the arena begins at a multiple of it (targets/memory-plan.ts). */
const arenaAlignment = 16

/** Weights that are decoded into the arena once, at the start: the planner puts them behind everything else, in the order of the pack. */
export function residentWeights({ encoding, ram }: Pick<RunReport, 'encoding' | 'ram'>): ResidentWeights[] {
  const rows = (encoding ?? []).filter(({ mode }) => mode === 'resident')
  const sizes = rows.map(({ elements }) => Math.ceil(elements / arenaAlignment) * arenaAlignment)
  let offset = ram.arenaBytes - sizes.reduce((sum, bytes) => sum + bytes, 0)
  return rows.map(({ tensor }, i) => {
    const placed = { name: tensor, offset, bytes: sizes[i]! }
    offset += placed.bytes
    return placed
  })
}
