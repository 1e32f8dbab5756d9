// The shift of a layer's mean outputs from the statistics of the batch normalisation before it: its outputs are taken as
// normal with mean beta and deviation |gamma|, clipped by the activation between (Nagel et al. 2019, section 4.2.1, eq. 17
// to 20 and appendix C).
import { type Graph, type Node, producers } from '../../ir/graph.ts'
import { readFloats } from '../../ir/tensor.ts'
import { type WeightLayer, weightMatrix } from '../layers.ts'

interface Normal {
  readonly mean: number
  readonly deviation: number
}

/** What to add to each output channel; null without batch normalisation before the layer. */
export function analyticShift(
  graph: Graph,
  layer: WeightLayer,
  before: WeightLayer,
  original: Graph,
): Float64Array | null {
  const means = inputMeans(graph, layer.node, original)
  const [now, then] = [weightMatrix(layer), weightMatrix(before)]
  if (!means || layer.node.op === 'ConvTranspose' || now.data.length !== then.data.length) return null
  const { rows, columns, groups } = layer
  const perGroup = means.length / groups
  const window = columns / perGroup
  if (!Number.isInteger(window)) return null
  return Float64Array.from({ length: rows }, (_, r) => {
    const first = Math.floor(r / (rows / groups)) * perGroup
    let shift = 0
    for (let c = 0; c < columns; c++)
      shift += (then.data[r * columns + c]! - now.data[r * columns + c]!) * means[first + Math.floor(c / window)]!
    return shift
  })
}

/** Mean of each input channel of a node. */
function inputMeans(graph: Graph, node: Node, original: Graph): Float64Array | null {
  const makers = producers(graph)
  const input = node.inputs[0]!
  const clamp = makers.get(input)
  const isClamp = clamp?.op === 'Relu' || clamp?.op === 'Clip'
  const normals = normalsOf(original, isClamp ? clamp.inputs[0]! : input)
  if (!normals) return null
  const bound = (i: number, open: number) => {
    const held = isClamp && clamp.op === 'Clip' ? graph.constants.get(clamp.inputs[i] ?? '') : undefined
    return held ? readFloats(held)[0]! : open
  }
  const low = isClamp && clamp.op === 'Relu' ? 0 : bound(1, Number.NEGATIVE_INFINITY)
  return Float64Array.from(normals, (normal) => clippedMean(normal, low, bound(2, Number.POSITIVE_INFINITY)))
}

/** Of the value that a batch normalisation of the imported graph makes; folding keeps its name. */
export function normalsOf(original: Graph, value: string): Normal[] | null {
  const node = original.nodes.find(({ op, outputs }) => op === 'BatchNormalization' && outputs[0] === value)
  const [gamma, beta] = [1, 2].map((i) => original.constants.get(node?.inputs[i] ?? ''))
  if (!gamma || !beta) return null
  const means = readFloats(beta)
  return Array.from(readFloats(gamma), (g, c) => ({ mean: means[c]!, deviation: Math.abs(g) }))
}

/** Mean of a normal variable that is clipped to [low, high]. */
export function clippedMean({ mean, deviation }: Normal, low: number, high: number): number {
  if (deviation === 0) return Math.min(high, Math.max(low, mean))
  const [a, b] = [(low - mean) / deviation, (high - mean) / deviation]
  const inside = distribution(b) - distribution(a)
  const below = Number.isFinite(low) ? low * distribution(a) : 0
  const above = Number.isFinite(high) ? high * (1 - distribution(b)) : 0
  return below + above + mean * inside + deviation * (density(a) - density(b))
}

const density = (x: number) => (Number.isFinite(x) ? Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI) : 0)

/** Of the standard normal; error below 7.5e-8 (Abramowitz & Stegun 1964, formula 26.2.17). */
function distribution(x: number): number {
  if (!Number.isFinite(x)) return x > 0 ? 1 : 0
  if (x < 0) return 1 - distribution(-x)
  const t = 1 / (1 + 0.2316419 * x)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - density(x) * series
}
