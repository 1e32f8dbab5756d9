// Graph to ONNX, in a form that ONNX Runtime 1.30 takes.
import { type Attr, type Graph, isGraph, isTensor, type Node, type Shape, type Value } from '../../ir/graph.ts'
import { onnxTypes } from '../../ir/ops/cast.ts'
import { opDefinition } from '../../ir/ops/index.ts'
import { rawBytes, type Tensor } from '../../ir/tensor.ts'
import { type Encodable, encodeModel } from './encode.ts'
import { addQuantizationNodes, dropQuantization } from './explicit-quantization.ts'
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

export function writeOnnx(graph: Graph, { quantization }: WriteOptions): Uint8Array<ArrayBuffer> {
  const quantized = [...graph.values.values()].some((value) => value.quant)
  if (!quantized || quantization === 'drop') return encodeGraph(dropQuantization(graph))
  const keep = quantization === 'keep'
  const narrow = keep ? fourBitConstants(graph) : noNames
  const modern = narrow.size > 0 || (keep && hasBlocks(graph))
  return encodeGraph(addQuantizationNodes(upgradeOpset(graph, modern ? blockOpset : quantizationOpset), keep), narrow)
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

/** @param narrow constants to write with 4 bits an element, and with them their zero points */
function encodeGraph(graph: Graph, narrow: ReadonlySet<string> = noNames): Uint8Array<ArrayBuffer> {
  const opset = graph.opsets[''] ?? 13
  return encodeModel({
    irVersion: irVersions.find(([from]) => opset >= from)?.[1] ?? 8,
    producerName: 'shoehorn',
    graph: graphProto(graph, withZeroPoints(graph, narrow)),
    opsetImport: Object.entries({ '': opset, ...graph.opsets }).map(([domain, version]) => ({ domain, version })),
  })
}

function withZeroPoints({ nodes }: Graph, narrow: ReadonlySet<string>): ReadonlySet<string> {
  if (narrow.size === 0) return narrow
  const reading = nodes.filter(({ op, inputs }) => op === 'DequantizeLinear' && narrow.has(inputs[0]!))
  return new Set([...narrow, ...reading.flatMap(({ inputs }) => inputs[2] ?? [])])
}

function graphProto(graph: Graph, narrow: ReadonlySet<string> = noNames): Encodable<'GraphProto'> {
  // Types that nothing can infer are written for the reader.
  const unknown = graph.nodes.filter((node) => !opDefinition(node)).flatMap((node) => node.outputs)
  const told = unknown.filter((name) => graph.values.get(name)?.shape && !graph.outputs.includes(name))
  return {
    name: graph.name || 'graph',
    node: graph.nodes.map(nodeProto),
    initializer: [...graph.constants].map(([name, constant]) =>
      narrow.has(name) ? fourBitProto(name, constant) : tensorProto(name, constant),
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

const tensorProto = (name: string, constant: Tensor): Encodable<'TensorProto'> => ({
  name,
  dims: constant.shape,
  dataType: onnxTypes[constant.dtype],
  rawData: rawBytes(constant),
})

const fourBitProto = (name: string, constant: Tensor): Encodable<'TensorProto'> => ({
  name,
  dims: constant.shape,
  dataType: onnxInt4,
  rawData: packedNibbles(constant.read()),
})

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
