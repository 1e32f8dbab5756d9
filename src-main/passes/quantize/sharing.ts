// Which values are quantised, and which must be on one grid because the integer kernels move integers without rescaling.
import { isFloat } from '../../ir/dtype.ts'
import { attrString, type Graph, type Node, producers, type Quantization, readers } from '../../ir/graph.ts'
import { readNumbers } from '../../ir/tensor.ts'
import { fixedGrid } from './grid.ts'

/** Operators that only move, pick or average integers: the output is on the input's grid. */
const movingOps = new Set([
  'AveragePool',
  'DepthToSpace',
  'Dropout',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'MaxPool',
  'Pad',
  'Reshape',
  'Resize',
  'Slice',
  'SpaceToDepth',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
])

/** Outputs in [0, 1] and [-1, 1] have grids of their own in TFLite's int8 specification. */
const fixedGrids = new Map<string, Quantization>([
  ['Softmax', fixedGrid(1 / 256, -128)],
  ['Sigmoid', fixedGrid(1 / 256, -128)],
  ['HardSigmoid', fixedGrid(1 / 256, -128)],
  ['Tanh', fixedGrid(1 / 128, 0)],
])

/** Operators that clamp their output for nothing: Relu or Clip after them needs no grid in between. */
const clampingOps = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Add', 'Sub', 'Mul', 'Div'])

/** Values on one grid. */
export interface GridGroup {
  readonly members: readonly string[]
  /** Members whose range decides; the others only hold what these do. */
  readonly observed: readonly string[]
  /** Set when the grid is given: by the operator, or by the quantisation the model came with. */
  readonly fixed: Quantization | null
  /** Constants written into the values (padding), which the range must hold. */
  readonly constants: readonly number[]
}

export function gridGroups(graph: Graph): readonly GridGroup[] {
  const makers = producers(graph)
  const reading = readers(graph)
  const wanted = new Set(quantizedValues(graph, makers, reading))
  const groups = new Groups(wanted)
  for (const node of graph.nodes)
    if (isMoving(node) || isClamp(graph, node)) for (const output of node.outputs) groups.join(node.inputs[0]!, output)
  for (const name of wanted) groups.fix(name, graph.values.get(name)?.quant ?? fixedGridOf(makers.get(name)))
  const readerCount = (name: string) => (reading.get(name)?.length ?? 0) + (graph.outputs.includes(name) ? 1 : 0)
  for (const node of graph.nodes) if (node.op === 'Concat') joinParts(groups, node, readerCount, graph)
  // What a moving operator or a clamp makes of a member is within that member's range.
  const isHeld = (name: string) => {
    const maker = makers.get(name)
    return maker !== undefined && (isMoving(maker) || isClamp(graph, maker)) && wanted.has(maker.inputs[0]!)
  }
  return groups.list().map(({ members, fixed }) => ({
    members,
    observed: members.filter((name) => !isHeld(name)),
    fixed,
    constants: members.flatMap((name) => padValue(graph, makers.get(name))),
  }))
}

const isMoving = (node: Node | undefined) => node !== undefined && node.domain === '' && movingOps.has(node.op)

/** Relu and Clip: on integers a clamp within the input's grid. */
const isClamp = (graph: Graph, node: Node) =>
  node.domain === '' &&
  (node.op === 'Relu' || node.op === 'Clip') &&
  node.inputs.slice(1).every((input) => input === '' || graph.constants.has(input))
const fixedGridOf = (node: Node | undefined) =>
  (node && node.domain === '' ? fixedGrids.get(node.op) : undefined) ?? null

/** Float values made at run time, but for those that exist only inside a fused operator. */
function quantizedValues(
  graph: Graph,
  makers: ReadonlyMap<string, Node>,
  reading: ReadonlyMap<string, readonly Node[]>,
): string[] {
  const made = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ''))
  return [...graph.inputs, ...made].filter((name) => {
    const value = graph.values.get(name)
    if (!value || !isFloat(value.dtype)) return false
    return value.quant !== undefined || !isFused(graph, makers.get(name), reading.get(name) ?? [], name)
  })
}

function isFused(graph: Graph, maker: Node | undefined, reading: readonly Node[], name: string): boolean {
  const [reader] = reading
  if (!maker || !clampingOps.has(maker.op) || !reader || reading.length > 1 || graph.outputs.includes(name))
    return false
  return isClamp(graph, reader)
}

/**
 * Parts of a Concat share its grid when nothing else depends on theirs; the others are rescaled on the device.
 */
function joinParts(groups: Groups, node: Node, readerCount: (name: string) => number, graph: Graph) {
  const output = node.outputs[0]!
  for (const part of node.inputs) {
    const members = groups.membersOf(part)
    const free = members.every((name) => readerCount(name) === 1 && !graph.inputs.includes(name))
    if (members.length > 0 && free && !groups.fixedOf(part) && !groups.fixedOf(output)) groups.join(part, output)
  }
}

function padValue(graph: Graph, node: Node | undefined): number[] {
  if (node?.op !== 'Pad' || attrString(node, 'mode', 'constant') !== 'constant') return []
  const value = graph.constants.get(node.inputs[2] ?? '')
  return value ? readNumbers(value).filter((v) => Number.isFinite(v)) : []
}

/** Union-find over value names, in the order of the graph. */
class Groups {
  readonly #parent = new Map<string, string>()
  readonly #fixed = new Map<string, Quantization>()

  constructor(names: Iterable<string>) {
    for (const name of names) this.#parent.set(name, name)
  }

  join(a: string, b: string) {
    if (!this.#parent.has(a) || !this.#parent.has(b)) return
    const [root, other] = [this.#root(a), this.#root(b)]
    if (root === other) return
    const fixed = this.#fixed.get(root) ?? this.#fixed.get(other)
    this.#parent.set(other, root)
    if (fixed) this.#fixed.set(root, fixed)
  }

  fix(name: string, quant: Quantization | null) {
    if (quant && !this.#fixed.has(this.#root(name))) this.#fixed.set(this.#root(name), quant)
  }

  fixedOf = (name: string) => this.#fixed.get(this.#root(name)) ?? null

  membersOf(name: string): string[] {
    if (!this.#parent.has(name)) return []
    const root = this.#root(name)
    return [...this.#parent.keys()].filter((member) => this.#root(member) === root)
  }

  list(): { members: string[]; fixed: Quantization | null }[] {
    const byRoot = new Map<string, string[]>()
    for (const name of this.#parent.keys()) {
      const root = this.#root(name)
      byRoot.set(root, [...(byRoot.get(root) ?? []), name])
    }
    return [...byRoot].map(([root, members]) => ({ members, fixed: this.#fixed.get(root) ?? null }))
  }

  #root(name: string): string {
    let at = name
    for (let up = this.#parent.get(at); up !== undefined && up !== at; up = this.#parent.get(at)) at = up
    return at
  }
}
