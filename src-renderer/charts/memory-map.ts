// The arena over time: one column an operator, one box a live tensor at its offset.

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
  const open = new Map<string, MemoryBox>()
  const orders = new Map<string, number>()
  for (const [index, step] of steps.entries()) {
    for (const { name, offset, bytes } of step.tensors) {
      if (!orders.has(name)) orders.set(name, orders.size)
      const before = open.get(name)
      const goesOn = before?.last === index - 1 && before.offset === offset && before.bytes === bytes
      const box = { name, offset, bytes, first: goesOn ? before.first : index, last: index, order: orders.get(name)! }
      if (goesOn) boxes[boxes.indexOf(before)] = box
      else boxes.push(box)
      open.set(name, box)
    }
  }
  return { boxes, peakBytes: Math.max(0, ...boxes.map((box) => box.offset + box.bytes)) }
}
