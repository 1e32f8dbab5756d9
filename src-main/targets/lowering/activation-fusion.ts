// Relu and Clip that become the output clamp of the operator before them.
import type { Node } from '../../ir/graph.ts'
import type { RuleContext } from './context.ts'
import { clamp8, roundAway } from './fixed-point.ts'
import { type Quant8, realNumbers, sameQuant } from './quantization.ts'

/** Real bounds of an activation; infinite where there is none. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

export interface Fused {
  /** The value the operator makes. */
  readonly name: string
  /** Activation nodes that are now part of the operator. */
  readonly nodes: readonly Node[]
  readonly quant: Quant8
  /** Output clamp in the output's integers. */
  readonly min: number
  readonly max: number
}

export interface Fusable {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly quant: Quant8 | null
  with(quant: Quant8): Fused
}

const open: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }

/** Bounds of a Relu or Clip node; null for any other node and for bounds known only at run time. */
export function activationBounds(context: RuleContext, node: Node): Bounds | null {
  if (node.domain !== '' && node.domain !== 'ai.onnx') return null
  if (node.op === 'Relu') return { low: 0, high: open.high }
  if (node.op !== 'Clip') return null
  const bound = (input: number, attribute: string, fallback: number): number | null => {
    const name = node.inputs[input]
    if (name) {
      const tensor = context.graph.constants.get(name)
      return tensor ? (realNumbers(tensor, context.graph.values.get(name))[0] ?? null) : null
    }
    const attr = node.attrs[attribute]
    return typeof attr === 'number' ? attr : fallback
  }
  const low = bound(1, 'min', open.low)
  const high = bound(2, 'max', open.high)
  return low === null || high === null ? null : { low, high }
}

/** TFLite's CalculateActivationRangeQuantized: the bounds in the output's integers. */
export function clampOf({ low, high }: Bounds, quant: Quant8): { readonly min: number; readonly max: number } {
  const integer = (real: number) => clamp8(roundAway(Math.fround(Math.fround(real) / quant.scale)) + quant.zeroPoint)
  return {
    min: low === open.low ? quant.min : Math.max(quant.min, integer(low)),
    max: high === open.high ? quant.max : Math.min(quant.max, integer(high)),
  }
}

/** Follows the activations after value `name` as long as they can be a clamp of its producer. */
export function fusedActivation(context: RuleContext, name: string): Fusable {
  let at = name
  let bounds = open
  let quant = context.ownQuant(name)
  const nodes: Node[] = []
  for (let reader = context.view.onlyReader(at); reader; reader = context.view.onlyReader(at)) {
    const next = reader.inputs[0] === at ? activationBounds(context, reader) : null
    const output = reader.outputs[0]
    if (!next || !output) break
    const before = context.ownQuant(at)
    const after = context.ownQuant(output)
    if (before && after && !sameQuant(before, after)) break
    nodes.push(reader)
    bounds = { low: Math.max(bounds.low, next.low), high: Math.min(bounds.high, next.high) }
    at = output
    quant = after ?? before
  }
  return { name: at, nodes, quant, with: (final) => ({ name: at, nodes, quant: final, ...clampOf(bounds, final) }) }
}
