// Sliding windows with every size known.
import { say } from '../../../base/note.ts'
import { attrNumbers, attrString, type Node } from '../../../ir/graph.ts'
import { noGradient } from '../backward.ts'

export interface StaticWindow {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Elements of padding before and after, along each dimension. */
  readonly begins: readonly number[]
  readonly ends: readonly number[]
  /** Sizes before and after. */
  readonly sizes: readonly number[]
  readonly output: readonly number[]
}

/** `input` and `output` with batch and channels. auto_pad and ceil_mode are resolved: `ends` is what the last window reaches. */
export function staticWindow(
  node: Node,
  kernel: readonly number[],
  input: readonly number[],
  output: readonly number[],
): StaticWindow {
  const sizes = input.slice(2)
  if (kernel.length > 2) noGradient(node, say`it has ${kernel.length} spatial dimensions`)
  const strides = attrNumbers(node, 'strides') ?? sizes.map(() => 1)
  const dilations = attrNumbers(node, 'dilations') ?? sizes.map(() => 1)
  const made = output.slice(2)
  // What all windows together cover, beyond the elements themselves.
  const needed = sizes.map((size, i) => (made[i]! - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - size)
  const begins = beginsOf(node, needed)
  return {
    kernel,
    strides,
    dilations,
    begins,
    ends: needed.map((all, i) => all - begins[i]!),
    sizes,
    output: made,
  }
}

function beginsOf(node: Node, needed: readonly number[]): readonly number[] {
  const mode = attrString(node, 'auto_pad', 'NOTSET')
  if (mode === 'VALID') return needed.map(() => 0)
  if (mode === 'NOTSET')
    return (attrNumbers(node, 'pads') ?? new Array<number>(2 * needed.length).fill(0)).slice(0, needed.length)
  const total = needed.map((all) => Math.max(0, all))
  return total.map((all) => (mode === 'SAME_UPPER' ? Math.floor(all / 2) : Math.ceil(all / 2)))
}

/** Offsets of each element of the kernel, row-major. */
export function taps({ kernel, dilations }: StaticWindow): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (all, size, i) => all.flatMap((tap) => Array.from({ length: size }, (_, k) => [...tap, k * dilations[i]!])),
    [[]],
  )
}
