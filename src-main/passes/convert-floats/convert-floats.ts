// Float weights in half the bytes. The constants are stored as float16 or bfloat16 and cast back where they are read, which
// every ONNX runtime does; arithmetic stays in float32. For hosts and export: devices hold integers.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import type { Graph, Node } from '../../ir/graph.ts'
import { onnxTypes } from '../../ir/ops/cast.ts'
import { elementsOf, floatToHalf, readFloats, type Tensor, tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass, type PassContext } from '../pass.ts'
import { floatToBrain } from './bfloat16.ts'

const params = z.strictObject({
  type: z.enum(['float16', 'bfloat16']).default('float16').meta({
    title: 'Type',
    description: 'float16: 11 significant bits, up to 65504. bfloat16: 8 significant bits, the range of float32.',
  }),
  minElements: z.int().min(1).default(256).meta({
    title: 'Smallest constant',
    description: 'Constants with fewer elements stay float32.',
    unit: 'elements',
  }),
})

type Params = z.infer<typeof params>

/** Opset from which Cast takes bfloat16. */
const bfloat16Opset = 13

export const convertFloats = definePass<Params>({
  name: 'convert-floats',
  title: 'Half-precision weights',
  description: 'Stores float weights in 16 bits and casts them back where they are read.',
  params,
  needs: ['constants', 'linear', 'batch-norm'],
  provides: [],
  lossy: true,
  async run(graph, options, context) {
    const names = convertible(graph, options)
    if (names.length === 0) return graph
    const edit = new GraphEdit(graph)
    if (options.type === 'bfloat16' && edit.opset < bfloat16Opset) edit.setOpset(bfloat16Opset)
    for (const name of names) convert(edit, name, options, context)
    context.log(say`${names.length} constants became ${options.type}`)
    return edit.finish()
  },
})

const convertible = (graph: Graph, { minElements }: Params): string[] =>
  [...graph.constants].flatMap(([name, held]) => {
    const plain = held.dtype === 'f32' && !graph.values.get(name)?.quant && !graph.outputs.includes(name)
    return plain && elementsOf(held.shape) >= minElements ? [name] : []
  })

function convert(edit: GraphEdit, name: string, { type }: Params, context: PassContext) {
  const held = edit.constant(name)!
  const narrow = narrowed(held, type)
  const report = compare(readFloats(held), readFloats(narrow))
  if (report.outside > 0)
    context.warn(say`${name}: ${report.outside} of ${elementsOf(held.shape)} values are beyond the range of ${type}`)
  context.log(
    say`${name}: ${report.exact} of ${elementsOf(held.shape)} values exact, error ${report.error.toExponential(2)}`,
  )
  const stored = edit.addConstant(`${name}.${type}`, narrow)
  const wide = edit.addValue(`${name}.float32`, { dtype: 'f32', shape: held.shape })
  const cast: Node = {
    name: `${name}.cast`,
    op: 'Cast',
    domain: '',
    inputs: [stored],
    outputs: [wide],
    attrs: { to: onnxTypes.f32 },
  }
  for (const [i, node] of edit.readersOf(name).entries()) {
    const moved = { ...node, inputs: node.inputs.map((input) => (input === name ? wide : input)) }
    edit.replace(node, ...(i === 0 ? [cast, moved] : [moved]))
  }
}

function narrowed(held: Tensor, type: Params['type']): Tensor {
  const [dtype, narrow] = type === 'float16' ? (['f16', floatToHalf] as const) : (['bf16', floatToBrain] as const)
  return tensor(dtype, held.shape, Uint16Array.from(readFloats(held), narrow))
}

/** Error: energy of the differences over that of the values, of those within range. */
function compare(before: Float32Array, after: Float32Array) {
  let [exact, outside, difference, energy] = [0, 0, 0, 0]
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [before[i]!, after[i]!]
    if (a === b) exact++
    if (Number.isFinite(a) && !Number.isFinite(b)) outside++
    else if (Number.isFinite(a)) {
      difference += (a - b) ** 2
      energy += a * a
    }
  }
  return { exact, outside, error: energy > 0 ? difference / energy : 0 }
}
