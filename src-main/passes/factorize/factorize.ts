// Low rank: a dense layer becomes two thinner ones where that takes fewer multiplications and weights. The outputs' error over
// the calibration samples is the least for its rank: with H the Gram matrix of the inputs, W is projected on the first
// eigenvectors of W H Wᵀ (the truncated SVD of W H^½; with H = I, without calibration, the SVD of W itself).
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumber } from '../../ir/graph.ts'
import { f32Tensor } from '../../ir/tensor.ts'
import type { Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'
import { GraphEdit } from '../edit.ts'
import { collectGrams, defaultGramOptions } from '../layer-inputs.ts'
import { type WeightLayer, weightLayers, weightMatrix } from '../layers.ts'
import { definePass, type PassContext } from '../pass.ts'
import { positionsField } from '../prune/fields.ts'
import { timesStack } from '../prune/masked-least-squares.ts'
import { type Eigen, symmetricEigen } from './eigen.ts'

const params = z.strictObject({
  rank: z.enum(['energy', 'share']).default('energy').meta({
    title: 'Rank',
    description:
      'The smallest that keeps a share of the energy of the outputs, or the largest within a share of the weights.',
  }),
  energy: z.number().min(0.5).max(1).default(0.99).meta({
    title: 'Energy',
    description: 'Share of the outputs’ energy that is kept.',
  }),
  share: z.number().min(0.01).max(1).default(0.5).meta({
    title: 'Weights',
    description: 'Share of the weights that the two layers may have together.',
  }),
  leastSaving: z.number().min(0).max(0.95).default(0.1).meta({
    title: 'Least saving',
    description: 'Layers that would save a smaller share of their weights and multiplications stay as they are.',
  }),
  activations: z.boolean().default(true).meta({
    title: 'Weighted by activation',
    description: 'Judge errors by the inputs seen in calibration; otherwise every input counts alike.',
  }),
  kernels: z.enum(['dense', 'all']).default('dense').meta({
    title: 'Layers',
    description: 'Dense layers and 1x1 convolutions, or larger convolutions too.',
  }),
  minElements: z.int().min(0).default(4096).meta({
    title: 'Smallest layer',
    description: 'Layers with fewer weights stay as they are.',
    unit: 'weights',
  }),
  positionsPerSample: positionsField,
})

type Params = z.infer<typeof params>

/** Eigenvectors take time with the cube of this. */
const mostRows = 2048
const because = say`the two layers that it makes of one would have none of those weights`

export const factorize = definePass<Params>({
  name: 'factorize',
  title: 'Low rank',
  description: 'Writes large layers as two thinner ones where that saves weights and multiplications.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  notAfter: ['prune-magnitude', 'prune-activation', 'prune-nm', 'prune-obs', 'share-weights'].map((pass) => ({
    pass,
    because,
  })),
  async run(graph, options, context) {
    const layers = weightLayers(graph).filter((layer) => isCandidate(layer, options, context))
    const { positionsPerSample } = options
    const weighted = options.activations && context.calibration !== null
    const grams = weighted
      ? await collectGrams(graph, layers, context, { ...defaultGramOptions, positionsPerSample })
      : null
    const edit = new GraphEdit(graph)
    for (const [i, layer] of layers.entries()) {
      context.signal?.throwIfAborted()
      await factorizeLayer(edit, layer, grams?.get(layer.node.name) ?? null, options, context)
      context.progress((i + 1) / layers.length, layer.node.name)
    }
    return edit.changes > 0 ? edit.finish() : graph
  },
})

function isCandidate(
  { node, tensor, quant, groups, rows, columns }: WeightLayer,
  options: Params,
  context: PassContext,
) {
  if (quant || tensor.dtype !== 'f32' || groups !== 1 || rows * columns < options.minElements) return false
  if (node.op === 'ConvTranspose' || (node.op === 'Gemm' && attrNumber(node, 'transA', 0) === 1)) return false
  if (node.op === 'Gemm' && (attrNumber(node, 'alpha', 1) !== 1 || attrNumber(node, 'beta', 1) !== 1)) return false
  if (node.op === 'Conv' && options.kernels === 'dense' && tensor.shape.slice(2).some((size) => size !== 1))
    return false
  if (rows > mostRows) context.warn(say`${node.name} has more than ${mostRows} outputs and stays as it is`)
  return rows <= mostRows
}

async function factorizeLayer(
  edit: GraphEdit,
  layer: WeightLayer,
  gram: SquareStack | null,
  options: Params,
  context: PassContext,
) {
  const w = weightMatrix(layer)
  const eigen = symmetricEigen(await outputGram(context.kernels, w, gram), w.rows)
  const total = eigen.values.reduce((sum, value) => sum + Math.max(0, value), 0)
  const rank = rankOf(eigen, total, w, options)
  const share = (rank * (w.rows + w.columns)) / (w.rows * w.columns)
  const kept = eigen.values.subarray(0, rank).reduce((sum, value) => sum + Math.max(0, value), 0) / (total || 1)
  const facts = say`rank ${rank} of ${Math.min(w.rows, w.columns)} keeps ${(100 * kept).toFixed(2)} % of the energy`
  if (share > 1 - options.leastSaving) {
    context.log(say`${layer.node.name} stays: ${facts}, with ${(100 * share).toFixed(0)} % of the weights`)
    return
  }
  context.log(say`${layer.node.name}: ${facts}, with ${(100 * share).toFixed(0)} % of the weights`)
  const up = upperPart(eigen, w.rows, rank)
  const down = await context.kernels.multiply(transposed(up), w)
  replaceByTwo(edit, layer, down, up)
}

/** W H Wᵀ */
async function outputGram(kernels: Kernels, w: Matrix, gram: SquareStack | null): Promise<Float32Array> {
  const product = gram ? await timesStack(kernels, w, gram) : w.data
  return (await kernels.multiply({ ...w, data: product }, transposed(w))).data
}

function rankOf({ values }: Eigen, total: number, { rows, columns }: Matrix, { rank, energy, share }: Params): number {
  if (rank === 'share') return Math.max(1, Math.floor((share * rows * columns) / (rows + columns)))
  let kept = 0
  const found = values.findIndex((value) => {
    kept += Math.max(0, value)
    return kept >= energy * total
  })
  return found < 0 ? rows : found + 1
}

/** The first eigenvectors as columns. */
function upperPart({ vectors }: Eigen, rows: number, rank: number): Matrix {
  const data = Float32Array.from({ length: rows * rank }, (_, i) => vectors[(i % rank) * rows + Math.floor(i / rank)]!)
  return { rows, columns: rank, data }
}

function transposed({ rows, columns, data }: Matrix): Matrix {
  const turned = Float32Array.from(
    { length: data.length },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
  )
  return { rows: columns, columns: rows, data: turned }
}

/** `down` keeps the layer's place (strides, padding), `up` its bias and output. */
function replaceByTwo(edit: GraphEdit, { node, weights, tensor, channelAxis }: WeightLayer, down: Matrix, up: Matrix) {
  const constant = (name: string, part: Matrix, shape: readonly number[]) =>
    edit.addConstant(`${weights}.${name}`, f32Tensor(shape, (channelAxis === 1 ? transposed(part) : part).data))
  const shapeOf = ({ rows, columns }: Matrix) => (channelAxis === 1 ? [columns, rows] : [rows, columns])
  const kernel = tensor.shape.slice(2)
  const isConv = node.op === 'Conv'
  const first = constant('down', down, isConv ? [down.rows, ...tensor.shape.slice(1)] : shapeOf(down))
  const second = constant('up', up, isConv ? [up.rows, up.columns, ...kernel.map(() => 1)] : shapeOf(up))
  const middle = edit.addValue(`${node.outputs[0]}.down`, { dtype: 'f32', shape: null })
  const bias = node.inputs.slice(2)
  edit.replace(
    node,
    { ...node, name: `${node.name}.down`, inputs: [node.inputs[0]!, first], outputs: [middle] },
    { ...node, inputs: [middle, second, ...bias], attrs: isConv ? {} : node.attrs },
  )
}
