// From a fully quantised graph to the integer plan the device runs, batch 1, NHWC. Activations carry `quant` (int8, or
// uint8 moved down by 128), weights are int8 per output channel or per tensor. What has no rule is refused by name.
import { AppError } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Graph, Node } from '../../ir/graph.ts'
import type { Plan, PlanPort } from '../plan.ts'
import { type Held, PlanBuilder } from './builder.ts'
import { RuleContext } from './context.ts'
import { type GraphView, graphView } from './graph-view.ts'
import { plainOrder } from './layout.ts'
import { activationQuant, type Quant8 } from './quantization.ts'
import { rules } from './rules/index.ts'

/** Operators that lowering has a rule for. */
export const lowerableOps: ReadonlySet<string> = new Set(rules.keys())

export function lower(graph: Graph): Plan {
  const view = graphView(graph)
  const builder = new PlanBuilder()
  const held = new Map<string, Held>()
  const fusedAway = new Set<Node>()
  const inputs = graph.inputs.map((name) => inputPort(view, builder, held, name))
  for (const node of view.live) {
    if (fusedAway.has(node)) continue
    const rule = isOnnx(node) ? rules.get(node.op) : undefined
    if (!rule) return refuse(node, say`the device runtime has no kernel for it`, helpFor(node))
    rule(new RuleContext(node, view, builder, held, fusedAway))
  }
  return builder.finish(
    inputs,
    graph.outputs.map((name) => outputPort(builder, held, name)),
  )
}

const isOnnx = (node: Node) => node.domain === '' || node.domain === 'ai.onnx'

function inputPort(view: GraphView, builder: PlanBuilder, held: Map<string, Held>, name: string): PlanPort {
  const quant = inputQuant(view, name)
  const shape = view.shapeOf(name)
  const source: Node = { name, op: 'Input', domain: '', inputs: [], outputs: [name], attrs: {} }
  if (!quant)
    return refuse(source, say`it has no int8 quantisation`, say`Quantise the model first (the pass quantize-int8).`)
  if (!shape)
    return refuse(source, say`its shape is not known`, say`Give the model fixed input shapes (all but the batch).`)
  const tensor = builder.activation(name, shape, quant)
  held.set(name, { tensor, shape, order: plainOrder(shape.length) })
  return { name, tensor, shape }
}

/** Operators that hand their input on as it is. */
const passing: ReadonlySet<string> = new Set(
  'QuantizeLinear Identity Cast Dropout Transpose Reshape Flatten Squeeze Unsqueeze'.split(' '),
)

/** An input's own quantisation, or the one it is given first (a float input that goes into a QuantizeLinear). */
function inputQuant(view: GraphView, name: string): Quant8 | null {
  for (let at = name; ; ) {
    const quant = view.graph.values.get(at)?.quant
    if (quant) return activationQuant(quant)
    const reader = view.onlyReader(at)
    if (!reader?.outputs[0] || !passing.has(reader.op)) return null
    at = reader.outputs[0]
  }
}

/** In the model's own order. A graph output that is a graph input or a constant gets memory of its own. */
function outputPort(builder: PlanBuilder, held: Map<string, Held>, name: string): PlanPort {
  const source = { node: name, op: 'Output' }
  const value = held.get(name)
  if (!value) throw new AppError('model.missingValue', { node: name, op: 'Output', value: name })
  const plain = builder.plain(value, source)
  const { place, shape } = builder.tensor(plain.tensor)
  const root = place.kind === 'arena' ? (place.aliasOf ?? plain.tensor) : null
  if (root !== null && builder.ops.some((op) => rootOf(builder, op.output) === root))
    return { name, tensor: plain.tensor, shape: plain.shape }
  const output = builder.activation(name, shape, builder.quantOf(plain.tensor))
  builder.emit(source, { kind: 'copy', input: plain.tensor, output, macs: 0 })
  return { name, tensor: output, shape: plain.shape }
}

function rootOf(builder: PlanBuilder, index: number): number {
  const { place } = builder.tensor(index)
  return place.kind === 'arena' ? (place.aliasOf ?? index) : index
}

function helpFor(node: Node): Note {
  return isOnnx(node)
    ? say`Replace ${node.op} in the model by operators the runtime has, or cut the model before it.`
    : say`${node.op} belongs to the operator set ${node.domain}; export the model with standard ONNX operators.`
}

function refuse(node: Node, reason: Note, help: Note): never {
  throw new AppError('model.operator', { node: node.name, op: node.op, reason, help })
}
