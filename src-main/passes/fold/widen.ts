// Half and double precision become float32, so that what follows deals with one type of real numbers.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import type { DType } from '../../ir/dtype.ts'
import type { Graph, Node } from '../../ir/graph.ts'
import { computed, readFloatRange, readFloats, type Tensor } from '../../ir/tensor.ts'
import { definePass } from '../pass.ts'

const otherFloats: readonly DType[] = ['f16', 'bf16', 'f64']

/** ONNX's numbers of the element types (TensorProto.DataType). */
const onnxFloat = 1
const onnxOtherFloats = [10, 16, 11]

export const widenFloats = definePass({
  name: 'widen-floats',
  title: 'One float type',
  description: 'Turns half, bfloat16 and double precision into float32.',
  params: z.strictObject({}),
  needs: [],
  provides: [],
  async run(graph, _params, context) {
    const widened = [...graph.constants].filter(([, held]) => otherFloats.includes(held.dtype))
    const typed = [...graph.values].filter(([, value]) => otherFloats.includes(value.dtype))
    if (widened.length + typed.length === 0) return graph
    context.log(say`${widened.length} constants and ${typed.length - widened.length} other values became float32`)
    const wide: Graph = {
      ...graph,
      values: new Map([...graph.values, ...typed.map(([name, value]) => [name, { ...value, dtype: 'f32' }] as const)]),
      constants: new Map([...graph.constants, ...widened.map(([name, held]) => [name, asFloat32(held)] as const)]),
      nodes: graph.nodes.map(widenCast),
    }
    return wide
  },
})

const asFloat32 = (held: Tensor): Tensor =>
  computed('f32', held.shape, {
    read: () => readFloats(held),
    ...(held.readRange && { readRange: (first: number, count: number) => readFloatRange(held, first, count) }),
  })

function widenCast(node: Node): Node {
  const { to } = node.attrs
  const narrows = node.op === 'Cast' && typeof to === 'number' && onnxOtherFloats.includes(to)
  return narrows ? { ...node, attrs: { ...node.attrs, to: onnxFloat } } : node
}
