// Questions the folding rules ask about values.
import { attrNumbers, attrString, type Node, type Quantization } from '../../ir/graph.ts'
import { readFloats, readNumbers } from '../../ir/tensor.ts'
import type { GraphEdit } from '../edit.ts'

/** Whether a value the node touches is quantised; arithmetic on those must stay as it is. */
export function touchesQuantized(edit: GraphEdit, ...nodes: readonly Node[]): boolean {
  return nodes.some((node) => [...node.inputs, ...node.outputs].some((name) => name && edit.value(name).quant))
}

export function sameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  if (!a || !b) return a === b
  return (
    a.dtype === b.dtype &&
    a.min === b.min &&
    a.max === b.max &&
    a.axis === b.axis &&
    equalNumbers(a.scale, b.scale) &&
    equalNumbers(a.zeroPoint, b.zeroPoint)
  )
}

export const equalNumbers = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((v, i) => v === b[i])

/** The single element of a constant, null when it is not a constant of one element. */
export function scalarOf(edit: GraphEdit, name: string | undefined): number | null {
  const held = edit.constant(name)
  if (!held || edit.value(name!).quant) return null
  const data = readFloats(held)
  return data.length === 1 ? data[0]! : null
}

/** An input that holds integers (axes, pads, shape), or the attribute of that name in older opsets. */
export function numbersOf(edit: GraphEdit, node: Node, input: number, attr: string): readonly number[] | null {
  const held = edit.constant(node.inputs[input])
  return held ? readNumbers(held) : node.inputs[input] ? null : attrNumbers(node, attr)
}

/** Padding [begin..., end...] of a Conv or a pool; null when it follows from the input size. */
export function padsOf(node: Node, spatial: number): readonly number[] | null {
  const mode = attrString(node, 'auto_pad', 'NOTSET')
  if (mode === 'VALID') return new Array<number>(spatial * 2).fill(0)
  return mode === 'NOTSET' ? (attrNumbers(node, 'pads') ?? new Array<number>(spatial * 2).fill(0)) : null
}
