// New weights and biases for layers whose inputs have lost channels: least squares against what the layer gave before (He et
// al. 2017, "Channel Pruning", section 3.2), layer after layer, each on the inputs that the layers before it make now.
import type { Graph } from '../../ir/graph.ts'
import { f32Tensor, readFloats } from '../../ir/tensor.ts'
import type { Kernels, Matrix, SquareStack } from '../../kernels/kernels.ts'
import { GraphEdit } from '../edit.ts'
import { collectJointGram, defaultGramOptions } from '../layer-inputs.ts'
import { fromRows, layerOf, type WeightLayer, weightMatrix } from '../layers.ts'
import type { PassContext } from '../pass.ts'
import { damped, timesStack } from '../prune/masked-least-squares.ts'
import { outputMeans } from './output-means.ts'

export interface ReconstructOptions {
  readonly damping: number
  readonly positionsPerSample: number
}

/** @param columns that may be used, ascending */
export async function reconstruct(
  before: Graph,
  current: Graph,
  layer: WeightLayer,
  columns: readonly number[],
  options: ReconstructOptions,
  context: PassContext,
): Promise<Graph> {
  const { positionsPerSample, damping } = options
  const joint = await collectJointGram(before, current, layer, context, { ...defaultGramOptions, positionsPerSample })
  const w = weightMatrix(layer)
  const solved = await solveColumns(context.kernels, w, joint.after, joint.cross!, columns, damping)
  const changed = withLayer(current, layer, solved, null)
  // The constant part of what is lost goes into the bias.
  const output = layer.node.outputs[0]!
  const [wanted, found] = [await outputMeans(before, output, context), await outputMeans(changed, output, context)]
  return withLayer(
    changed,
    layer,
    solved,
    wanted.map((value, i) => value - found[i]!),
  )
}

/** min ||W z - V x||² + damping ||V - W||² over V on the given columns of x; V is 0 elsewhere. */
async function solveColumns(
  kernels: Kernels,
  w: Matrix,
  after: SquareStack,
  cross: SquareStack,
  columns: readonly number[],
  damping: number,
): Promise<Matrix> {
  const { size } = after
  const part = subMatrix(after, columns)
  const hessian = damped(part, damping)
  const target = await timesStack(kernels, w, transposedStack(cross))
  const n = columns.length
  // Right-hand side as columns: one for each output.
  const right = new Float32Array(n * w.rows)
  for (const [i, column] of columns.entries()) {
    const extra = hessian.data[i * (n + 1)]! - part.data[i * (n + 1)]!
    for (let r = 0; r < w.rows; r++)
      right[i * w.rows + r] = target[r * size + column]! + extra * w.data[r * size + column]!
  }
  const lower = await kernels.cholesky(hessian, 0)
  const found = await kernels.solve(lower, { rows: n, columns: w.rows, data: right })
  const data = new Float32Array(w.data.length)
  for (const [i, column] of columns.entries())
    for (let r = 0; r < w.rows; r++) data[r * size + column] = found.data[i * w.rows + r]!
  return { ...w, data }
}

function subMatrix({ size, data }: SquareStack, columns: readonly number[]): SquareStack {
  const n = columns.length
  const part = new Float32Array(n * n)
  for (const [i, a] of columns.entries()) for (const [j, b] of columns.entries()) part[i * n + j] = data[a * size + b]!
  return { groups: 1, size: n, data: part }
}

function transposedStack({ groups, size, data }: SquareStack): SquareStack {
  const turned = new Float32Array(data.length)
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) turned[(g * size + j) * size + i] = data[(g * size + i) * size + j]!
  return { groups, size, data: turned }
}

/** @param shift added to the bias of each output; null: the bias stays */
function withLayer(graph: Graph, layer: WeightLayer, w: Matrix, shift: readonly number[] | null): Graph {
  const edit = new GraphEdit(graph)
  const node = graph.nodes.find(({ name }) => name === layer.node.name)!
  const held = layerOf(graph, node)!
  const weights = edit.addConstant(`${layer.weights}.fitted`, f32Tensor(held.tensor.shape, fromRows(held, w.data)))
  const bias = shift
    ? edit.addConstant(`${layer.node.name}.bias.fitted`, f32Tensor([shift.length], shifted(graph, held, shift)))
    : node.inputs[2]
  edit.replace(node, { ...node, inputs: bias ? [node.inputs[0]!, weights, bias] : [node.inputs[0]!, weights] })
  return edit.finish()
}

function shifted(graph: Graph, { bias }: WeightLayer, shift: readonly number[]): Float32Array {
  const old = bias ? readFloats(graph.constants.get(bias)!) : null
  return Float32Array.from(shift, (value, i) => value + (old?.[i] ?? 0))
}
