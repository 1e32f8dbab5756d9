// The squared error between values of a graph and targets that are fed beside its inputs, ready for differentiation.
import type { Graph, Node, Value } from '../../ir/graph.ts'
import { f32Tensor } from '../../ir/tensor.ts'

export interface SquaredError {
  /** The graph with an input for each target (and weight), and the loss as its only output. */
  readonly graph: Graph
  readonly loss: string
  /** Input that takes the target of each value. */
  readonly targets: ReadonlyMap<string, string>
  /** Input that takes the weight of each element's square, the same for all samples. */
  readonly weights: ReadonlyMap<string, string>
  /** Derivative of the loss by each value, as `differentiate` takes it. */
  readonly seeds: ReadonlyMap<string, string>
}

/**
 * Sum of weight * (value - target)^2 over all elements, over the number of samples.
 * @param weighted false: all weights 1, and no inputs for them
 */
export function withSquaredError(
  graph: Graph,
  names: readonly string[],
  samples: number,
  weighted: boolean,
): SquaredError {
  const values = new Map(graph.values)
  const constants = new Map(graph.constants)
  const nodes: Node[] = [...graph.nodes]
  const inputs = [...graph.inputs]
  const like = (name: string, shape: Value['shape']) => {
    values.set(name, { name, dtype: 'f32', shape })
    return name
  }
  const fed = (name: string, shape: Value['shape']) => {
    inputs.push(name)
    return like(name, shape)
  }
  const add = (op: string, from: readonly string[], to: string, attrs = {}) => {
    nodes.push({ name: to, op, domain: '', inputs: from, outputs: [like(to, null)], attrs })
    return to
  }
  const held = (name: string, value: number) => {
    constants.set(name, f32Tensor([], [value]))
    return like(name, [])
  }
  const targets = new Map<string, string>()
  const weights = new Map<string, string>()
  const seeds = new Map<string, string>()
  const each = held('loss/each', 1 / samples)
  const twice = held('loss/twice', 2)
  let loss: string | null = null
  for (const [i, name] of names.entries()) {
    const shape = graph.values.get(name)?.shape ?? null
    targets.set(name, fed(`target/${i}`, shape))
    if (weighted) weights.set(name, fed(`weight/${i}`, shape && [1, ...shape.slice(1)]))
    const error = add('Sub', [name, `target/${i}`], `loss/error_${i}`)
    const scaled = add('Mul', [error, each], `loss/scaled_${i}`)
    const share = weighted ? add('Mul', [scaled, `weight/${i}`], `loss/share_${i}`) : scaled
    seeds.set(name, add('Mul', [share, twice], `loss/gradient_${i}`))
    const squares = add('Mul', [share, error], `loss/squares_${i}`)
    const sum = add('ReduceSum', [squares], `loss/sum_${i}`, { keepdims: 0 })
    loss = loss ? add('Add', [loss, sum], `loss/total_${i}`) : sum
  }
  return {
    graph: { ...graph, nodes, values, constants, inputs, outputs: [loss!] },
    loss: loss!,
    targets,
    weights,
    seeds,
  }
}

/** Constants become inputs of the same name and shape, fed with real numbers. */
export function withFedConstants(graph: Graph, names: readonly string[]): Graph {
  const constants = new Map(graph.constants)
  const values = new Map(graph.values)
  for (const name of names) {
    values.set(name, { name, dtype: 'f32', shape: constants.get(name)!.shape })
    constants.delete(name)
  }
  return { ...graph, constants, values, inputs: [...graph.inputs, ...names] }
}
