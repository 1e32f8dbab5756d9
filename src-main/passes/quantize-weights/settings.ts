// How each layer's weights are to be quantised: the pass's parameters, with what single layers have otherwise.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { WeightLayer } from '../layers.ts'

const bits = z.union([z.int().min(2).max(8), z.enum(['ternary', 'binary'])])
export type Bits = z.infer<typeof bits>

const ofLayer = {
  bits: bits.default(4).meta({ title: 'Bits', description: 'Bits of each weight, 2 to 8; ternary or binary.' }),
  scheme: z.enum(['symmetric', 'affine']).default('symmetric').meta({
    title: 'Scheme',
    description: 'Around zero, or with a zero point.',
  }),
  granularity: z.enum(['tensor', 'channel', 'group']).default('channel').meta({
    title: 'Scales',
    description: 'One for the tensor, one per output channel, or one per group of inputs of each output.',
  }),
  groupSize: z.int().min(2).max(4096).default(32).meta({
    title: 'Group size',
    description: 'Weights of a row that share a scale; dense layers and 1x1 convolutions only.',
    unit: 'weights',
  }),
  groupScales: z.enum(['integer', 'free']).default('integer').meta({
    title: 'Group scales',
    description:
      'integer: whole multiples of the scale of the channel, which devices can hold exactly. free: for hosts and export only.',
  }),
  powerOfTwo: z.boolean().default(false).meta({ title: 'Powers of two', description: 'Scales are powers of two.' }),
  range: z.enum(['max', 'mse', 'lp', 'kl']).default('mse').meta({
    title: 'Range',
    description: 'What the scale makes least: nothing (full range), squared error, error to a power, divergence.',
  }),
  method: z.enum(['nearest', 'gptq', 'adaround']).default('gptq').meta({
    title: 'Rounding',
    description: 'To the nearest, or such that the outputs of the layer change least (GPTQ, AdaRound).',
  }),
}

const overrides = z
  .strictObject({
    bits,
    scheme: ofLayer.scheme.unwrap(),
    granularity: ofLayer.granularity.unwrap(),
    groupSize: ofLayer.groupSize.unwrap(),
    groupScales: ofLayer.groupScales.unwrap(),
    powerOfTwo: ofLayer.powerOfTwo.unwrap(),
    range: ofLayer.range.unwrap(),
    method: ofLayer.method.unwrap(),
  })
  .partial()

const layerChoice = z.union([bits, z.literal('float'), overrides])

export const params = z.strictObject({
  ...ofLayer,
  layers: z.record(z.string(), layerChoice).default({}).meta({
    title: 'Layers',
    description:
      'Single layers, by the name of the layer or of its weights: bits, float to leave one to the passes that follow, or settings.',
  }),
  ends: z
    .union([z.literal('same'), bits])
    .default('same')
    .meta({
      title: 'First and last layer',
      description: 'Bits of the first and the last layer, or the same as of the others.',
    }),
  keepZeros: z.boolean().default(true).meta({
    title: 'Keep zeros',
    description: 'Weights that are zero stay zero, so that pruned layers stay pruned.',
  }),
  power: z.number().min(0.5).max(8).default(2.4).meta({ title: 'Power', description: 'Of the error, with range lp.' }),
  damping: z.number().min(0).max(1).default(0.01).meta({
    title: 'Damping',
    description: 'Added to the diagonal of the matrix of inputs, as a share of its mean.',
  }),
  blockSize: z.int().min(1).max(4096).default(128).meta({
    title: 'Block size',
    description: 'Columns that GPTQ rounds before the rest is updated.',
    unit: 'columns',
  }),
  iterations: z.int().min(1).max(100_000).default(1000).meta({
    title: 'Iterations',
    description: 'Steps of AdaRound for each layer.',
    unit: 'steps',
  }),
  correctInputs: z.boolean().default(true).meta({
    title: 'Make up for earlier layers',
    description: 'Aims at the outputs of the float model, given the inputs that the layers before make when quantised.',
  }),
  sweeps: z.int().min(0).max(100).default(4).meta({
    title: 'Refinement',
    description: 'Rounds in which single weights move a step where that lessens the error of the outputs.',
    unit: 'rounds',
  }),
  samples: z.int().min(1).max(100_000).default(512).meta({
    title: 'Samples',
    description: 'Calibration samples that are used at most.',
    unit: 'samples',
  }),
  positions: z.int().min(1).max(4096).default(16).meta({
    title: 'Positions',
    description: 'Output positions of a convolution that are taken of each sample.',
    unit: 'positions',
  }),
})

export type Params = z.infer<typeof params>

/** What one layer is given. */
export type LayerSettings = Omit<Params, 'layers' | 'ends'>

/** By node name; null for a layer that stays as it is. */
export function settingsOf(layers: readonly WeightLayer[], options: Params): Map<string, LayerSettings | null> {
  checkNames(layers, options)
  const { layers: named, ends, ...common } = options
  const last = layers.length - 1
  return new Map(
    layers.map((layer, i) => {
      const choice = named[layer.node.name] ?? named[layer.weights]
      const usual = ends !== 'same' && (i === 0 || i === last) ? { ...common, bits: ends } : common
      return [layer.node.name, chosen(usual, choice)]
    }),
  )
}

function chosen(usual: LayerSettings, choice: z.infer<typeof layerChoice> | undefined): LayerSettings | null {
  if (choice === undefined) return usual
  if (choice === 'float') return null
  return typeof choice === 'object' ? { ...usual, ...choice } : { ...usual, bits: choice }
}

function checkNames(layers: readonly WeightLayer[], { layers: named }: Params) {
  const known = new Set(layers.flatMap(({ node, weights }) => [node.name, weights]))
  const unknown = Object.keys(named).filter((name) => !known.has(name))
  if (unknown.length === 0) return
  const problem = say`quantize-weights: there is no layer ${unknown.join(', ')}; there are ${[...known].join(', ')}`
  throw new AppError('recipe.invalid', { problem })
}
