// The graph: ONNX semantics (NCHW, ONNX operator names), immutable. A change makes a new graph.
//
// Quantisation is a property of a value, never a pair of nodes: importers take QuantizeLinear/DequantizeLinear pairs out
// and set `quant` on the value between them; a constant with `quant` holds the integers themselves. A value with `quant`
// stands for real numbers: real = (integer - zeroPoint) * scale.
import type { DType } from './dtype.ts'
import type { Tensor } from './tensor.ts'

/** A size: known, or the name of a symbolic size (the batch). */
export type Dim = number | string
export type Shape = readonly Dim[]

export interface Quantization {
  /** int8 is stored in i8, uint8 in u8, biases in i32. */
  readonly dtype: 'i8' | 'u8' | 'i16' | 'i32'
  readonly bits: number
  /** Integers are within [min, max]; symmetric int8 weights use [-127, 127] when we choose them. */
  readonly min: number
  readonly max: number
  /** One entry for the whole tensor, or one per index of `axis`. Exactly representable in float32. */
  readonly scale: readonly number[]
  readonly zeroPoint: readonly number[]
  /** Index of the channel dimension when scale has more than one entry, else null. With blocks: the blocked dimension. */
  readonly axis: number | null
  /**
   * Elements along `axis` that share a scale (ONNX blocked quantisation, DequantizeLinear-21). scale and zeroPoint then
   * have the shape of the tensor with that dimension divided by blockSize, rounded up; row-major. Constants only.
   */
  readonly blockSize?: number
}

export interface Value {
  readonly name: string
  /** Type of the real values (f32 for a quantised value; its integers' type is in `quant`). */
  readonly dtype: DType
  /** null until shape inference has run, or where it cannot know. */
  readonly shape: Shape | null
  readonly quant?: Quantization
  /** Type of a graph input or output in the file when the file has the integers of `quant` there. */
  readonly outside?: DType
}

export type Attr = number | string | readonly number[] | readonly string[] | Tensor | Graph

export interface Node {
  /** Unique within the graph; made up by the importer when the file has none. */
  readonly name: string
  /** ONNX operator name, e.g. 'Conv'. */
  readonly op: string
  /** '' is the ONNX domain. */
  readonly domain: string
  /** Value names; '' for an optional input left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attrs: Readonly<Record<string, Attr>>
  /** Attributes the file stores as floats; what a whole number does not show. Only for writing the node back. */
  readonly floatAttrs?: readonly string[]
}

export interface Graph {
  readonly name: string
  /** Opset of the ONNX domain, and of others present. */
  readonly opsets: Readonly<Record<string, number>>
  /** Names of the values fed at run time (no constants), in the model's order. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** In topological order. */
  readonly nodes: readonly Node[]
  /** Every value by name: inputs, constants and what nodes make. */
  readonly values: ReadonlyMap<string, Value>
  /** Constant values (initialisers) by value name. */
  readonly constants: ReadonlyMap<string, Tensor>
}

/** Node that makes each value. */
export function producers(graph: Graph): ReadonlyMap<string, Node> {
  const made = new Map<string, Node>()
  for (const node of graph.nodes) for (const output of node.outputs) if (output) made.set(output, node)
  return made
}

/** Nodes that read each value, in graph order. A graph output is not a reader. */
export function readers(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const reading = new Map<string, Node[]>()
  for (const node of graph.nodes)
    for (const input of new Set(node.inputs)) {
      if (!input) continue
      const nodes = reading.get(input)
      if (nodes) nodes.push(node)
      else reading.set(input, [node])
    }
  return reading
}

export const isTensor = (attr: Attr): attr is Tensor =>
  typeof attr === 'object' && !Array.isArray(attr) && 'read' in attr

export const isGraph = (attr: Attr): attr is Graph =>
  typeof attr === 'object' && !Array.isArray(attr) && 'nodes' in attr && 'constants' in attr

export function attrNumber(node: Node, name: string, fallback: number): number {
  const value = node.attrs[name]
  return typeof value === 'number' ? value : fallback
}

export function attrNumbers(node: Node, name: string): readonly number[] | null {
  const value = node.attrs[name]
  return Array.isArray(value) && value.every((v) => typeof v === 'number') ? (value as readonly number[]) : null
}

export function attrString(node: Node, name: string, fallback: string): string {
  const value = node.attrs[name]
  return typeof value === 'string' ? value : fallback
}
