// An ONNX file of large dense layers, written without ever being in memory whole.
import { seededRandom } from '../../src-main/base/random.ts'
import { type WrittenModel, writeOnnxFile } from '../../src-main/formats/onnx/write-file.ts'
import type { Graph, Node, Value } from '../../src-main/ir/graph.ts'
import { f32Tensor, type Tensor } from '../../src-main/ir/tensor.ts'

/** Widths of the activations: each layer is 31 457 280 weights, 126 MB; four are 503 MB. */
export const widths = [4096, 7680, 4096, 7680, 4096] as const

/** Normal numbers that are made once. Layers begin at other places in them, so that no two are alike. */
const poolSize = 2 ** 20 + 7
const pool = Float32Array.from(
  { length: poolSize },
  (
    (random) => () =>
      random.normal()
  )(seededRandom(4)),
)

/** Normal with variance 2 / inputs (He et al. 2015); every 61st output channel is four times as wide. */
function weights(shape: readonly [number, number], inRows: boolean, layer: number): Tensor {
  const inputs = shape[inRows ? 1 : 0]
  const spread = Math.sqrt(2 / inputs)
  const readRange = (first: number, count: number) => {
    const data = new Float32Array(count)
    for (let k = 0; k < count; k++) {
      const i = first + k
      const channel = inRows ? Math.floor(i / shape[1]) : i % shape[1]
      const wide = channel % 61 === 60 ? 4 : 1
      data[k] = spread * wide * pool[(i + 9973 * layer) % poolSize]!
    }
    return data
  }
  return { dtype: 'f32', shape, read: () => readRange(0, shape[0] * shape[1]), readRange }
}

/** The ways in which exporters write a dense layer, one after the other. */
const forms = ['rows', 'matmul', 'columns', 'rows'] as const

export function largeGraph(sizes: readonly number[] = widths): Graph {
  const values = new Map<string, Value>()
  const constants = new Map<string, Tensor>()
  const nodes: Node[] = []
  const value = (name: string, width: number) => values.set(name, { name, dtype: 'f32', shape: ['N', width] })
  const constant = (name: string, held: Tensor) => {
    constants.set(name, held)
    values.set(name, { name, dtype: held.dtype, shape: held.shape })
  }
  const node = (op: string, inputs: readonly string[], output: string, width: number, attrs: Node['attrs'] = {}) => {
    nodes.push({ name: output, op, domain: '', inputs, outputs: [output], attrs })
    value(output, width)
  }
  value('x', sizes[0]!)
  sizes.slice(1).forEach((outputs, i) => {
    const inputs = sizes[i]!
    const form = forms[i % forms.length]!
    const last = i === sizes.length - 2
    const [from, sum] = [i === 0 ? 'x' : `relu${i - 1}`, last ? 'y' : `sum${i}`]
    constant(`w${i}`, weights(form === 'rows' ? [outputs, inputs] : [inputs, outputs], form === 'rows', i))
    constant(
      `b${i}`,
      f32Tensor(
        [outputs],
        pool.subarray(i, i + outputs).map((v) => 0.1 * v),
      ),
    )
    if (form === 'matmul') {
      node('MatMul', [from, `w${i}`], `product${i}`, outputs)
      node('Add', [`product${i}`, `b${i}`], sum, outputs)
    } else node('Gemm', [from, `w${i}`, `b${i}`], sum, outputs, { transB: form === 'rows' ? 1 : 0 })
    if (!last) node('Relu', [sum], `relu${i}`, outputs)
  })
  return { name: 'large', opsets: { '': 17 }, inputs: ['x'], outputs: ['y'], nodes, values, constants }
}

/** @param external weights in a file of their own */
export function writeLargeModel(path: string, external: boolean, sizes?: readonly number[]): Promise<WrittenModel> {
  return writeOnnxFile(largeGraph(sizes), path, { quantization: 'drop', ...(external ? { largestModel: 0 } : {}) })
}
