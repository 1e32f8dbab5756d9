// Biases of a block's layers, optimised with its weights: they take up what rounding shifts.
import { Adam } from '../../engine/gradient/adam.ts'
import { attrNumber, type Graph, readers } from '../../ir/graph.ts'
import { f32Tensor, readFloats } from '../../ir/tensor.ts'
import { layerOf } from '../layers.ts'
import type { Block } from './blocks.ts'

export class BiasValues {
  readonly shape: readonly number[]
  readonly values: Float32Array
  readonly #adam: Adam
  /** Of a step of size 1. */
  readonly #unit: number

  constructor(shape: readonly number[], values: Float32Array) {
    this.shape = shape
    this.values = values.slice()
    this.#adam = new Adam(values.length)
    this.#unit = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
  }

  /** @param rate as a share of the root mean square that the biases had */
  step(gradient: Float32Array, rate: number) {
    this.#adam.step(this.values, gradient, rate * this.#unit)
  }
}

/** Float biases that one layer alone reads, by name. */
export function biasesOf(graph: Graph, block: Block): Map<string, BiasValues> {
  const reading = readers(graph)
  const found = new Map<string, BiasValues>()
  for (const { name } of block.layers) {
    const layer = layerOf(graph, graph.nodes.find((node) => node.name === name)!)
    const held = layer?.bias ? graph.constants.get(layer.bias) : undefined
    if (!layer?.bias || !held || held.dtype !== 'f32' || reading.get(layer.bias)!.length > 1) continue
    if (graph.outputs.includes(layer.bias) || attrNumber(layer.node, 'beta', 1) === 0) continue
    found.set(layer.bias, new BiasValues(held.shape, readFloats(held)))
  }
  return found
}

export function withBiases(graph: Graph, biases: ReadonlyMap<string, BiasValues>): Graph {
  const constants = new Map(graph.constants)
  for (const [name, { shape, values }] of biases) constants.set(name, f32Tensor(shape, values.slice()))
  return { ...graph, constants }
}
