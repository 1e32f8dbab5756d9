// Half-precision inputs and outputs as float32: the Node binding of ONNX Runtime does not know Float16Array, which Node 24
// makes of half-precision tensors.
import type { DType } from '../ir/dtype.ts'
import type { Graph, Node, Value } from '../ir/graph.ts'
import { freshName, renameValue } from '../ir/rewrite.ts'

/** Number of the element type in a Cast's `to` (TensorProto.DataType). */
const castTypes: Partial<Record<DType, number>> = { f16: 10, bf16: 16 }
const castToFloat = 1

export function withFloatPorts(graph: Graph): Graph {
  let wide = graph
  for (const name of graph.inputs) wide = widenInput(wide, name)
  for (const name of graph.outputs) if (!wide.inputs.includes(name)) wide = widenOutput(wide, name)
  return wide
}

function widenInput(graph: Graph, name: string): Graph {
  const value = graph.values.get(name)
  const narrow = value && castTypes[value.dtype]
  if (!narrow || graph.outputs.includes(name)) return graph
  const inner = freshName(graph, `${name}.narrow`)
  const renamed = renameValue(graph, name, inner)
  return {
    ...renamed,
    inputs: graph.inputs,
    nodes: [castNode(name, inner, narrow), ...renamed.nodes],
    values: new Map(renamed.values).set(name, floatValue(value)),
  }
}

function widenOutput(graph: Graph, name: string): Graph {
  const value = graph.values.get(name)
  if (!value || !castTypes[value.dtype]) return graph
  const inner = freshName(graph, `${name}.narrow`)
  const renamed = renameValue(graph, name, inner)
  return {
    ...renamed,
    outputs: graph.outputs,
    nodes: [...renamed.nodes, castNode(inner, name, castToFloat)],
    values: new Map(renamed.values).set(name, floatValue(value)),
  }
}

const floatValue = (value: Value): Value => ({ ...value, dtype: 'f32' })

const castNode = (from: string, to: string, type: number): Node => ({
  name: `${from} to ${to}`,
  op: 'Cast',
  domain: '',
  inputs: [from],
  outputs: [to],
  attrs: { to: type },
})
