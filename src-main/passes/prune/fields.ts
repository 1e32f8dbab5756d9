// Parameters that several pruning passes take.
import { z } from 'zod'

const share = z.number().min(0).max(0.99)

export const layerFields = {
  layers: z.record(z.string(), share).default({}).meta({
    title: 'Layers',
    description: 'Shares for single layers, by the name of the layer or of its weights; 0 leaves one as it is.',
  }),
  minElements: z.int().min(0).default(1024).meta({
    title: 'Smallest layer',
    description: 'Layers with fewer weights keep them all, unless they are named.',
    unit: 'weights',
  }),
}

export const sparsityField = share.default(0.5).meta({
  title: 'Zeros',
  description: 'Share of the weights that become zero, 0 to 0.99.',
})

export const dampingField = z.number().min(0).max(1).default(0.01).meta({
  title: 'Damping',
  description: 'Added to the diagonal of the Gram matrix, as a share of its mean; more trusts calibration less.',
})

export const positionsField = z.int().min(1).max(4096).default(64).meta({
  title: 'Positions',
  description: 'Output positions of a convolution that are taken from each calibration sample.',
  unit: 'positions',
})
