// What the pruning passes work on: constant weights with every layer that reads them, and the share of zeros each is to get.
import { AppError } from '../../base/errors.ts'
import { type Note, say, sentence } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { quantizeTensor } from '../../ir/quantize.ts'
import { elementsOf, f32Tensor, tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { fromRows, layerOf, type WeightLayer, weightLayers } from '../layers.ts'

/** The weights of one or several layers that share them. */
export interface PruneTarget {
  /** Name of the constant. */
  readonly name: string
  /** In graph order; their matrices are the same. */
  readonly layers: readonly WeightLayer[]
}

export const firstLayer = ({ layers }: PruneTarget): WeightLayer => layers[0]!
export const titleOf = ({ layers }: PruneTarget) => layers.map(({ node }) => node.name).join(', ')

/** Constants of float or quantised weights, in graph order; others are named to `warn`. */
export function pruneTargets(graph: Graph, warn: (line: Note) => void): PruneTarget[] {
  const byName = new Map<string, WeightLayer[]>()
  for (const layer of weightLayers(graph)) byName.set(layer.weights, [...(byName.get(layer.weights) ?? []), layer])
  return [...byName].flatMap(([name, layers]) => {
    const target = { name, layers }
    const problem = problemOf(target)
    if (problem) warn(sentence('{layer}: {problem}', { layer: titleOf(target), problem }))
    return problem ? [] : [target]
  })
}

function problemOf({ layers }: PruneTarget): Note | null {
  const [{ tensor: held, quant, groups, rows, columns }] = layers as [WeightLayer]
  if (held.dtype !== 'f32' && !quant)
    return say`weights of type ${held.dtype} stay as they are; widen-floats goes before`
  const alike = layers.every((layer) => layer.groups === groups && layer.rows === rows && layer.columns === columns)
  return alike ? null : say`layers that read the same weights in different ways stay as they are`
}

export interface LayerShares {
  readonly layers: Readonly<Record<string, number>>
  readonly minElements: number
}

export const weightCount = (target: PruneTarget) => elementsOf(firstLayer(target).tensor.shape)

/** The share that a layer is given by name, null without. */
export const namedShare = ({ name, layers: readers }: PruneTarget, { layers }: LayerShares): number | null =>
  [name, ...readers.map(({ node }) => node.name)].map((each) => layers[each]).find((own) => own !== undefined) ?? null

/** Targets that take part: those named with a share above 0, and the large ones that are not named. */
export function chosenTargets(targets: readonly PruneTarget[], options: LayerShares, pass: string): PruneTarget[] {
  checkNames(targets, options, pass)
  return targets.filter((target) => {
    const own = namedShare(target, options)
    return own === null ? weightCount(target) >= options.minElements : own > 0
  })
}

function checkNames(targets: readonly PruneTarget[], { layers }: LayerShares, pass: string) {
  const known = new Set(targets.flatMap(({ name, layers: readers }) => [name, ...readers.map(({ node }) => node.name)]))
  const unknown = Object.keys(layers).filter((name) => !known.has(name))
  if (unknown.length === 0) return
  const problem = say`${pass}: there is no layer ${unknown.join(', ')}; there are ${[...known].join(', ')}`
  throw new AppError('recipe.invalid', { problem })
}

/**
 * The graph with other weights for a target, one row of `data` after the other. The constant gets a name of its own:
 * something else may read it in another way. Integer weights stay on their grid.
 */
export function withWeights(graph: Graph, target: PruneTarget, data: Float32Array, suffix: string): Graph {
  const edit = new GraphEdit(graph)
  const { tensor: old, quant } = firstLayer(target)
  const held = f32Tensor(old.shape, fromRows(firstLayer(target), data))
  const stored = quant ? tensor(quant.dtype, old.shape, quantizeTensor(held, quant).read()) : held
  const name = edit.addConstant(`${target.name}.${suffix}`, stored, quant)
  for (const node of edit.readersOf(target.name)) {
    if (node.inputs[1] !== target.name || !layerOf(graph, node)) continue
    edit.replace(node, { ...node, inputs: node.inputs.map((input, i) => (i === 1 ? name : input)) })
  }
  return edit.finish()
}

export function zeroNote(target: PruneTarget, data: Float32Array): Note {
  const zeros = data.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)
  const percent = ((100 * zeros) / Math.max(1, data.length)).toFixed(1)
  return say`${titleOf(target)}: ${zeros} of ${data.length} weights are zero (${percent} %)`
}
