// Small quantised graphs for the lowering tests.

import { type Random, seededRandom } from '../../../src-main/base/random.ts'
import type { Attr, Graph, Node, Quantization, Value } from '../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { elementsOf, f32Tensor, i64Tensor, type Tensor, tensor } from '../../../src-main/ir/tensor.ts'
import { opInputs, type Plan } from '../../../src-main/targets/plan.ts'

export const quant = (scale: number, zeroPoint = 0, dtype: 'i8' | 'u8' = 'i8'): Quantization => ({
  dtype,
  bits: 8,
  min: dtype === 'i8' ? -128 : 0,
  max: dtype === 'i8' ? 127 : 255,
  scale: [Math.fround(scale)],
  zeroPoint: [zeroPoint],
  axis: null,
})

export interface NodeSpec {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attrs?: Readonly<Record<string, Attr>>
}

export interface GraphSpec {
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly outputs: readonly string[]
  readonly nodes: readonly NodeSpec[]
  readonly constants?: Readonly<Record<string, Constant>>
  /** Quantisation of inputs and of what nodes make. */
  readonly quants: Readonly<Record<string, Quantization>>
  readonly opset?: number
}

export interface Constant {
  readonly tensor: Tensor
  readonly quant?: Quantization
}

export function graphOf(spec: GraphSpec): Graph {
  const values = new Map<string, Value>()
  const constants = new Map<string, Tensor>()
  const add = (name: string, shape: readonly number[] | null) =>
    values.set(name, { name, dtype: 'f32', shape, quant: spec.quants[name] })
  for (const [name, shape] of Object.entries(spec.inputs)) add(name, shape)
  for (const [name, constant] of Object.entries(spec.constants ?? {})) {
    constants.set(name, constant.tensor)
    const dtype = constant.quant ? 'f32' : constant.tensor.dtype
    values.set(name, { name, dtype, shape: constant.tensor.shape, quant: constant.quant })
  }
  for (const node of spec.nodes) for (const output of node.outputs) add(output, null)
  const nodes = spec.nodes.map(
    (node, i): Node => ({ name: `${node.op}_${i}`, domain: '', ...node, attrs: node.attrs ?? {} }),
  )
  return inferShapes({
    name: 'test',
    opsets: { '': spec.opset ?? 17 },
    inputs: Object.keys(spec.inputs),
    outputs: spec.outputs,
    nodes,
    values,
    constants,
  })
}

/** Symmetric int8 weights with one scale per index of `axis`. */
export function weights(shape: readonly number[], axis: number, random: Random, largest = 0.5): Constant {
  const data = Int8Array.from({ length: elementsOf(shape) }, () => random.below(255) - 127)
  const scale = Array.from({ length: shape[axis]! }, () => Math.fround((largest * (0.5 + random.next())) / 127))
  const zeroPoint = scale.map(() => 0)
  return {
    tensor: tensor('i8', shape, data),
    quant: { dtype: 'i8', bits: 8, min: -127, max: 127, scale, zeroPoint, axis },
  }
}

export const floats = (shape: readonly number[], random: Random, size = 1): Constant => ({
  tensor: f32Tensor(
    shape,
    Array.from({ length: elementsOf(shape) }, () => (2 * random.next() - 1) * size),
  ),
})

export const ints = (...numbers: readonly number[]): Constant => ({ tensor: i64Tensor([numbers.length], numbers) })
export const scalar = (number: number): Constant => ({ tensor: f32Tensor([], [number]) })
export const listOf = (...numbers: readonly number[]): Constant => ({ tensor: f32Tensor([numbers.length], numbers) })

export const random = (seed: number) => seededRandom(seed)

/** One line an operator, for golden plans. */
export function printPlan(plan: Plan): string[] {
  const name = (index: number) => {
    const { name, shape, place } = plan.tensors[index]!
    return `${name}[${shape.join('x')}]${place.kind === 'constant' ? '!' : ''}`
  }
  return plan.ops.map((op) => `${name(op.output)} = ${op.kind}(${opInputs(op).map(name).join(', ')})`)
}
