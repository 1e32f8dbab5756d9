// Weights to few bits without training, layer by layer in the order of the graph. Activations and biases are left to
// quantize-int8, which comes after and keeps these integers.
import { AppError, Bug } from '../../base/errors.ts'
import { type Note, say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { collectJointGram, defaultGramOptions, type GramOptions } from '../layer-inputs.ts'
import { layerOf, type WeightLayer, weightLayers, weightMatrix } from '../layers.ts'
import { warnOfOneClass } from '../one-class.ts'
import { definePass, type PassContext } from '../pass.ts'
import { firstSamples } from '../samples.ts'
import { inTensorOrder, withLayer } from './apply.ts'
import { bitCount, hasGroups } from './grids.ts'
import { type LostZeros, lostZeros } from './lost-zeros.ts'
import { type RoundedLayer, roundLayer } from './round.ts'
import { type LayerSettings, type Params, params, settingsOf } from './settings.ts'
import { isRoundedInSlabs, roundInSlabs } from './slabs.ts'

export const quantizeWeights = definePass<Params>({
  name: 'quantize-weights',
  title: 'Quantise weights to few bits',
  description: 'Weights become integers of 2 to 8 bits, ternary or binary; rounding can make up for its own errors.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  notAfter: [
    {
      pass: 'quantize-int8',
      because: say`the ranges of activations would have been found with other weights than the model has in the end`,
    },
    { pass: 'bias-correct', because: say`the biases would make up for errors that the weights do not have any more` },
    { pass: 'share-weights', because: say`the shared values would be rounded apart` },
    { pass: 'convert-floats', because: say`there are no float32 weights left for it` },
  ],
  async run(graph, options, context) {
    const current = await quantizeLayers({ before: graph, after: graph }, weightLayers(graph), options, context)
    await warnOfOneClass(graph, current, context)
    return current
  },
})

/** The network as it was and as it is with the layers before quantised. */
export interface Versions {
  readonly before: Graph
  readonly after: Graph
}

/** Gives `after` with the layers named quantised, one after the other; they are as in `before` so far. */
export async function quantizeLayers(
  { before, after }: Versions,
  layers: readonly Pick<WeightLayer, 'node'>[],
  options: Params,
  context: PassContext,
): Promise<Graph> {
  const settings = settingsOf(weightLayers(before), options)
  const done = new Set<string>()
  let current = after
  for (const [i, { node }] of layers.entries()) {
    context.signal?.throwIfAborted()
    context.progress(i / layers.length, say`${node.name}, layer ${i + 1} of ${layers.length}`)
    const layer = layerNamed(current, node.name)
    const own = settings.get(node.name)
    if (!own || done.has(layer.weights) || isKept(layer, own, context)) continue
    current = await quantizeLayer({ before, after: current }, layer, own, context)
    done.add(layer.weights)
  }
  return current
}

function layerNamed(graph: Graph, name: string): WeightLayer {
  const node = graph.nodes.find((each) => each.name === name)
  const layer = node && layerOf(graph, node)
  if (!layer) throw new Bug(`the layer ${name} has gone while it waited for its turn`)
  return layer
}

/** Weights that are integers already, of no more bits than are wanted. */
function isKept({ node, quant, tensor }: WeightLayer, settings: LayerSettings, context: PassContext): boolean {
  if (!quant && tensor.dtype !== 'f32') {
    context.warn(say`${node.name}: weights of type ${tensor.dtype} stay as they are; widen-floats goes before`)
    return true
  }
  if (!quant || quant.bits > bitCount(settings.bits)) return false
  context.log(say`${node.name}: has ${quant.bits} bits already and keeps them`)
  return true
}

async function quantizeLayer(
  { before, after }: Versions,
  layer: WeightLayer,
  settings: LayerSettings,
  context: PassContext,
): Promise<Graph> {
  checkSettings(layer, settings, context)
  if (isRoundedInSlabs(layer, settings)) return quantizeInSlabs(after, layer, settings, context)
  const inputs = settings.method === 'nearest' ? null : await inputsOf({ before, after }, layer, settings, context)
  const weights = weightMatrix(layer)
  const rounded = await roundLayer(context.kernels, layer, weights, inputs, settings)
  context.log(describe(layer, rounded, settings))
  warnOfMask(layer, lostZeros(weights, rounded), context)
  return withLayer(after, layer, { ...rounded, integers: inTensorOrder(layer, rounded.integers) }, settings)
}

async function quantizeInSlabs(graph: Graph, layer: WeightLayer, settings: LayerSettings, context: PassContext) {
  const rounded = await roundInSlabs(context.kernels, layer, settings, context.signal)
  context.log(describe(layer, rounded, settings))
  warnOfMask(layer, rounded.zeros, context)
  return withLayer(graph, layer, rounded, settings)
}

function checkSettings(layer: WeightLayer, settings: LayerSettings, context: PassContext) {
  if (settings.granularity !== 'group') return
  if (!hasGroups(layer, settings)) {
    context.log(say`${layer.node.name}: no groups in its rows, one scale per channel`)
    return
  }
  if (settings.method === 'adaround')
    throw new AppError('recipe.unsupported', {
      node: layer.node.name,
      problem: say`AdaRound takes one scale per channel; rounding by gptq takes groups`,
    })
}

function inputsOf({ before, after }: Versions, layer: WeightLayer, settings: LayerSettings, context: PassContext) {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: 'quantize-weights' })
  const calibration = firstSamples(samples, settings.samples)
  const options: GramOptions = { ...defaultGramOptions, positionsPerSample: settings.positions }
  const other = settings.correctInputs ? before : null
  return collectJointGram(other, after, layer, { ...context, calibration }, options)
}

function describe(
  layer: WeightLayer,
  { error, grids }: Omit<RoundedLayer, 'integers'>,
  { bits, method }: LayerSettings,
): Note {
  const width = typeof bits === 'number' ? say`${bits} bits` : bits
  const told = error === null ? '' : say`, output error ${error.toExponential(2)}`
  return say`${layer.node.name}: ${layer.rows} x ${layer.columns} weights, ${width}, ${method}, ${grids.scale.length} scales${told}`
}

/** Share of a layer's zeros that may get lost before the user is told. */
const lostShare = 0.01

function warnOfMask(layer: WeightLayer, { zeros, lost }: LostZeros, context: PassContext) {
  if (lost <= lostShare * layer.rows * layer.columns) return
  context.warn(
    say`${layer.node.name}: ${lost} of ${zeros} zeros are lost, and with them what pruning saved; keepZeros keeps them`,
  )
}
