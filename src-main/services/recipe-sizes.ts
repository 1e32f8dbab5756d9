// The sizes of weight tensors after the steps of a recipe, step by step. Passes are known by name here, and parameters that a
// step does not have take the pass's defaults, which a checked recipe has filled in.

export interface LayerSize {
  readonly node: string
  readonly tensor: string
  /** A layer that passes prune and quantise. */
  readonly isLinear: boolean
  readonly elements: number
  readonly channels: number
  /** Of one weight, as the model stores it. */
  readonly bits: number
  /** Biases and what else the layer reads. */
  readonly otherBytes: number
  /** A batch normalisation: folding puts its parameters into the layer beside it. */
  readonly isNorm?: boolean
}

interface Layer extends LayerSize {
  /** Share of the weights, 0 to 1. */
  readonly zeros: number
  /** Beside the weights: codebooks, scales of groups. */
  readonly tableBytes: number
}

type Params = Readonly<Record<string, unknown>>

export interface SizeAfter {
  readonly weightsBytes: number
  readonly plainBytes: number
  readonly otherBytes: number
  readonly zeros: number
  readonly open: string[]
}

export function sizeAfter(
  layers: readonly LayerSize[],
  steps: readonly { readonly pass: string; readonly params: Params }[],
): SizeAfter {
  let now: readonly Layer[] = layers.map((layer) => ({ ...layer, zeros: 0, tableBytes: 0 }))
  const open: string[] = []
  for (const { pass, params } of steps) {
    if (isOpen(pass, params)) open.push(pass)
    now = now.map((layer, index) => stepOn(layer, pass, params, index === 0 || index === now.length - 1))
  }
  if (steps.some(({ pass }) => pass === 'fold-batch-norm')) now = now.filter(({ isNorm }) => isNorm !== true)
  const elements = total(now, (layer) => layer.elements)
  return {
    weightsBytes: total(now, codedBytes),
    plainBytes: total(now, (layer) => layer.elements * Math.max(1, layer.bits / 8)),
    otherBytes: steps.some(({ pass }) => pass === 'quantize-int8') ? 0 : total(now, (layer) => layer.otherBytes),
    zeros: elements === 0 ? 0 : total(now, (layer) => layer.elements * layer.zeros) / elements,
    open,
  }
}

const total = (layers: readonly Layer[], of: (layer: Layer) => number) =>
  layers.reduce((sum, layer) => sum + of(layer), 0)

/** How much these take away is found from samples. */
const isOpen = (pass: string, params: Params) => pass === 'factorize' && params.rank !== 'share'

function stepOn(layer: Layer, pass: string, params: Params, isEnd: boolean): Layer {
  if (!layer.isLinear) return pass === 'convert-floats' && layer.bits > 16 ? { ...layer, bits: 16 } : layer
  const named = overrideOf(layer, params)
  const tooSmall = named === undefined && layer.elements < numberOr(params.minElements, 0)
  if (tooSmall) return layer
  switch (pass) {
    case 'prune-magnitude':
    case 'prune-activation':
    case 'prune-obs':
      return { ...layer, zeros: Math.max(layer.zeros, numberOr(named, numberOr(params.sparsity, 0))) }
    case 'prune-nm':
      return { ...layer, zeros: Math.max(layer.zeros, 1 - numberOr(params.n, 2) / numberOr(params.m, 4)) }
    case 'prune-channels':
      return withoutChannels(layer, params, isEnd)
    case 'factorize':
      return params.rank === 'share' ? { ...layer, elements: layer.elements * numberOr(params.share, 1) } : layer
    case 'share-weights':
      return shared(layer, numberOr(named, numberOr(params.k, 16)))
    case 'quantize-weights':
    case 'reconstruct-blocks':
      return withBits(layer, named, params, isEnd)
    case 'quantize-int8':
      return { ...layer, bits: Math.min(layer.bits, 8) }
    case 'convert-floats':
      return { ...layer, bits: Math.min(layer.bits, 16) }
    default:
      return layer
  }
}

/** Inner layers lose outputs and inputs, the first its outputs, the last its inputs. */
function withoutChannels(layer: Layer, params: Params, isEnd: boolean): Layer {
  const left = 1 - numberOr(params.share, 0)
  return { ...layer, elements: layer.elements * (isEnd ? left : left * left), channels: layer.channels * left }
}

/** A codebook has one byte an entry once the values are integers. */
function shared(layer: Layer, entries: number): Layer {
  return entries < 2 ? layer : { ...layer, bits: Math.min(layer.bits, Math.log2(entries)), tableBytes: entries }
}

function withBits(layer: Layer, named: unknown, params: Params, isEnd: boolean): Layer {
  const ends = isEnd && params.ends !== 'same' ? params.ends : undefined
  const own = typeof named === 'object' && named !== null && 'bits' in named ? named.bits : named
  if (own === 'float') return layer
  const bits = bitsOf(own ?? ends ?? params.bits)
  const groups = params.granularity === 'group' ? Math.ceil(layer.elements / numberOr(params.groupSize, 32)) : 0
  return { ...layer, bits: Math.min(layer.bits, bits), tableBytes: groups }
}

/** Three values take log2 3 bits. */
const bitsOf = (value: unknown) => (value === 'ternary' ? Math.log2(3) : value === 'binary' ? 1 : numberOr(value, 8))

/**
 * A map of which weights are zero (its entropy), and the bits of the others; never more than all of them as they are. What
 * the distribution of the values saves beyond that is not known before they are.
 */
function codedBytes({ elements, bits, zeros, tableBytes }: Layer): number {
  const map = zeros > 0 && zeros < 1 ? -zeros * Math.log2(zeros) - (1 - zeros) * Math.log2(1 - zeros) : 0
  return (elements * Math.min(bits, map + (1 - zeros) * bits)) / 8 + tableBytes
}

function overrideOf(layer: Layer, { layers }: Params): unknown {
  if (typeof layers !== 'object' || layers === null) return undefined
  const entries = new Map<string, unknown>(Object.entries(layers))
  return entries.get(layer.node) ?? entries.get(layer.tensor)
}

const numberOr = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise)
