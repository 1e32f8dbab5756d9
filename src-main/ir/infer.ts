// Shapes and types of every value, from the operators' rules. Sizes that the file leaves symbolic stay symbols; small
// integer tensors that follow from shapes (Shape, Gather, Concat... before a Reshape) are evaluated on the way.
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import type { Dim, Graph, Node, Shape, Value } from './graph.ts'
import type { InferContext, OpDefinition, OutputType } from './op.ts'
import { opDefinition } from './ops/index.ts'
import { elementsOf, readNumbers, type Tensor } from './tensor.ts'

/** Larger tensors are never shapes; their elements are not looked at. */
const maxDimsElements = 256

export interface InferOptions {
  /** check: the shapes the graph came with must agree with the inferred ones. */
  readonly declared?: 'ignore' | 'check'
}

export function inferShapes(graph: Graph, options: InferOptions = {}): Graph {
  return inferWithDims(graph, options).graph
}

export interface Inferred {
  readonly graph: Graph
  /** Elements, row-major, of the values that nodes compute from shapes alone. */
  readonly dims: ReadonlyMap<string, readonly Dim[]>
}

export function inferWithDims(graph: Graph, options: InferOptions = {}): Inferred {
  const values = new Map(graph.values)
  const dims = new Map<string, readonly Dim[]>()
  for (const [name, constant] of graph.constants) setConstantShape(values, name, constant)
  for (const node of graph.nodes) {
    const definition = opDefinition(node)
    if (!definition) continue
    const context = inferContext(graph, node, values, dims)
    const outputs = definition.infer(context)
    node.outputs.forEach((name, i) => {
      const type = outputs[i]
      if (name && type) setType(values, node, name, type, options)
    })
    noteDims(dims, context, definition, outputs)
  }
  return { graph: { ...graph, values }, dims }
}

/** What an operator's rules see of `node` in a graph whose shapes are known. */
export function inferContext(
  graph: Graph,
  node: Node,
  values: ReadonlyMap<string, Value> = graph.values,
  dims: ReadonlyMap<string, readonly Dim[]> = new Map(),
): InferContext {
  const fail = (problem: Note): never => {
    throw new AppError('model.shape', { node: node.name, op: node.op, problem })
  }
  const input = (i: number) => {
    const name = node.inputs[i]
    return name ? (values.get(name) ?? null) : null
  }
  const constant = (i: number) => graph.constants.get(node.inputs[i] ?? '') ?? null
  return {
    node,
    graph,
    opset: graph.opsets[node.domain] ?? 0,
    input,
    shape(i) {
      const value = input(i)
      return value ? value.shape : fail(say`input ${i} is missing`)
    },
    constant,
    dims: (i) => dims.get(node.inputs[i] ?? '') ?? smallNumbers(constant(i)),
    fail,
  }
}

function smallNumbers(constant: Tensor | null): readonly number[] | null {
  return constant && elementsOf(constant.shape) <= maxDimsElements ? readNumbers(constant) : null
}

function setConstantShape(values: Map<string, Value>, name: string, constant: Tensor) {
  const value = values.get(name)
  if (!value) values.set(name, { name, dtype: constant.dtype, shape: constant.shape })
  else if (value.shape !== constant.shape) values.set(name, { ...value, shape: constant.shape })
}

function noteDims(
  known: Map<string, readonly Dim[]>,
  context: InferContext,
  definition: OpDefinition,
  outputs: readonly OutputType[],
) {
  const shape = outputs[0]?.shape
  const name = context.node.outputs[0]
  if (!definition.dims || !name || !shape?.every((dim) => typeof dim === 'number')) return
  const count = elementsOf(shape)
  if (count > maxDimsElements) return
  const dims = definition.dims(context, outputs)
  if (dims && dims.length === count && !dims.some(isTooLong)) known.set(name, dims)
}

function setType(values: Map<string, Value>, node: Node, name: string, type: OutputType, options: InferOptions) {
  const before = values.get(name)
  const declared = before?.shape ?? null
  const inferred = type.shape && checkedShape(node, name, type.shape)
  if (options.declared === 'check' && declared && inferred) checkDeclared(node, name, declared, inferred)
  values.set(name, { ...before, name, dtype: type.dtype, shape: inferred ?? declared })
}

/** Sums and products of symbols double with every node of a hostile chain; a long one gets a name of its own. */
const isTooLong = (dim: Dim) => typeof dim === 'string' && dim.length > 100

function checkedShape(node: Node, name: string, shape: Shape): Shape {
  if (shape.some((dim) => typeof dim === 'number' && !(Number.isSafeInteger(dim) && dim >= 0)))
    throw new AppError('model.shape', { node: node.name, op: node.op, problem: say`[${shape}] is not a shape` })
  return shape.some(isTooLong) ? shape.map((dim, i) => (isTooLong(dim) ? `${name}.${i}` : dim)) : shape
}

function checkDeclared(node: Node, name: string, declared: Shape, inferred: Shape) {
  const agrees =
    declared.length === inferred.length &&
    declared.every((dim, i) => typeof dim === 'string' || typeof inferred[i] === 'string' || dim === inferred[i])
  if (agrees) return
  const problem = say`${name} is declared as [${declared}], but its inputs make it [${inferred}]`
  throw new AppError('model.shape', { node: node.name, op: node.op, problem })
}
