// Sets the weights of the smallest magnitude to zero. Nothing is trained, so accuracy falls with the share of zeros; a zero
// stays exactly zero on symmetric int8 grids.
import { z } from 'zod'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph, Quantization } from '../../ir/graph.ts'
import { dequantizeTensor, quantizeTensor } from '../../ir/quantize.ts'
import { elementsOf, f32Tensor, readFloats, type Tensor, tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass, type PassContext } from '../pass.ts'
import { layerFields, sparsityField } from '../prune/fields.ts'
import { type Cut, cutAt, withoutSmallest } from './smallest.ts'

const params = z.strictObject({
  sparsity: sparsityField,
  scope: z.enum(['layer', 'global']).default('layer').meta({
    title: 'Compared within',
    description: 'Each layer gets this share of zeros, or all layers together do, with one threshold.',
  }),
  ...layerFields,
})

type Params = z.infer<typeof params>

const weightedOps = ['Conv', 'Gemm', 'MatMul']

/** The weights of one or several layers that share them. */
interface Weights {
  readonly name: string
  readonly layers: readonly string[]
  readonly tensor: Tensor
  /** Of weights that are integers already. */
  readonly quant: Quantization | undefined
}

/** Read when their turn comes: all of them may be too much. */
const realValues = ({ tensor, quant }: Weights): Float32Array =>
  readFloats(quant ? dequantizeTensor(tensor, quant) : tensor)

interface Group {
  readonly members: readonly Weights[]
  readonly share: number
}

export const pruneMagnitude = definePass<Params>({
  name: 'prune-magnitude',
  title: 'Prune small weights',
  description: 'Sets the weights closest to zero to zero, which makes them cheap to store.',
  params,
  // Before, the weights are not yet those that will be multiplied.
  needs: ['constants', 'linear', 'batch-norm'],
  provides: ['masks'],
  lossy: true,
  async run(graph, options, context) {
    const found = weightsOf(graph, context)
    checkNames(found, options)
    const edit = new GraphEdit(graph)
    for (const group of groupsOf(found, options)) {
      context.signal?.throwIfAborted()
      prune(edit, group, context)
    }
    return edit.changes > 0 ? edit.finish() : graph
  },
})

function weightsOf(graph: Graph, context: PassContext): Weights[] {
  const layers = new Map<string, string[]>()
  for (const node of graph.nodes) {
    const name = node.inputs[1]
    if (node.domain !== '' || !weightedOps.includes(node.op) || !name || !graph.constants.has(name)) continue
    layers.set(name, [...(layers.get(name) ?? []), node.name])
  }
  return [...layers].flatMap(([name, readers]) => {
    const held = graph.constants.get(name)!
    const quant = graph.values.get(name)?.quant
    if (held.dtype === 'f32' || quant) return [{ name, layers: readers, tensor: held, quant }]
    context.warn(say`${readers.join(', ')}: weights of type ${held.dtype} stay as they are; widen-floats goes before`)
    return []
  })
}

function checkNames(found: readonly Weights[], { layers }: Params) {
  const known = new Set(found.flatMap(({ name, layers: readers }) => [name, ...readers]))
  const unknown = Object.keys(layers).filter((name) => !known.has(name))
  if (unknown.length === 0) return
  const problem = say`prune-magnitude: there is no layer ${unknown.join(', ')}; there are ${[...known].join(', ')}`
  throw new AppError('recipe.invalid', { problem })
}

function groupsOf(found: readonly Weights[], { sparsity, scope, layers, minElements }: Params): Group[] {
  const ownShare = ({ name, layers: readers }: Weights) =>
    [name, ...readers].map((each) => layers[each]).find((own) => own !== undefined)
  const single = (weights: Weights, own: number): Group => ({ members: [weights], share: own })
  const named = found.flatMap((weights) => {
    const own = ownShare(weights)
    return own === undefined ? [] : [single(weights, own)]
  })
  const others = found.filter(
    (weights) => ownShare(weights) === undefined && elementsOf(weights.tensor.shape) >= minElements,
  )
  const rest =
    scope === 'global' ? [{ members: others, share: sparsity }] : others.map((weights) => single(weights, sparsity))
  return [...named, ...rest]
}

function prune(edit: GraphEdit, { members, share: wanted }: Group, context: PassContext) {
  let cut: Cut = cutAt(members.map(realValues), wanted)
  for (const weights of members) {
    const { kept, left } = withoutSmallest(realValues(weights), cut)
    cut = left
    const zeros = kept.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)
    const percent = ((100 * zeros) / Math.max(1, kept.length)).toFixed(1)
    context.log(say`${weights.layers.join(', ')}: ${zeros} of ${kept.length} weights are zero (${percent} %)`)
    if (wanted > 0) replaceWeights(edit, weights, kept)
  }
}

/** Under a name of its own: something else may read the same constant in another way. */
function replaceWeights(edit: GraphEdit, { name, tensor: { shape }, quant }: Weights, kept: Float32Array) {
  const held = f32Tensor(shape, kept)
  const onGrid = quant ? tensor(quant.dtype, shape, quantizeTensor(held, quant).read()) : held
  const pruned = edit.addConstant(`${name}.pruned`, onGrid, quant)
  for (const node of edit.readersOf(name)) {
    if (!weightedOps.includes(node.op) || node.inputs[1] !== name) continue
    edit.replace(node, { ...node, inputs: node.inputs.map((input, i) => (i === 1 ? pruned : input)) })
  }
}
