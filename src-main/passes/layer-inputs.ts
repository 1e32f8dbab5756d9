// What calibration samples put into layers: the Gram matrix of each layer's inputs, which is all that layer-wise least
// squares needs of the data (OBC, Frantar & Alistarh 2022, section 3).
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { seededRandom } from '../base/random.ts'
import type { HostInputs, HostOutputs } from '../engine/samples.ts'
import { attrNumbers, attrString, type Graph } from '../ir/graph.ts'
import type { Gram, Kernels, Matrix, PatchShape, SquareStack } from '../kernels/kernels.ts'
import { GraphEdit } from './edit.ts'
import type { WeightLayer } from './layers.ts'
import type { PassContext } from './pass.ts'

/** The input of one layer for a batch of samples. */
export interface LayerInput {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

export interface GramOptions {
  /** Output positions of a convolution that are taken from each sample, chosen at random (seeded); the rest is left out. */
  readonly positionsPerSample: number
  /** Bytes of activations and Gram matrices held at once; layers are taken in several sweeps where more would be needed. */
  readonly memoryBytes: number
}

export const defaultGramOptions: GramOptions = { positionsPerSample: 64, memoryBytes: 512 * 2 ** 20 }

/** Gram matrix of each layer's inputs, by node name, when `graph` runs over the calibration samples. */
export async function collectGrams(
  graph: Graph,
  layers: readonly WeightLayer[],
  context: PassContext,
  options: GramOptions = defaultGramOptions,
): Promise<Map<string, Gram>> {
  const grams = new Map<string, Gram>()
  for (const part of sweeps(layers, options)) await sweep(graph, part, context, options, grams)
  return grams
}

/** What one layer is fed by two versions of a network, over the same samples and positions. */
export interface JointGram {
  /** Sum of x xᵀ, of the inputs x that `after` makes. */
  readonly after: Gram
  /** Sum of x zᵀ, of the inputs z that `before` makes; null when only one version ran. */
  readonly cross: SquareStack | null
}

/**
 * Gram matrices of the inputs of one layer. Both graphs need only what leads to them.
 * @param before null: `after` alone
 */
export async function collectJointGram(
  before: Graph | null,
  after: Graph,
  layer: WeightLayer,
  context: PassContext,
  options: GramOptions = defaultGramOptions,
): Promise<JointGram> {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: say`collect inputs` })
  const name = layer.node.inputs[0]!
  await using host = await context.engine.open(upTo(after, name))
  // What the network itself is fed is the same in both.
  const differs = before !== null && !after.inputs.includes(name)
  await using other = differs ? await context.engine.open(upTo(before, name)) : null
  const batchSize = batchFor(after, [name, name], options)
  let sum: Gram | null = null
  for await (const { from, inputs, outputs } of host.runBatches(samples, { batchSize, signal: context.signal })) {
    const mine = inputOf(inputs, outputs, name)
    const random = seededRandom(context.seed + from)
    const made = other && (await other.run(inputs))
    const both = made ? side(layer, mine, inputOf(inputs, made, name)) : mine
    sum = await addInputs(context.kernels, made ? twice(layer) : layer, both, sum, options, random)
  }
  return other ? corners(sum!) : { after: sum!, cross: null }
}

/** The graph that makes `name` and nothing else; the whole graph for one of its inputs. */
export function upTo(graph: Graph, name: string): Graph {
  return graph.inputs.includes(name) ? graph : new GraphEdit({ ...graph, outputs: [name] }).finish()
}

function inputOf(inputs: HostInputs, outputs: HostOutputs, name: string): LayerInput {
  const held = outputs[name] ?? inputs[name]!
  const data = held.data instanceof Float32Array ? held.data : Float32Array.from(held.data as ArrayLike<number>)
  return { data, shape: held.shape }
}

/** A layer of twice the inputs: in each group those of one version, then those of the other. */
const twice = (layer: WeightLayer): WeightLayer => ({ ...layer, columns: 2 * layer.columns })

function side(layer: WeightLayer, a: LayerInput, b: LayerInput): LayerInput {
  const channelsLast = layer.node.op === 'Gemm' || layer.node.op === 'MatMul'
  const [outer, channels] = channelsLast
    ? [a.data.length / layer.columns, layer.columns]
    : [a.shape[0]! * layer.groups, a.shape[1]! / layer.groups]
  const run = a.data.length / outer
  const data = new Float32Array(2 * a.data.length)
  for (let i = 0; i < outer; i++) {
    data.set(a.data.subarray(i * run, (i + 1) * run), 2 * i * run)
    data.set(b.data.subarray(i * run, (i + 1) * run), (2 * i + 1) * run)
  }
  const shape = channelsLast
    ? [...a.shape.slice(0, -1), 2 * channels]
    : [a.shape[0]!, 2 * channels * layer.groups, ...a.shape.slice(2)]
  return { data, shape }
}

/** The upper left and upper right quarter of each matrix. */
function corners({ groups, size: whole, samples, data }: Gram): JointGram {
  const size = whole / 2
  const after = new Float32Array(groups * size * size)
  const cross = new Float32Array(groups * size * size)
  for (let row = 0; row < groups * size; row++) {
    const from = (Math.floor(row / size) * whole + (row % size)) * whole
    after.set(data.subarray(from, from + size), row * size)
    cross.set(data.subarray(from + size, from + whole), row * size)
  }
  return { after: { groups, size, samples, data: after }, cross: { groups, size, data: cross } }
}

const gramBytes = ({ groups, columns }: WeightLayer) => groups * columns * columns * 4

function sweeps(layers: readonly WeightLayer[], { memoryBytes }: GramOptions): WeightLayer[][] {
  const parts: WeightLayer[][] = []
  let held = 0
  for (const layer of layers) {
    const bytes = gramBytes(layer)
    if (parts.length === 0 || held + bytes > memoryBytes / 2) {
      parts.push([])
      held = 0
    }
    parts.at(-1)!.push(layer)
    held += bytes
  }
  return parts
}

async function sweep(
  graph: Graph,
  layers: readonly WeightLayer[],
  context: PassContext,
  options: GramOptions,
  grams: Map<string, Gram>,
) {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: say`collect inputs` })
  const names = [...new Set(layers.map(({ node }) => node.inputs[0]!))]
  const extraOutputs = names.filter((name) => !graph.inputs.includes(name))
  await using host = await context.engine.open(graph, { extraOutputs })
  const batchSize = batchFor(graph, names, options)
  for await (const batch of host.runBatches(samples, { batchSize, signal: context.signal })) {
    for (const layer of layers) {
      const name = layer.node.inputs[0]!
      const random = seededRandom(context.seed + batch.from)
      const input = inputOf(batch.inputs, batch.outputs, name)
      const sum = grams.get(layer.node.name) ?? null
      grams.set(layer.node.name, await addInputs(context.kernels, layer, input, sum, options, random))
    }
  }
}

function batchFor(graph: Graph, names: readonly string[], { memoryBytes }: GramOptions): number {
  const perSample = names.reduce((sum, name) => {
    const dims = graph.values.get(name)?.shape ?? []
    return sum + dims.slice(1).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 4)
  }, 1)
  return Math.max(1, Math.min(64, Math.floor(memoryBytes / 8 / perSample)))
}

type NextRandom = ReturnType<typeof seededRandom>

function addInputs(
  kernels: Kernels,
  layer: WeightLayer,
  input: LayerInput,
  sum: Gram | null,
  { positionsPerSample }: GramOptions,
  random: NextRandom,
): Promise<Gram> {
  if (layer.node.op === 'Conv') {
    const shape = patchShape(layer, input.shape)
    const positions = chosenPositions(shape, positionsPerSample, random)
    return kernels.patchGram(input.data, shape, layer.groups, positions, sum)
  }
  if (layer.node.op === 'ConvTranspose') {
    const [batch, channels, height, width = 1] = input.shape as [number, number, number, number?]
    const shape = { ...pointPatches, batch, channels, height, width }
    return kernels.patchGram(input.data, shape, layer.groups, chosenPositions(shape, positionsPerSample, random), sum)
  }
  return kernels.gram(rowsOf(layer, input), sum)
}

const pointPatches = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const

function rowsOf(layer: WeightLayer, { data }: LayerInput): Matrix {
  return { rows: data.length / layer.columns, columns: layer.columns, data }
}

/** A convolution over one dimension is one over two of height 1. Fails with recipe.unsupported above two. */
export function patchShape(layer: WeightLayer, input: readonly number[]): PatchShape {
  const { node, tensor } = layer
  const kernel = tensor.shape.slice(2)
  if (kernel.length > 2)
    throw new AppError('recipe.unsupported', {
      node: node.name,
      problem: say`a convolution over ${kernel.length} dimensions`,
    })
  const strides = attrNumbers(node, 'strides') ?? kernel.map(() => 1)
  const dilations = attrNumbers(node, 'dilations') ?? kernel.map(() => 1)
  const sizes = input.slice(2)
  const pads = padsOf(layer, sizes, kernel, strides, dilations)
  const two = (values: readonly number[], missing: number) =>
    (values.length === 1 ? [missing, values[0]!] : values) as [number, number]
  return {
    batch: input[0]!,
    channels: input[1]!,
    height: two(sizes, 1)[0],
    width: two(sizes, 1)[1],
    kernel: two(kernel, 1),
    strides: two(strides, 1),
    dilations: two(dilations, 1),
    pads: pads.length === 2 ? [0, pads[0]!, 0, pads[1]!] : (pads as [number, number, number, number]),
  }
}

/** Begins, then ends; auto_pad as ONNX has it (Conv). */
function padsOf(
  { node }: WeightLayer,
  sizes: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const mode = attrString(node, 'auto_pad', 'NOTSET')
  if (mode === 'NOTSET') return [...(attrNumbers(node, 'pads') ?? new Array<number>(2 * sizes.length).fill(0))]
  if (mode === 'VALID') return new Array<number>(2 * sizes.length).fill(0)
  const totals = sizes.map((size, i) => {
    const output = Math.ceil(size / strides[i]!)
    return Math.max(0, (output - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - size)
  })
  const small = totals.map((total) => Math.floor(total / 2))
  const large = totals.map((total, i) => total - small[i]!)
  return mode === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small]
}

/** Height and width of the output. */
export function patchGrid({ height, width, kernel, strides, dilations, pads }: PatchShape): [number, number] {
  const size = (input: number, i: 0 | 1) =>
    Math.floor((input + pads[i]! + pads[i + 2]! - (kernel[i] - 1) * dilations[i] - 1) / strides[i]) + 1
  return [size(height, 0), size(width, 1)]
}

/** The same number from every sample, each chosen with equal chance; null when all are taken. */
function chosenPositions(shape: PatchShape, perSample: number, random: NextRandom): Uint32Array | null {
  const [rows, columns] = patchGrid(shape)
  const each = rows * columns
  if (each <= perSample) return null
  const chosen = new Uint32Array(shape.batch * perSample)
  for (let b = 0; b < shape.batch; b++)
    for (let i = 0; i < perSample; i++) {
      // One from each of `perSample` equal stretches, so that none is taken twice.
      const from = Math.floor((i * each) / perSample)
      const to = Math.floor(((i + 1) * each) / perSample)
      chosen[b * perSample + i] = b * each + from + Math.floor(random.next() * (to - from))
    }
  return chosen
}
