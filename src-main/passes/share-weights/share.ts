// Weight sharing: each layer's weights take at most k distinct integers, so that the device stores a small table and an index
// for each weight (Deep Compression: Han et al. 2015, section 3). The integers are int8 with a scale for each output channel,
// which quantisation keeps as they are.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { elementsOf, tensor } from '../../ir/tensor.ts'
import type { Gram } from '../../kernels/kernels.ts'
import { GraphEdit } from '../edit.ts'
import { defaultGramOptions } from '../layer-inputs.ts'
import { fromRows, layerOf } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { dampingField, positionsField } from '../prune/fields.ts'
import { layerGoal, targetGrams } from '../prune/inputs.ts'
import { relativeError } from '../prune/second-order.ts'
import { firstLayer, type PruneTarget, pruneTargets, titleOf } from '../prune/targets.ts'
import { symmetricGrid } from '../quantize/grid.ts'
import type { CodedLayer } from './assign.ts'
import type { Codebook } from './codebook.ts'
import { codebooksOf, codeLayer, type LayerState, layerState, needsInputs } from './layers.ts'

const entries = z.int().min(2).max(256)

const params = z.strictObject({
  k: entries.default(16).meta({ title: 'Entries', description: 'Distinct weights of a layer.', unit: 'values' }),
  weighting: z.enum(['none', 'activation', 'hessian']).default('hessian').meta({
    title: 'Weighted by',
    description:
      'What an error of a weight counts: the same, its input, or its input with what others can make up for.',
  }),
  compensate: z.boolean().default(true).meta({
    title: 'Pass errors on',
    description: 'Weights that follow make up for the error of those before; needs calibration.',
  }),
  scales: z
    .enum(['per-channel', 'per-tensor'])
    .default('per-channel')
    .meta({ title: 'Scales', description: 'One scale per output channel, or one per tensor.' }),
  scope: z.enum(['layer', 'shared', 'auto']).default('auto').meta({
    title: 'Codebooks',
    description:
      'One for each layer, one for all, or shared by those whose own would be a tenth of their bytes or more.',
  }),
  layers: z.record(z.string(), z.int().min(0).max(256)).default({}).meta({
    title: 'Layers',
    description: 'Entries for single layers, by the name of the layer or of its weights; 0 leaves one as it is.',
  }),
  minElements: z.int().min(0).default(256).meta({
    title: 'Smallest layer',
    description: 'Layers with fewer weights stay as they are, unless they are named.',
    unit: 'weights',
  }),
  damping: dampingField,
  positionsPerSample: positionsField,
})

export type ShareParams = z.infer<typeof params>

export const shareWeights = definePass<ShareParams>({
  name: 'share-weights',
  title: 'Share weights',
  description: 'Gives each layer a codebook of few distinct weights, found by k-means.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  async run(graph, options, context) {
    if (needsInputs(options) && !context.calibration?.count)
      throw new AppError('recipe.noCalibration', { pass: 'share-weights' })
    const chosen = chosenLayers(graph, options, context)
    const first = needsInputs(options)
      ? await gramsOf(
          graph,
          chosen.map(({ target }) => target),
          options,
          context,
        )
      : null
    const states: LayerState[] = []
    for (const { target, k } of chosen)
      states.push(await layerState(context.kernels, target, k, first?.get(target.name) ?? null, options))
    const codebooks = await codebooksOf(context.kernels, states, options)
    return assignAll(graph, states, codebooks, options, context)
  },
})

const gramsOf = (graph: Graph, targets: readonly PruneTarget[], options: ShareParams, context: PassContext) =>
  targetGrams(graph, targets, context, { ...defaultGramOptions, positionsPerSample: options.positionsPerSample })

function chosenLayers(graph: Graph, { k, layers, minElements }: ShareParams, context: PassContext) {
  const targets = pruneTargets(graph, context.warn)
  const namesOf = ({ name, layers: readers }: PruneTarget) => [name, ...readers.map(({ node }) => node.name)]
  const known = new Set(targets.flatMap(namesOf))
  const unknown = Object.keys(layers).filter((name) => !known.has(name))
  if (unknown.length > 0) {
    const problem = say`share-weights: there is no layer ${unknown.join(', ')}; there are ${[...known].join(', ')}`
    throw new AppError('recipe.invalid', { problem })
  }
  return targets.flatMap((target) => {
    const named = namesOf(target)
      .map((name) => layers[name])
      .find((own) => own !== undefined)
    const count = elementsOf(firstLayer(target).tensor.shape)
    const own = named ?? (count >= minElements ? k : 0)
    return own >= 2 ? [{ target, k: own }] : []
  })
}

async function assignAll(
  graph: Graph,
  states: readonly LayerState[],
  codebooks: ReadonlyMap<LayerState, Codebook>,
  options: ShareParams,
  context: PassContext,
): Promise<Graph> {
  let current = graph
  let done = 0
  const isShared = (book: Codebook) => [...codebooks.values()].filter((other) => other === book).length > 1
  const inputs = { ...defaultGramOptions, positionsPerSample: options.positionsPerSample, damping: options.damping }
  for (const state of states) {
    context.signal?.throwIfAborted()
    const { target, keepZeros } = state
    const goal = options.compensate ? await layerGoal(current, target, context, inputs) : null
    // Weights that aim elsewhere have no zeros; a mask stays with its own.
    const aimed = goal && !keepZeros ? { ...state, w: goal.w } : state
    const codebook = codebooks.get(state)!
    const coded = await codeLayer(context.kernels, aimed, codebook, goal?.gram ?? null, options, !isShared(codebook))
    context.log(await noteOf(context, aimed, coded, goal?.gram ?? null))
    current = withIntegers(current, state, coded)
    context.progress(++done / states.length, titleOf(target))
  }
  return current
}

async function noteOf({ kernels }: PassContext, { target, w }: LayerState, coded: CodedLayer, gram: Gram | null) {
  const distinct = new Set(coded.integers).size
  const line = say`${titleOf(target)}: ${distinct} distinct weights`
  if (!gram) return line
  const data = Float32Array.from(coded.integers, (q, i) => q * coded.scales[Math.floor(i / w.columns)]!)
  return say`${line}, output error ${(await relativeError(kernels, w, { ...w, data }, gram)).toExponential(2)}`
}

function withIntegers(graph: Graph, { target, perChannel }: LayerState, { integers, scales }: CodedLayer): Graph {
  const edit = new GraphEdit(graph)
  const layer = firstLayer(target)
  const grid = symmetricGrid(perChannel ? [...scales] : [scales[0]!], perChannel ? layer.channelAxis : null)
  const data = Int8Array.from(fromRows(layer, Int32Array.from(integers)))
  const name = edit.addConstant(`${target.name}.shared`, tensor('i8', layer.tensor.shape, data), grid)
  for (const node of edit.readersOf(target.name)) {
    if (node.inputs[1] !== target.name || !layerOf(graph, node)) continue
    edit.replace(node, { ...node, inputs: node.inputs.map((input, i) => (i === 1 ? name : input)) })
  }
  return edit.finish()
}
