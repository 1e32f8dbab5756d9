// Shapes that the file computes at run time (Shape, Gather, Concat... before a Reshape, a Pad or a Resize) become
// constants, because a device has no use for the computation. The nodes that are no longer read stay: removing what is
// dead is a step of its own.
import { type DType, dtypes } from './dtype.ts'
import type { Dim, Graph, Node, Shape } from './graph.ts'
import { inferShapes, inferWithDims } from './infer.ts'
import { freshName, withConstants, withNodes } from './rewrite.ts'
import { i64Tensor, type Tensor, tensor } from './tensor.ts'

export function foldShapes(graph: Graph): Graph {
  const { graph: inferred, dims } = inferWithDims(graph)
  const folded = foldKnown(inferred, dims)
  return inferShapes(foldReshapes(folded, dims))
}

const isNumbers = (dims: readonly Dim[]): dims is readonly number[] => dims.every((dim) => typeof dim === 'number')

/** Nodes whose only output is known give way to a constant of the same name. */
function foldKnown(graph: Graph, dims: ReadonlyMap<string, readonly Dim[]>): Graph {
  const constants = new Map<string, Tensor>()
  for (const node of graph.nodes) {
    const [name = '', ...others] = node.outputs
    const known = dims.get(name)
    if (!known || others.length > 0 || !isNumbers(known) || graph.outputs.includes(name)) continue
    const { dtype, shape } = graph.values.get(name)!
    const constant = numbersTensor(dtype, shape as readonly number[], known)
    if (constant) constants.set(name, constant)
  }
  const nodes = graph.nodes.filter((node) => !constants.has(node.outputs[0] ?? ''))
  return withNodes(withConstants(graph, constants), nodes)
}

function numbersTensor(dtype: DType, shape: readonly number[], numbers: readonly number[]): Tensor | null {
  if (dtype === 'i64')
    return tensor(
      'i64',
      shape,
      BigInt64Array.from(numbers, (n) => BigInt(Math.trunc(n))),
    )
  return dtype === 'i32' || dtype === 'f32' ? tensor(dtype, shape, dtypes[dtype].array.from(numbers)) : null
}

/** A target with the batch in it: the batch is what is left (-1), or what the input has there (0). */
function foldReshapes(graph: Graph, dims: ReadonlyMap<string, readonly Dim[]>): Graph {
  return graph.nodes.reduce((folded, node) => {
    const target = node.op === 'Reshape' && node.domain === '' ? dims.get(node.inputs[1] ?? '') : undefined
    const numbers = target && reshapeTarget(target, folded.values.get(node.inputs[0]!)?.shape ?? null)
    if (!numbers) return folded
    const name = freshName(folded, `${node.outputs[0]}/shape`)
    const constant = withConstants(folded, [[name, i64Tensor([numbers.length], numbers)]])
    const changed: Node = { ...node, inputs: [node.inputs[0]!, name] }
    return { ...constant, nodes: constant.nodes.map((other) => (other === node ? changed : other)) }
  }, graph)
}

function reshapeTarget(target: readonly Dim[], input: Shape | null): readonly number[] | null {
  const symbols = target.filter((dim) => typeof dim === 'string')
  if (symbols.length === 0) return null
  if (symbols.length === 1 && !target.includes(-1)) return target.map((dim) => (typeof dim === 'number' ? dim : -1))
  const copied = target.map((dim, i) => (typeof dim === 'number' ? dim : dim === input?.[i] ? 0 : null))
  return copied.every((dim) => dim !== null) ? copied : null
}
