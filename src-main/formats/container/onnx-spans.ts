// Tensors of an ONNX file: raw_data, data in files beside it, and the packed lists of floats and doubles; in initialisers and in
// attributes, subgraphs too.
import { posix } from 'node:path'
import type { ByteSource } from '../../base/source.ts'
import type { DType } from '../../ir/dtype.ts'
import { dtypeOfOnnx } from '../../ir/ops/cast.ts'
import { type Decoded, decodeModel } from '../onnx/decode.ts'
import { externalRange, type Siblings } from '../onnx/external.ts'
import type { BesideSource } from './files.ts'
import type { TensorSpan } from './span.ts'

export function onnxSpans(
  source: ByteSource,
  siblings: Siblings,
): { readonly tensors: TensorSpan[]; readonly beside: readonly BesideSource[] } {
  const { graph } = decodeModel(source)
  const beside = new BesideFiles(source.size, siblings)
  const tensors = graph ? [...graphTensors(graph)].flatMap((tensor) => spansOf(tensor, beside)) : []
  return { tensors, beside: beside.files }
}

/** Files beside the model, each once, opened when first named. */
class BesideFiles {
  readonly files: BesideSource[] = []
  readonly #starts = new Map<ByteSource, number>()
  readonly #siblings: Siblings
  /** Of the bytes of all files so far. */
  #end: number

  constructor(modelBytes: number, siblings: Siblings) {
    this.#end = modelBytes
    this.#siblings = siblings
  }

  /** Where a tensor's bytes are when all files are one. */
  rangeOf(tensor: Decoded<'TensorProto'>): { offset: number; length: number } {
    const { source, offset, length } = externalRange((path) => this.#open(path), tensor, tensor.name ?? '')
    return { offset: this.#starts.get(source)! + offset, length }
  }

  #open(path: string): ByteSource | null {
    const plain = posix.normalize(path)
    const known = this.files.find((file) => file.path === plain)
    if (known) return known.source
    const source = this.#siblings(plain)
    if (!source) return null
    this.files.push({ path: plain, source })
    this.#starts.set(source, this.#end)
    this.#end += source.size
    return source
  }
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

/** TensorProto.DataLocation. */
const externalData = 1

function spansOf(tensor: Decoded<'TensorProto'>, beside: BesideFiles): TensorSpan[] {
  const dtype = dtypeOfOnnx(tensor.dataType ?? 0)
  const named = { name: tensor.name ?? '', shape: tensor.dims }
  const lists: [DType, typeof tensor.floatData][] = [
    ['f32', tensor.floatData],
    ['f64', tensor.doubleData],
  ]
  const listed = lists.flatMap(([type, ranges]) => ranges.map((range) => ({ ...range, ...named, dtype: type })))
  const range = tensor.dataLocation === externalData ? beside.rangeOf(tensor) : tensor.rawData
  // element types that the graph does not know are bytes here
  const raw = range ? [{ ...range, ...named, dtype: dtype ?? ('u8' as const) }] : []
  return [...raw, ...listed].map(({ offset, length, name, dtype: type, shape }) => ({
    offset,
    length,
    name,
    dtype: type,
    shape,
  }))
}
