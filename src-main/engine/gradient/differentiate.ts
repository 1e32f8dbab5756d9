// Reverse-mode differentiation: a graph that also gives gradients, made of standard ONNX operators only, so that every
// backend that runs the forward part runs the backward part.
import { Bug } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import { upgradeOpset } from '../../formats/onnx/upgrade.ts'
import type { Graph, Node } from '../../ir/graph.ts'
import { inferShapes } from '../../ir/infer.ts'
import { removeDead } from '../../ir/rewrite.ts'
import { Backward, noGradient } from './backward.ts'
import { gradientRules } from './rules/index.ts'

export interface GradientRequest {
  /** Values to differentiate with respect to: constants, inputs, or values that nodes make. */
  readonly of: readonly string[]
  /** Where differentiation begins: for a value the name of another of the same shape that holds d loss / d value. */
  readonly seeds: ReadonlyMap<string, string>
}

export interface Differentiated {
  /** Its outputs: those of the graph, then the gradients. */
  readonly graph: Graph
  /** Names of the gradients; what the loss does not depend on has none. */
  readonly gradients: ReadonlyMap<string, string>
}

/**
 * All sizes must be numbers (bindBatch). Where a function has a kink the gradient is that of one side; MaxPool gives all to the
 * first of equal elements. Fails with graph.gradient for an operator, or a form of one, that has no rule.
 */
export function differentiate(given: Graph, { of, seeds }: GradientRequest): Differentiated {
  const graph = inferShapes(upgradeOpset(given))
  for (const name of [...of, ...seeds.keys(), ...seeds.values()])
    if (!graph.values.has(name)) throw new Bug(`there is no value ${name} to differentiate`)
  const pass = new Backward(graph, dependents(graph, of), seeds)
  for (const node of graph.nodes.toReversed()) differentiateNode(node, pass)
  const gradients = new Map(
    of.flatMap((name) => {
      const gradient = pass.gradientOf(name)
      return gradient ? [[name, gradient] as const] : []
    }),
  )
  const outputs = [...new Set([...graph.outputs, ...gradients.values()])]
  return { graph: inferShapes(removeDead(pass.finish(outputs))), gradients }
}

function dependents({ nodes }: Graph, of: readonly string[]): Set<string> {
  const active = new Set(of)
  for (const { inputs, outputs } of nodes)
    if (inputs.some((name) => active.has(name))) for (const name of outputs) active.add(name)
  return active
}

function differentiateNode(node: Node, pass: Backward) {
  if (!node.inputs.some((_, i) => pass.wants(node, i))) return
  const [gradient, ...others] = node.outputs.map((name) => pass.gradientOf(name))
  if (others.some((other) => other)) noGradient(node, say`more than its first output is used`)
  if (!gradient) return
  const rule = node.domain === '' ? gradientRules.get(node.op) : undefined
  if (!rule) return noGradient(node, say`there is no rule for it`)
  rule(node, gradient, pass)
}
