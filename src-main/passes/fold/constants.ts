// Everything that does not depend on the graph's inputs is computed once, on the host, and becomes a constant. Shapes that
// are computed at run time but known beforehand become constants too.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { foldShapes } from '../../ir/fold-shapes.ts'
import type { Graph, Node, Shape } from '../../ir/graph.ts'
import { readsOf } from '../../ir/reads.ts'
import { f32Tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass, type PassContext } from '../pass.ts'
import { touchesQuantized } from './values.ts'

const randomOps = new Set([
  'RandomNormal',
  'RandomUniform',
  'RandomNormalLike',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
])

export const foldConstants = definePass({
  name: 'fold-constants',
  title: 'Fold constants',
  description: 'Computes what does not depend on the input once, and stores the result.',
  params: z.strictObject({
    maxElements: z
      .int()
      .min(1)
      .default(16_777_216)
      .meta({ title: 'Largest result', description: 'Results with more elements stay computed.', unit: 'elements' }),
  }),
  needs: [],
  provides: ['constants'],
  async run(graph, { maxElements }, context) {
    const folded = await foldComputed(fixResizes(foldShapes(graph)), maxElements, context)
    const computed = graph.nodes.length - folded.nodes.length
    if (computed > 0) context.log(say`${computed} nodes computed beforehand`)
    return folded
  },
})

/** Resize whose target is computed, but whose result has a known shape. */
function fixResizes(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  const fixed = edit.nodes('Resize').filter((node) => {
    const [input, output] = [edit.value(node.inputs[0]!), edit.value(node.outputs[0]!)]
    return output.shape && input.shape && fixResize(edit, node, input.shape, output.shape)
  })
  return fixed.length > 0 ? edit.finish() : graph
}

/** Target sizes become scales, which leave the batch free. */
function fixResize(edit: GraphEdit, node: Node, from: Shape, to: Shape): boolean {
  if (!node.inputs[3] || edit.constant(node.inputs[3])) return false
  const scales = to.map((dim, i) =>
    dim === from[i] ? 1 : typeof dim === 'number' ? dim / Number(from[i]) : Number.NaN,
  )
  if (!scales.every((scale) => Number.isFinite(scale))) return false
  const held = edit.addConstant(`${node.name}.scales`, f32Tensor([scales.length], scales))
  edit.replace(node, { ...node, inputs: [node.inputs[0]!, node.inputs[1] ?? '', held] })
  return true
}

async function foldComputed(graph: Graph, maxElements: number, context: PassContext): Promise<Graph> {
  const edit = new GraphEdit(graph)
  const foldable = constantNodes(edit)
  const results = neededOutside(edit, foldable, maxElements)
  if (results.length === 0) return graph
  const inner = new GraphEdit({ ...graph, name: 'constants', inputs: [], outputs: results, nodes: foldable }).finish()
  await using host = await context.engine.open(inner, { quantization: 'drop' })
  const computed = await host.runTyped({})
  for (const name of results) edit.freeze(name, computed[name]!)
  return edit.finish()
}

/** Nodes that read nothing but constants and results of such nodes. */
function constantNodes(edit: GraphEdit): Node[] {
  const known = new Set(edit.graph.constants.keys())
  return edit.nodes().filter((node) => {
    const folds =
      readsOf(node).every((name) => known.has(name)) && !randomOps.has(node.op) && !touchesQuantized(edit, node)
    if (folds) for (const output of node.outputs) known.add(output)
    return folds
  })
}

/** Results of the foldable nodes that other nodes read. Graph outputs stay computed: an output cannot be a constant. */
function neededOutside(edit: GraphEdit, foldable: readonly Node[], maxElements: number): string[] {
  const inside = new Set(foldable)
  return foldable
    .flatMap((node) => node.outputs)
    .filter((name) => name && !edit.isPinned(name) && elements(edit.value(name).shape) <= maxElements)
    .filter((name) => edit.readersOf(name).some((reader) => !inside.has(reader)))
}

/** A shape that is not known counts as small. */
const elements = (shape: Shape | null) =>
  (shape ?? []).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1)
