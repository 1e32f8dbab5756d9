// Nodes of older opsets in the form of opset 13, the first with quantisation along an axis. Rules follow the operators'
// change logs; what is not listed did not change in meaning between opsets 7 and 13.
import type { Attr, Graph, Node, Value } from '../../ir/graph.ts'
import { isGraph } from '../../ir/graph.ts'
import { f32Tensor, floatToHalf, i64Tensor, type Tensor, tensor } from '../../ir/tensor.ts'

export const quantizationOpset = 13

/** The first with scales per block and with 4-bit integers. */
export const blockOpset = 21

export function upgradeOpset(
  graph: Graph,
  to: typeof quantizationOpset | typeof blockOpset = quantizationOpset,
): Graph {
  const first = upgradeWith(graph, rules, quantizationOpset)
  return to === blockOpset ? upgradeWith(first, laterRules, blockOpset) : first
}

function upgradeWith(graph: Graph, table: Rules, to: number): Graph {
  const from = graph.opsets[''] ?? quantizationOpset
  if (from >= to) return graph
  const upgraded = new Upgrade(graph, from, table).run()
  return { ...upgraded, opsets: { ...graph.opsets, '': to } }
}

/** `until`: the first opset that has the new form. */
interface Rule {
  readonly until: number
  readonly apply: (node: Node, upgrade: Upgrade) => readonly Node[]
}

const listAttr = (attr: Attr | undefined): readonly number[] | null =>
  Array.isArray(attr) ? attr.filter((v) => typeof v === 'number') : null

/** Attributes that became inputs, in the order of the inputs from position 1. */
const toInputs =
  (...names: readonly string[]) =>
  (node: Node, upgrade: Upgrade): readonly Node[] => {
    const attrs = { ...node.attrs }
    const inputs = [...node.inputs]
    names.forEach((name, i) => {
      const list = listAttr(attrs[name])
      delete attrs[name]
      inputs[i + 1] ??= list ? upgrade.constant(`${node.name}_${name}`, i64Tensor([list.length], list)) : ''
    })
    return [{ ...node, inputs: trimmed(inputs), attrs }]
  }

function trimmed(inputs: readonly string[]): readonly string[] {
  return inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1)
}

const without =
  (...names: readonly string[]) =>
  (node: Node): readonly Node[] => {
    const attrs = Object.fromEntries(Object.entries(node.attrs).filter(([name]) => !names.includes(name)))
    return [{ ...node, attrs }]
  }

function upgradeClip(node: Node, upgrade: Upgrade): readonly Node[] {
  const { min, max, ...attrs } = node.attrs
  const limit = (attr: Attr | undefined, name: string) =>
    typeof attr === 'number' ? upgrade.scalar(`${node.name}_${name}`, attr, node.inputs[0]!) : ''
  return [{ ...node, inputs: trimmed([node.inputs[0]!, limit(min, 'min'), limit(max, 'max')]), attrs }]
}

function upgradePad(node: Node, upgrade: Upgrade): readonly Node[] {
  const { pads, value, ...attrs } = node.attrs
  const list = listAttr(pads) ?? []
  const sizes = upgrade.constant(`${node.name}_pads`, i64Tensor([list.length], list))
  const filling = upgrade.scalar(`${node.name}_value`, typeof value === 'number' ? value : 0, node.inputs[0]!)
  return [{ ...node, inputs: [node.inputs[0]!, sizes, filling], attrs }]
}

/** Upsample, and Resize of opset 10, sample at floor(x / scale). */
function upgradeResize(node: Node, upgrade: Upgrade): readonly Node[] {
  const { scales, mode } = node.attrs
  const list = listAttr(scales)
  const input = list ? upgrade.constant(`${node.name}_scales`, f32Tensor([list.length], list)) : node.inputs[1]!
  const sampling = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  const attrs = { ...sampling, mode: mode === 'bilinear' ? 'linear' : (mode ?? 'nearest') }
  return [{ ...node, op: 'Resize', inputs: [node.inputs[0]!, '', input], attrs }]
}

/** Softmax over all dimensions from `axis` on: the input is flattened, and gets its shape back. */
function upgradeSoftmax(node: Node, upgrade: Upgrade): readonly Node[] {
  const axis = typeof node.attrs.axis === 'number' ? node.attrs.axis : 1
  const rank = upgrade.value(node.inputs[0]!)?.shape?.length
  if (axis === -1 || axis + 1 === rank) return [{ ...node, attrs: { ...node.attrs, axis: -1 } }]
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const [flat, soft, shape] = ['flat', 'soft', 'shape'].map((part) => upgrade.freshValue(`${y}_${part}`)) as [
    string,
    string,
    string,
  ]
  return [
    upgrade.node('Flatten', [x], flat, { axis }),
    { ...node, inputs: [flat], outputs: [soft], attrs: { ...node.attrs, axis: -1 } },
    upgrade.node('Shape', [x], shape, {}),
    upgrade.node('Reshape', [soft, shape], y, {}),
  ]
}

type Rules = Readonly<Record<string, Rule>>

const withAttr =
  (name: string, value: (node: Node) => Attr) =>
  (node: Node): readonly Node[] => [{ ...node, attrs: { [name]: value(node), ...node.attrs } }]

const rules: Rules = {
  Squeeze: { until: 13, apply: toInputs('axes') },
  Unsqueeze: { until: 13, apply: toInputs('axes') },
  ReduceSum: { until: 13, apply: toInputs('axes') },
  Split: { until: 13, apply: toInputs('split') },
  Slice: { until: 10, apply: toInputs('starts', 'ends', 'axes') },
  Softmax: { until: 13, apply: upgradeSoftmax },
  LogSoftmax: { until: 13, apply: upgradeSoftmax },
  Hardmax: { until: 13, apply: upgradeSoftmax },
  Clip: { until: 11, apply: upgradeClip },
  Pad: { until: 11, apply: upgradePad },
  Dropout: { until: 12, apply: without('ratio', 'is_test') },
  BatchNormalization: { until: 9, apply: without('spatial', 'is_test') },
  Upsample: { until: 10, apply: upgradeResize },
  Resize: { until: 11, apply: upgradeResize },
}

const axesToInput: Rule = { until: 18, apply: toInputs('axes') }
const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare']

/** From opset 13 to 21, by the operators' change logs. */
const laterRules: Rules = {
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, axesToInput])),
  Split: {
    until: 18,
    apply: (node) => (node.inputs[1] ? [node] : withAttr('num_outputs', ({ outputs }) => outputs.length)(node)),
  },
  RoiAlign: { until: 16, apply: withAttr('coordinate_transformation_mode', () => 'output_half_pixel') },
  GridSample: {
    until: 20,
    apply: (node) => {
      const mode = { bilinear: 'linear', bicubic: 'cubic' }[String(node.attrs.mode ?? 'bilinear')]
      return [mode ? { ...node, attrs: { ...node.attrs, mode } } : node]
    },
  },
}

class Upgrade {
  readonly #graph: Graph
  readonly #from: number
  readonly #rules: Rules
  readonly #values: Map<string, Value>
  readonly #constants: Map<string, Tensor>
  readonly #names: Set<string>

  constructor(graph: Graph, from: number, table: Rules) {
    this.#graph = graph
    this.#from = from
    this.#rules = table
    this.#values = new Map(graph.values)
    this.#constants = new Map(graph.constants)
    this.#names = new Set([...graph.values.keys(), ...graph.nodes.map((node) => node.name)])
  }

  run(): Graph {
    const nodes = this.#graph.nodes.flatMap((node) => this.#upgrade(this.#withSubgraphs(node)))
    return { ...this.#graph, nodes, values: this.#values, constants: this.#constants }
  }

  #upgrade(node: Node): readonly Node[] {
    const rule = node.domain === '' && Object.hasOwn(this.#rules, node.op) ? this.#rules[node.op]! : null
    const old = rule && (this.#from < rule.until || node.op === 'Upsample')
    return old ? rule.apply(node, this) : [node]
  }

  #withSubgraphs(node: Node): Node {
    const graphs = Object.entries(node.attrs).filter((entry): entry is [string, Graph] => isGraph(entry[1]))
    if (graphs.length === 0) return node
    const attrs = Object.fromEntries(
      graphs.map(([name, graph]) => [name, new Upgrade(graph, this.#from, this.#rules).run()]),
    )
    return { ...node, attrs: { ...node.attrs, ...attrs } }
  }

  value(name: string): Value | undefined {
    return this.#values.get(name)
  }

  constant(wanted: string, constant: Tensor): string {
    const name = this.#fresh(wanted)
    this.#constants.set(name, constant)
    this.#values.set(name, { name, dtype: constant.dtype, shape: constant.shape })
    return name
  }

  /** A scalar of the type that `like` has. */
  scalar(wanted: string, number: number, like: string): string {
    const half = this.#values.get(like)?.dtype === 'f16'
    return this.constant(
      wanted,
      half ? tensor('f16', [], Uint16Array.of(floatToHalf(number))) : f32Tensor([], [number]),
    )
  }

  freshValue(wanted: string): string {
    const name = this.#fresh(wanted)
    this.#values.set(name, { name, dtype: 'f32', shape: null })
    return name
  }

  node(op: string, inputs: readonly string[], output: string, attrs: Node['attrs']): Node {
    return { name: this.#fresh(`${output}_${op}`), op, domain: '', inputs, outputs: [output], attrs }
  }

  #fresh(wanted: string): string {
    let name = wanted
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`
    this.#names.add(name)
    return name
  }
}
