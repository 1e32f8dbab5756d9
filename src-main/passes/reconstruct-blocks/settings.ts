// Parameters: those of quantize-weights, which gives the grids and the integers to begin with, and those of the optimisation.
import { z } from 'zod'
import { params as ofWeights } from '../quantize-weights/settings.ts'

export const params = ofWeights.extend({
  blockLayers: z.int().min(1).max(64).default(3).meta({
    title: 'Layers in a block',
    description: 'Of a plain chain; residual blocks stay whole.',
    unit: 'layers',
  }),
  steps: z.int().min(1).max(100_000).default(800).meta({
    title: 'Steps',
    description: 'Of the optimisation of each block.',
    unit: 'steps',
  }),
  batch: z.int().min(1).max(4096).default(32).meta({
    title: 'Batch',
    description: 'Samples in each step.',
    unit: 'samples',
  }),
  learningRate: z.number().positive().max(1).default(0.02).meta({
    title: 'Learning rate',
    description: 'Of the variables that say whether a weight is rounded up (Adam).',
  }),
  regularization: z.number().min(0).max(100).default(3).meta({
    title: 'Regularisation',
    description: 'What drives each weight to one of its integers, as a share of the size of the gradient.',
  }),
  scales: z.boolean().default(true).meta({
    title: 'Scales too',
    description: 'The scales of the weights are optimised with them, unless they are powers of two or in groups.',
  }),
  scaleRate: z.number().positive().max(1).default(0.001).meta({
    title: 'Learning rate of scales',
    description: 'Of their logarithms (Adam); it falls to 0.',
  }),
  biases: z.boolean().default(true).meta({
    title: 'Biases too',
    description: 'The biases are optimised with the weights.',
  }),
  biasRate: z.number().positive().max(1).default(0.005).meta({
    title: 'Learning rate of biases',
    description: 'As a share of their root mean square (Adam); it falls to 0.',
  }),
  importance: z.boolean().default(false).meta({
    title: 'Weigh by importance',
    description: 'Elements between blocks count by how much the outputs of the network depend on them.',
  }),
  memory: z.int().min(16).max(65_536).default(1024).meta({
    title: 'Memory',
    description: 'For the values between blocks; where all samples need more, fewer are taken.',
    unit: 'MB',
  }),
})

export type Params = z.infer<typeof params>
