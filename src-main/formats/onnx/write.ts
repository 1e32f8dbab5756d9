// Graph to ONNX, in a form that ONNX Runtime 1.30 takes.
import { bytesOf } from '../../base/bytes.ts'
import type { TypedArray } from '../../ir/dtype.ts'
import { type Attr, type Graph, isGraph, isTensor, type Node, type Shape, type Value } from '../../ir/graph.ts'
import { onnxTypes } from '../../ir/ops/cast.ts'
import { opDefinition } from '../../ir/ops/index.ts'
import { bytesOfTensor, elementsOf, piecesOf, type Tensor } from '../../ir/tensor.ts'
import { type DeferredBytes, deferModel, type Encodable, wholeOf } from './encode.ts'
import { addQuantizationNodes, dropQuantization } from './explicit-quantization.ts'
import { ExternalData } from './external-data.ts'
import { onnxInt4, packedNibbles } from './nibbles.ts'
import { attributeTypes } from './schema.ts'
import { blockOpset, quantizationOpset, upgradeOpset } from './upgrade.ts'

export interface WriteOptions {
  /**
   * fake: quantised values are rounded by QuantizeLinear and DequantizeLinear, inputs and outputs are floats.
   * drop: no rounding; quantised constants become floats. keep: as fake, with the integer inputs and outputs of the file,
   * scales per block as such, and weights of up to 4 bits as ONNX's 4-bit integers (both from opset 21 on).
   */
  readonly quantization: 'fake' | 'drop' | 'keep'
}

/** Limit of a Protocol Buffers message, bytes. */
const largestMessage = 2 ** 31 - 1

export interface LayoutOptions extends WriteOptions {
  /** Name of the file for weights beside the model, should one be needed. */
  readonly dataFile: string
  /** Bytes from which on weights go there; what a message can hold when left out. */
  readonly largestModel?: number
}

/** A model as the bytes of its files. */
export interface OnnxLayout {
  readonly model: DeferredBytes
  /** Content of `dataFile`; null where the model holds everything itself. */
  readonly data: DeferredBytes | null
}

/** Nothing of the weights is read before the bytes are asked for. */
export function layOutOnnx(graph: Graph, options: LayoutOptions): OnnxLayout {
  const written = writable(graph, options)
  const model = encodeGraph(written, null)
  if (model.length <= (options.largestModel ?? largestMessage)) return { model, data: null }
  const external = new ExternalData(options.dataFile)
  return { model: encodeGraph(written, external), data: external.content() }
}

export function writeOnnx(graph: Graph, options: WriteOptions): Uint8Array<ArrayBuffer> {
  return wholeOf(encodeGraph(writable(graph, options), null))
}

interface WritableGraph {
  readonly graph: Graph
  /** Constants to write with 4 bits an element, and with them their zero points. */
  readonly narrow: ReadonlySet<string>
}

function writable(graph: Graph, { quantization }: WriteOptions): WritableGraph {
  const quantized = [...graph.values.values()].some((value) => value.quant)
  if (!quantized || quantization === 'drop') return { graph: dropQuantization(graph), narrow: noNames }
  const keep = quantization === 'keep'
  const narrow = keep ? fourBitConstants(graph) : noNames
  const modern = narrow.size > 0 || (keep && hasBlocks(graph))
  const explicit = addQuantizationNodes(upgradeOpset(graph, modern ? blockOpset : quantizationOpset), keep)
  return { graph: explicit, narrow: withZeroPoints(explicit, narrow) }
}

const noNames: ReadonlySet<string> = new Set()
const hasBlocks = (graph: Graph) => [...graph.values.values()].some(({ quant }) => quant?.blockSize !== undefined)

/** Constants whose integers are within int4, and whose zero points are. */
function fourBitConstants(graph: Graph): ReadonlySet<string> {
  return new Set(
    [...graph.constants.keys()].filter((name) => {
      const quant = graph.values.get(name)?.quant
      return (
        quant?.dtype === 'i8' && quant.bits <= 4 && quant.min >= -8 && quant.max <= 7 && !graph.outputs.includes(name)
      )
    }),
  )
}

/** IR version that belongs to each opset (Versioning in the ONNX specification). */
const irVersions: readonly (readonly [opset: number, irVersion: number])[] = [
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
]

/** @param external where large constants go; null: all are in the model */
function encodeGraph({ graph, narrow }: WritableGraph, external: ExternalData | null): DeferredBytes {
  const opset = graph.opsets[''] ?? 13
  return deferModel({
    irVersion: irVersions.find(([from]) => opset >= from)?.[1] ?? 8,
    producerName: 'shoehorn',
    graph: graphProto(graph, narrow, external),
    opsetImport: Object.entries({ '': opset, ...graph.opsets }).map(([domain, version]) => ({ domain, version })),
  })
}

function withZeroPoints({ nodes }: Graph, narrow: ReadonlySet<string>): ReadonlySet<string> {
  if (narrow.size === 0) return narrow
  const reading = nodes.filter(({ op, inputs }) => op === 'DequantizeLinear' && narrow.has(inputs[0]!))
  return new Set([...narrow, ...reading.flatMap(({ inputs }) => inputs[2] ?? [])])
}

function graphProto(
  graph: Graph,
  narrow: ReadonlySet<string> = noNames,
  external: ExternalData | null = null,
): Encodable<'GraphProto'> {
  // Types that nothing can infer are written for the reader.
  const unknown = graph.nodes.filter((node) => !opDefinition(node)).flatMap((node) => node.outputs)
  const told = unknown.filter((name) => graph.values.get(name)?.shape && !graph.outputs.includes(name))
  return {
    name: graph.name || 'graph',
    node: graph.nodes.map(nodeProto),
    initializer: [...graph.constants].map(([name, constant]) =>
      placed(narrow.has(name) ? fourBitProto(name, constant) : tensorProto(name, constant), external),
    ),
    input: graph.inputs.map((name) => valueProto(graph, name)),
    output: graph.outputs.map((name) => valueProto(graph, name)),
    valueInfo: told.map((name) => valueProto(graph, name)),
  }
}

function valueProto(graph: Graph, name: string): Encodable<'ValueInfoProto'> {
  const value: Value | undefined = graph.values.get(name)
  // Nothing is known about an output of unknown shape, not even its type; readers infer it.
  if (!value || (!value.shape && !graph.inputs.includes(name))) return { name }
  const shape = value.shape ? { shape: shapeProto(value.shape) } : {}
  return { name, type: { tensorType: { elemType: onnxTypes[value.dtype], ...shape } } }
}

const shapeProto = (shape: Shape): Encodable<'TensorShapeProto'> => ({
  dim: shape.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })),
})

interface TensorMessage {
  readonly name: string
  readonly dims: readonly number[]
  readonly dataType: number
  readonly rawData: DeferredBytes
}

const tensorProto = (name: string, constant: Tensor): TensorMessage => ({
  name,
  dims: constant.shape,
  dataType: onnxTypes[constant.dtype],
  rawData: deferred(bytesOfTensor(constant), constant, bytesOf),
})

const fourBitProto = (name: string, constant: Tensor): TensorMessage => ({
  name,
  dims: constant.shape,
  dataType: onnxInt4,
  rawData: deferred(Math.ceil(elementsOf(constant.shape) / 2), constant, packedNibbles),
})

/** A tensor's bytes, piece by piece. */
const deferred = (length: number, constant: Tensor, encode: (data: TypedArray) => Uint8Array): DeferredBytes => ({
  length,
  *chunks() {
    for (const { data } of piecesOf(constant)) yield encode(data)
  },
})

function placed({ rawData, ...rest }: TensorMessage, external: ExternalData | null): Encodable<'TensorProto'> {
  const place = external?.place(rawData)
  return place ? { ...rest, ...place } : { ...rest, rawData }
}

const nodeProto = (node: Node): Encodable<'NodeProto'> => ({
  input: node.inputs,
  output: node.outputs,
  name: node.name,
  opType: node.op,
  domain: node.domain,
  attribute: Object.entries(node.attrs).map(([name, attr]) => ({ name, ...attributeProto(node, name, attr) })),
})

function attributeProto(node: Node, name: string, attr: Attr): Encodable<'AttributeProto'> {
  if (typeof attr === 'string') return { type: attributeTypes.string, s: attr }
  if (typeof attr === 'number')
    return isFloatAttr(node, name, [attr])
      ? { type: attributeTypes.float, f: attr }
      : { type: attributeTypes.int, i: attr }
  if (isTensor(attr)) return { type: attributeTypes.tensor, t: tensorProto('', attr) }
  if (isGraph(attr)) return { type: attributeTypes.graph, g: graphProto(attr) }
  if (attr.some((element) => typeof element === 'string'))
    return { type: attributeTypes.strings, strings: attr.map(String) }
  const numbers = attr.map(Number)
  const floats = isFloatAttr(node, name, numbers)
  return floats ? { type: attributeTypes.floats, floats: numbers } : { type: attributeTypes.ints, ints: numbers }
}

/** Attributes that the ONNX operators declare as floats, whatever their value looks like. */
const floatAttributes: ReadonlySet<string> = new Set([
  ...['alpha', 'beta', 'gamma', 'epsilon', 'momentum', 'ratio', 'bias', 'lambd', 'min', 'max', 'value', 'threshold'],
  ...[
    'scales',
    'value_float',
    'value_floats',
    'extrapolation_value',
    'cubic_coeff_a',
    'spatial_scale',
    'norm_coefficient',
  ],
  ...['mean', 'scale', 'high', 'low'],
])

function isFloatAttr(node: Node, name: string, numbers: readonly number[]): boolean {
  return node.floatAttrs?.includes(name) || floatAttributes.has(name) || !numbers.every(Number.isInteger)
}
