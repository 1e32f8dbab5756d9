// A rounded layer put into the graph: integers in the tensor's order, their grid as a property of the constant.
import type { Graph, Quantization } from '../../ir/graph.ts'
import { dequantizeTensor } from '../../ir/quantize.ts'
import { tensor } from '../../ir/tensor.ts'
import { fromRows, type WeightLayer } from '../layers.ts'
import { bitCount, hasGroups } from './grids.ts'
import type { RoundedLayer } from './round.ts'
import type { LayerSettings } from './settings.ts'

/** What a layer is given: integers in the tensor's order. */
export type AppliedLayer = Omit<RoundedLayer, 'integers'> & { readonly integers: Int8Array }

export const inTensorOrder = (layer: WeightLayer, rows: Int32Array): Int8Array => Int8Array.from(fromRows(layer, rows))

/** The bias becomes real where it was integers: its unit was the old scale of the weights. */
export function withLayer(graph: Graph, layer: WeightLayer, rounded: AppliedLayer, settings: LayerSettings): Graph {
  const { weights, tensor: held } = layer
  const quant = quantizationOf(layer, rounded, settings)
  const constants = new Map(graph.constants).set(weights, tensor('i8', held.shape, rounded.integers))
  const values = new Map(graph.values).set(weights, { name: weights, dtype: 'f32', shape: held.shape, quant })
  const bias = layer.bias ? graph.values.get(layer.bias)?.quant : undefined
  if (!layer.bias || !bias) return { ...graph, constants, values }
  const name = freeName(graph, `${layer.bias}.real`)
  const real = dequantizeTensor(graph.constants.get(layer.bias)!, bias)
  constants.set(name, real)
  values.set(name, { name, dtype: 'f32', shape: real.shape })
  const nodes = graph.nodes.map((node) =>
    node === layer.node ? { ...node, inputs: node.inputs.map((input, i) => (i === 2 ? name : input)) } : node,
  )
  if (!nodes.some(({ inputs }) => inputs.includes(layer.bias!))) {
    constants.delete(layer.bias)
    values.delete(layer.bias)
  }
  return { ...graph, nodes, constants, values }
}

function freeName(graph: Graph, wanted: string): string {
  let name = wanted
  for (let i = 1; graph.values.has(name); i++) name = `${wanted}_${i}`
  return name
}

function quantizationOf(layer: WeightLayer, rounded: AppliedLayer, settings: LayerSettings): Quantization {
  const { min, max } = rounded.limits
  const { scale, zeroPoint } = rounded.grids
  const common = { dtype: 'i8', bits: bitCount(settings.bits), min, max } as const
  if (hasGroups(layer, settings)) {
    const order = layer.channelAxis === 0 ? (list: ArrayLike<number>) => Array.from(list) : exchanged(layer.rows)
    const axis = 1 - layer.channelAxis
    return { ...common, scale: order(scale), zeroPoint: order(zeroPoint), axis, blockSize: settings.groupSize }
  }
  const each = <T extends ArrayLike<number>>(list: T) =>
    Array.from({ length: layer.rows / rounded.rowsPerGrid }, (_, i) => list[i * rounded.rowsPerGrid]!)
  const axis = rounded.rowsPerGrid === layer.rows && layer.rows > 1 ? null : layer.channelAxis
  return { ...common, scale: each(scale), zeroPoint: each(zeroPoint), axis }
}

/** Of a matrix that the tensor holds with rows and columns exchanged. */
const exchanged = (rows: number) => (list: ArrayLike<number>) => {
  const blocks = list.length / rows
  return Array.from({ length: list.length }, (_, i) => list[(i % rows) * blocks + Math.floor(i / rows)]!)
}
