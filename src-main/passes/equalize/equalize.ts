// Cross-layer equalisation (Nagel et al. 2019, section 4.1): channels of a layer are scaled so that their weights are as large
// as those that read them in the next layer; with ReLU between, the network computes the same.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import type { Graph, Node } from '../../ir/graph.ts'
import { f32Tensor, readFloats } from '../../ir/tensor.ts'
import { normalsOf } from '../bias-correct/analytic.ts'
import { GraphEdit } from '../edit.ts'
import { fromRows, type WeightLayer, weightMatrix } from '../layers.ts'
import { definePass, type OrderRule, type PassContext } from '../pass.ts'
import { inputChannelOf, type LayerPair, layerPairs } from './pairs.ts'

const params = z.strictObject({
  clip: z.enum(['skip', 'relu']).default('skip').meta({
    title: 'ReLU6',
    description:
      'Layers with a ReLU6 between stay as they are, or the ReLU6 becomes a ReLU, which changes the network.',
  }),
  rounds: z.int().min(1).max(100).default(20).meta({
    title: 'Rounds',
    description: 'Times that all pairs of layers are taken in turn.',
    unit: 'rounds',
  }),
  absorb: z.boolean().default(false).meta({
    title: 'Absorb high biases',
    description:
      'Moves what a ReLU hardly ever cuts off into the bias after it, where batch normalisation tells how much.',
  }),
})

type Params = z.infer<typeof params>

const changed = say`the scales of channels would no longer fit what that pass aimed at`
const notAfter: OrderRule[] = ['quantize-weights', 'quantize-int8', 'bias-correct', 'share-weights'].map((pass) => ({
  pass,
  because: changed,
}))

export const equalize = definePass<Params>({
  name: 'equalize',
  title: 'Equalise channels',
  description: 'Scales channels between layers so that one scale suits them all; the network computes the same.',
  params,
  needs: ['constants', 'activations', 'linear', 'batch-norm'],
  provides: [],
  notAfter,
  async run(graph, options, context) {
    const source = options.clip === 'relu' ? withoutClips(graph, context) : graph
    const pairs = layerPairs(source).filter(({ clip }) => clip === null)
    const clipped = layerPairs(source).length - pairs.length
    if (clipped > 0) context.log(say`${clipped} pairs with a ReLU6 between stay as they are`)
    if (pairs.length === 0) return source
    const state = new Equalization(pairs)
    for (let round = 0; round < options.rounds && state.round() > 1e-3; round++) context.signal?.throwIfAborted()
    const absorbed = options.absorb ? pairs.filter((pair) => absorb(state, pair, context)).length : 0
    context.log(
      say`${pairs.length} pairs of layers equalised${options.absorb ? say`, ${absorbed} with biases absorbed` : ''}`,
    )
    return state.finish(source)
  },
})

/** Clamps between layers of a pair lose their upper bound. */
function withoutClips(graph: Graph, context: PassContext): Graph {
  const clips = layerPairs(graph).flatMap(({ clip }) => clip ?? [])
  if (clips.length === 0) return graph
  const edit = new GraphEdit(graph)
  for (const node of clips) edit.replace(node, { ...node, op: 'Relu', inputs: [node.inputs[0]!], attrs: {} })
  context.warn(say`${clips.length} ReLU6 became ReLU; the network is no longer quite the same`)
  return edit.finish()
}

/** Weights under change, row after row, and the scale that each pair's channels have been divided by. */
class Equalization {
  readonly #pairs: readonly LayerPair[]
  readonly #rows = new Map<string, Float32Array>()
  readonly #biases = new Map<string, Float64Array>()
  readonly #scales = new Map<LayerPair, Float64Array>()

  constructor(pairs: readonly LayerPair[]) {
    this.#pairs = pairs
    for (const pair of pairs) {
      this.#scales.set(pair, new Float64Array(pair.channels).fill(1))
      for (const layer of [pair.first, pair.second]) this.#rows.set(layer.node.name, weightMatrix(layer).data.slice())
    }
  }

  scalesOf = (pair: LayerPair) => this.#scales.get(pair)!
  rowsOf = (layer: WeightLayer) => this.#rows.get(layer.node.name)!

  /** Largest change of a scale, as the magnitude of its logarithm. */
  round(): number {
    return Math.max(...this.#pairs.map((pair) => this.#equalize(pair)))
  }

  /** s = sqrt(r1 / r2) (eq. 11): both ranges become sqrt(r1 r2). */
  #equalize(pair: LayerPair): number {
    const { first, second, channels } = pair
    const [one, two] = [this.rowsOf(first), this.rowsOf(second)]
    const [made, read] = [new Float64Array(channels), new Float64Array(channels)]
    const channelOf = inputChannelOf(channels, second)
    eachElement(first, (i, r) => (made[r] = Math.max(made[r]!, Math.abs(one[i]!))))
    eachElement(second, (i, r, c) => {
      const channel = channelOf(r, c)
      read[channel] = Math.max(read[channel]!, Math.abs(two[i]!))
    })
    const by = made.map((m, c) => (m > 0 && read[c]! > 0 ? Math.sqrt(m / read[c]!) : 1))
    eachElement(first, (i, r) => (one[i] = one[i]! / by[r]!))
    eachElement(second, (i, r, c) => (two[i] = two[i]! * by[channelOf(r, c)]!))
    const scales = this.scalesOf(pair)
    for (const [c, s] of by.entries()) scales[c]! *= s
    return by.reduce((most, s) => Math.max(most, Math.abs(Math.log(s))), 0)
  }

  addBias(layer: WeightLayer, added: Float64Array) {
    const held = this.#biases.get(layer.node.name) ?? new Float64Array(added.length)
    this.#biases.set(
      layer.node.name,
      held.map((v, c) => v + added[c]!),
    )
  }

  /** Values between the layers of a pair hold other numbers now and get other names. */
  finish(graph: Graph): Graph {
    const edit = new GraphEdit(graph)
    const layers = new Map(this.#pairs.flatMap(({ first, second }) => [first, second]).map((l) => [l.node.name, l]))
    const divided = new Map(this.#pairs.map((pair) => [pair.first.node.name, this.scalesOf(pair)]))
    const renamed = new Map<string, string>()
    for (const { first, between } of this.#pairs)
      for (const { outputs } of [first.node, ...between])
        renamed.set(outputs[0]!, edit.addValue(`${outputs[0]}.equalized`, edit.value(outputs[0]!)))
    const rename = (names: readonly string[]) => names.map((name) => renamed.get(name) ?? name)
    for (const node of edit.nodes()) {
      const layer = layers.get(node.name)
      const moved = { ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }
      if (layer) edit.replace(node, this.#withWeights(edit, moved, layer, divided.get(node.name)))
      else if (node.inputs.some((name) => renamed.has(name))) edit.replace(node, moved)
    }
    return edit.finish()
  }

  #withWeights(edit: GraphEdit, node: Node, layer: WeightLayer, scales: Float64Array | undefined): Node {
    const { shape } = layer.tensor
    const data = fromRows(layer, this.rowsOf(layer))
    const inputs = [node.inputs[0]!, edit.addConstant(`${layer.weights}.equalized`, f32Tensor(shape, data))]
    const added = this.#biases.get(layer.node.name)
    if (layer.bias || added) {
      const held = layer.bias ? readFloats(edit.constant(layer.bias)!) : new Float32Array(layer.rows)
      const bias = Float32Array.from(held, (v, c) => v / (scales?.[c] ?? 1) + (added?.[c] ?? 0))
      inputs.push(edit.addConstant(`${layer.bias ?? `${node.name}.bias`}.equalized`, f32Tensor([bias.length], bias)))
    }
    return { ...node, inputs }
  }
}

function eachElement({ rows, columns }: WeightLayer, visit: (i: number, row: number, column: number) => void) {
  for (let r = 0, i = 0; r < rows; r++) for (let c = 0; c < columns; c++, i++) visit(i, r, c)
}

/** Deviations below the mean that are taken to be cut off never (section 4.1.3). */
const deviations = 3

/** What is nearly always left over by the ReLU moves through it: b1 - c, b2 + W2 c. */
function absorb(state: Equalization, pair: LayerPair, { original }: PassContext): boolean {
  const { first, between, second, channels } = pair
  const normals = normalsOf(original, first.node.outputs[0]!)
  const isPadded = Array.isArray(second.node.attrs.pads) && second.node.attrs.pads.some((pad) => pad !== 0)
  const relu = between.length === 1 && between[0]!.op === 'Relu'
  if (!normals || !relu || isPadded || second.node.attrs.auto_pad !== undefined) return false
  const scales = state.scalesOf(pair)
  const moved = Float64Array.from(normals, (n, c) => Math.max(0, n.mean - deviations * n.deviation) / scales[c]!)
  if (moved.every((c) => c === 0)) return false
  const [rows, channelOf] = [state.rowsOf(second), inputChannelOf(channels, second)]
  const passed = new Float64Array(second.rows)
  eachElement(second, (i, r, c) => (passed[r] = passed[r]! + rows[i]! * moved[channelOf(r, c)]!))
  state.addBias(
    first,
    moved.map((c) => -c),
  )
  state.addBias(second, passed)
  return true
}
