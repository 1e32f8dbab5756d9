// Tensors of an ONNX file: raw_data and the packed lists of floats and doubles, in initialisers and in attributes, subgraphs too.
import type { ByteSource } from '../../base/source.ts'
import type { DType } from '../../ir/dtype.ts'
import { dtypeOfOnnx } from '../../ir/ops/cast.ts'
import { type Decoded, decodeModel } from '../onnx/decode.ts'
import type { TensorSpan } from './span.ts'

export function onnxSpans(source: ByteSource): TensorSpan[] {
  const { graph } = decodeModel(source)
  return graph ? [...graphTensors(graph)].flatMap(spansOf) : []
}

/** Every tensor that the file holds, with a name for those that have none. */
export function* graphTensors(graph: Decoded<'GraphProto'>): Generator<Decoded<'TensorProto'>> {
  yield* graph.initializer
  for (const node of graph.node)
    for (const attribute of node.attribute) {
      if (attribute.t) yield { ...attribute.t, name: attribute.t.name || (node.output[0] ?? node.name ?? '') }
      if (attribute.g) yield* graphTensors(attribute.g)
    }
}

function spansOf(tensor: Decoded<'TensorProto'>): TensorSpan[] {
  const dtype = dtypeOfOnnx(tensor.dataType ?? 0)
  const named = { name: tensor.name ?? '', shape: tensor.dims }
  const lists: [DType, typeof tensor.floatData][] = [
    ['f32', tensor.floatData],
    ['f64', tensor.doubleData],
  ]
  const listed = lists.flatMap(([type, ranges]) => ranges.map((range) => ({ ...range, ...named, dtype: type })))
  // element types that the graph does not know are bytes here
  const raw = tensor.rawData ? [{ ...tensor.rawData, ...named, dtype: dtype ?? ('u8' as const) }] : []
  return [...raw, ...listed].map(({ offset, length, name, dtype: type, shape }) => ({
    offset,
    length,
    name,
    dtype: type,
    shape,
  }))
}
