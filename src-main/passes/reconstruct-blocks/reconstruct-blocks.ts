// Block reconstruction (BRECQ, Li et al. 2021): the rounding of all weights of a block is optimised together, so that the
// block makes what it made in the float network, from the inputs that the blocks before make now. Needs samples, no labels.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { inferShapes } from '../../ir/infer.ts'
import { dequantizeTensor } from '../../ir/quantize.ts'
import { readFloats, readNumbers, tensor } from '../../ir/tensor.ts'
import { warnOfOneClass } from '../one-class.ts'
import { definePass, type PassContext } from '../pass.ts'
import { quantizeLayers, quantizeWeights } from '../quantize-weights/quantize-weights.ts'
import { firstSamples } from '../samples.ts'
import { type Activations, inputActivations, outputsOf, squaredError } from './activations.ts'
import { biasesOf, withBiases } from './biases.ts'
import { type Block, blockGraph, blocksOf } from './blocks.ts'
import { LayerRounding } from './layer-rounding.ts'
import { optimizeBlock } from './optimize.ts'
import { outputWeights } from './output-weights.ts'
import { type Params, params } from './settings.ts'

export const reconstructBlocks = definePass<Params>({
  name: 'reconstruct-blocks',
  title: 'Quantise weights block by block',
  description:
    'As quantize-weights, then the rounding of all weights of a block is optimised together against what the block made before.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  notAfter: [
    ...(quantizeWeights.notAfter ?? []),
    { pass: 'quantize-weights', because: say`it would find nothing left to round: it takes the place of that pass` },
  ],
  async run(graph, options, context) {
    const result = await reconstruct(graph, options, context)
    await warnOfOneClass(graph, result, context)
    return result
  },
})

/** Share of a block's progress that rounding layer by layer takes. */
const startShare = 0.2

function ofWeights(options: Params): Parameters<typeof quantizeLayers>[2] {
  const {
    blockLayers,
    steps,
    batch,
    learningRate,
    regularization,
    scales,
    scaleRate,
    biases,
    biasRate,
    importance,
    memory,
    ...own
  } = options
  return own
}

async function reconstruct(float: Graph, options: Params, context: PassContext): Promise<Graph> {
  const samples = context.calibration
  if (!samples || samples.count === 0) throw new AppError('recipe.noCalibration', { pass: 'reconstruct-blocks' })
  const blocks = blocksOf(float, options.blockLayers)
  const held = firstSamples(samples, Math.min(options.samples, samplesWithin(float, blocks, options)))
  if (held.count < Math.min(options.samples, samples.count))
    context.log(say`${held.count} samples, so that ${options.memory} MB are enough`)
  const done = new Set<string>()
  let current = float
  let wanted = await inputActivations(held, float.inputs)
  let made = wanted
  for (const [i, block] of blocks.entries()) {
    const note = say`block ${i + 1} of ${blocks.length}`
    const progress = (fraction: number) => context.progress((i + fraction) / blocks.length, note)
    const quiet = { ...context, progress: (fraction: number) => progress(fraction * startShare) }
    const layers = block.layers.map((node) => ({ node }))
    current = inferShapes(await quantizeLayers({ before: float, after: current }, layers, ofWeights(options), quiet))
    const after = blocks.slice(i + 1)
    const targets = await outputsOf(blockGraph(float, block), only(wanted, block.inputs), context)
    const before = await outputsOf(blockGraph(current, block), only(made, block.inputs), context)
    const share = (fraction: number) => progress(startShare + fraction * (1 - startShare))
    const place: Place = { float, current, block, after, done, inputs: made, targets, before, progress: share }
    const changed = await withBlock(place, options, context)
    for (const { inputs } of block.layers) done.add(inputs[1]!)
    wanted = alive({ ...wanted, ...targets }, after)
    made = alive({ ...made, ...(changed?.outputs ?? before) }, after)
    current = changed?.graph ?? current
  }
  return current
}

const only = (held: Activations, names: readonly string[]): Activations =>
  Object.fromEntries(names.map((name) => [name, held[name]!]))

function alive(held: Activations, blocks: readonly Block[]): Activations {
  const read = new Set(blocks.flatMap(({ inputs }) => inputs))
  return Object.fromEntries(Object.entries(held).filter(([name]) => read.has(name)))
}

/** Inputs and outputs of the largest block, in both versions, and the outputs of a trial. */
function samplesWithin(graph: Graph, blocks: readonly Block[], { memory }: Params): number {
  const bytes = (name: string) =>
    (graph.values.get(name)?.shape ?? [])
      .slice(1)
      .reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 4)
  const needed = blocks.map(({ inputs, outputs }) =>
    [...inputs, ...inputs, ...outputs, ...outputs, ...outputs].reduce((sum, name) => sum + bytes(name), 0),
  )
  return Math.max(1, Math.floor((memory * 2 ** 20) / Math.max(1, ...needed)))
}

interface Place {
  readonly float: Graph
  readonly current: Graph
  readonly block: Block
  readonly after: readonly Block[]
  /** Weights of blocks before. */
  readonly done: ReadonlySet<string>
  readonly inputs: Activations
  readonly targets: Activations
  /** What the block makes of the inputs as quantize-weights left it. */
  readonly before: Activations
  readonly progress: (fraction: number) => void
}

/** null: the block stays as it is. */
async function withBlock(
  place: Place,
  options: Params,
  context: PassContext,
): Promise<{ graph: Graph; outputs: Activations } | null> {
  const { float, current, block, inputs, targets, before } = place
  const layers = roundingsOf(place, options)
  if (layers.size === 0) return null
  const name = block.layers.map((node) => node.name).join(' + ')
  try {
    const weights = options.importance ? await outputWeights(float, place.after, targets, context) : null
    const graph = blockGraph(current, block)
    const biases: ReturnType<typeof biasesOf> = options.biases ? biasesOf(current, block) : new Map()
    const problem = { graph, layers, biases, inputs, targets, weights }
    const open = await optimizeBlock(problem, options, context, place.progress)
    const changed = withBiases(withRounding(current, layers), biases)
    const outputs = await outputsOf(blockGraph(changed, block), only(inputs, block.inputs), context)
    const [old, found] = [squaredError(before, targets, weights), squaredError(outputs, targets, weights)]
    const undecided = open.map((share) => (100 * share).toFixed(1)).join(' ')
    context.log(
      say`${name}: squared error ${old.toExponential(2)} to ${found.toExponential(2)}${found < old ? '' : say`, kept as it was`}; undecided ${undecided} %`,
    )
    return found < old ? { graph: changed, outputs } : null
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'graph.gradient') throw error
    context.warn(say`${name}: rounded layer by layer. ${error.note}`)
    return null
  }
}

function roundingsOf({ float, current, block, done }: Place, options: Params): Map<string, LayerRounding> {
  const layers = new Map<string, LayerRounding>()
  for (const { inputs } of block.layers) {
    const weights = inputs[1]!
    const [held, quant] = [current.constants.get(weights)!, current.values.get(weights)?.quant]
    const original = float.constants.get(weights)!
    const unchanged = held === original
    // Binary weights have no neighbours between their two values.
    if (!quant || quant.bits < 2 || done.has(weights) || unchanged) continue
    const was = float.values.get(weights)?.quant
    const real = readFloats(was ? dequantizeTensor(original, was) : original)
    layers.set(weights, new LayerRounding(held.shape, real, readNumbers(held), quant, options.keepZeros))
  }
  return layers
}

function withRounding(graph: Graph, layers: ReadonlyMap<string, LayerRounding>): Graph {
  const constants = new Map(graph.constants)
  const values = new Map(graph.values)
  for (const [name, layer] of layers) {
    const value = values.get(name)!
    constants.set(name, tensor('i8', constants.get(name)!.shape, layer.hard()))
    values.set(name, { ...value, quant: { ...value.quant!, scale: Array.from(layer.scales) } })
  }
  return { ...graph, constants, values }
}
