// Large layers, some rows at a time: rounding to the nearest looks at one row after the other, so neither the floats nor
// anything made from them has to be in memory whole. Only the integers are kept, one byte each.

import { elementsOf, f32Tensor, readColumns, readFloatRange, readFloats } from '../../ir/tensor.ts'
import type { Kernels } from '../../kernels/kernels.ts'
import { isTransposed, type WeightLayer } from '../layers.ts'
import { concatGrids } from './grids.ts'
import { type LostZeros, lostZeros } from './lost-zeros.ts'
import { type RoundedLayer, roundLayer } from './round.ts'
import type { LayerSettings } from './settings.ts'

/** Of the layers that are rounded whole, and of the slabs of the others: 16 MB as floats, and a few copies of that. */
const slabElements = 2 ** 22

/** What is left of a layer when its slabs have been rounded. */
export interface RoundedSlabs extends Omit<RoundedLayer, 'integers'> {
  /** In the tensor's order. */
  readonly integers: Int8Array
  readonly zeros: LostZeros
}

/** Whether no row of a layer depends on another, and the layer is worth the trouble. */
export function isRoundedInSlabs(
  { node, quant, groups, tensor }: WeightLayer,
  { method, granularity }: LayerSettings,
): boolean {
  const independent = method === 'nearest' && granularity !== 'tensor' && groups === 1 && node.op !== 'ConvTranspose'
  return independent && !quant && elementsOf(tensor.shape) > slabElements
}

export async function roundInSlabs(
  kernels: Kernels,
  layer: WeightLayer,
  settings: LayerSettings,
  signal?: AbortSignal,
): Promise<RoundedSlabs> {
  const { rows, columns } = layer
  const height = Math.max(1, Math.floor(slabElements / columns))
  const integers = new Int8Array(rows * columns)
  const read = rowReader(layer)
  const parts: RoundedLayer[] = []
  const zeros = { zeros: 0, lost: 0 }
  for (let from = 0; from < rows; from += height) {
    signal?.throwIfAborted()
    const count = Math.min(height, rows - from)
    const weights = { rows: count, columns, data: read(from, count) }
    const rounded = await roundLayer(kernels, slabOf(layer, count), weights, null, settings)
    store(integers, layer, rounded.integers, from)
    const { zeros: found, lost } = lostZeros(weights, rounded)
    zeros.zeros += found
    zeros.lost += lost
    parts.push({ ...rounded, integers: new Int32Array(0) })
  }
  return { ...parts[0]!, grids: concatGrids(parts.map(({ grids }) => grids)), integers, zeros }
}

/** The layer as if it had only these rows. */
function slabOf(layer: WeightLayer, rows: number): WeightLayer {
  const shape = layer.tensor.shape.map((dim, i) => (i === layer.channelAxis ? rows : dim))
  return { ...layer, rows, tensor: { ...layer.tensor, shape } }
}

/** Gives `count` rows from `from` on. */
function rowReader(layer: WeightLayer): (from: number, count: number) => Float32Array {
  const { tensor, columns } = layer
  // A tensor that cannot be read in parts is read once.
  const held = tensor.readRange ? tensor : f32Tensor(tensor.shape, readFloats(tensor))
  return isTransposed(layer)
    ? (from, count) => readColumns(held, from, count)
    : (from, count) => readFloatRange(held, from * columns, count * columns)
}

/** Puts a slab's integers where the tensor has them. */
function store(into: Int8Array, layer: WeightLayer, slab: Int32Array, from: number) {
  const { rows, columns } = layer
  if (!isTransposed(layer)) return into.set(slab, from * columns)
  for (let i = 0; i < slab.length; i++) into[(i % columns) * rows + from + Math.floor(i / columns)] = slab[i]!
}
