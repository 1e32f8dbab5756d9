// Small graphs for the pass tests, written as short as they can be.
import { seededRandom } from '../../../src-main/base/random.ts'
import type { Attr, Graph, Node, Quantization, Shape, Value } from '../../../src-main/ir/graph.ts'
import { inferShapes } from '../../../src-main/ir/infer.ts'
import { f32Tensor, i64Tensor, type Tensor } from '../../../src-main/ir/tensor.ts'

export type NodeRow = readonly [op: string, inputs: string, outputs: string, attrs?: Readonly<Record<string, Attr>>]

export interface GraphRows {
  readonly inputs: Readonly<Record<string, Shape>>
  readonly outputs: string
  readonly constants?: Readonly<Record<string, Tensor>>
  readonly nodes: readonly NodeRow[]
  readonly quants?: Readonly<Record<string, Quantization>>
  readonly opset?: number
}

/** Value names are separated by blanks; '_' stands for an input left out. */
export function makeGraph({ inputs, outputs, constants = {}, nodes, quants = {}, opset = 13 }: GraphRows): Graph {
  const made = nodes.map(
    ([op, from, to, attrs = {}], i): Node => ({
      name: `${op.toLowerCase()}${i}`,
      op,
      domain: '',
      inputs: namesOf(from),
      outputs: namesOf(to),
      attrs,
    }),
  )
  const values = new Map<string, Value>()
  for (const [name, shape] of Object.entries(inputs)) values.set(name, { name, dtype: 'f32', shape })
  for (const [name, { dtype, shape }] of Object.entries(constants)) values.set(name, { name, dtype, shape })
  for (const name of made.flatMap((node) => node.outputs)) values.set(name, { name, dtype: 'f32', shape: null })
  for (const [name, quant] of Object.entries(quants)) values.set(name, { ...values.get(name)!, dtype: 'f32', quant })
  return inferShapes({
    name: 'small',
    opsets: { '': opset },
    inputs: Object.keys(inputs),
    outputs: namesOf(outputs),
    nodes: made,
    values,
    constants: new Map(Object.entries(constants)),
  })
}

const namesOf = (text: string) => (text === '' ? [] : text.split(' ').map((name) => (name === '_' ? '' : name)))

/** Normally distributed, the same at every run. */
export function noise(shape: readonly number[], seed = 1, spread = 1): Tensor {
  const random = seededRandom(seed)
  const size = shape.reduce((product, dim) => product * dim, 1)
  return f32Tensor(
    shape,
    Float32Array.from({ length: size }, () => random.normal() * spread),
  )
}

/** Positive values, as variances are. */
export function positive(shape: readonly number[], seed = 1): Tensor {
  const data = noise(shape, seed).read() as Float32Array
  return f32Tensor(
    shape,
    data.map((v) => 0.1 + Math.abs(v)),
  )
}

export const scalar = (value: number) => f32Tensor([], [value])
export const ints = (...values: number[]) => i64Tensor([values.length], values)
export const batchNormConstants = (channels: number, prefix = 'bn') => ({
  [`${prefix}.scale`]: noise([channels], 11),
  [`${prefix}.bias`]: noise([channels], 12),
  [`${prefix}.mean`]: noise([channels], 13),
  [`${prefix}.var`]: positive([channels], 14),
})
export const batchNormInputs = (value: string, prefix = 'bn') =>
  `${value} ${prefix}.scale ${prefix}.bias ${prefix}.mean ${prefix}.var`
