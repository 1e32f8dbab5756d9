// Per-channel scale and shift (BatchNormalization, or Mul/Add/Sub/Div with a constant per channel) become part of the
// weights of the Conv, ConvTranspose or Gemm before or after.
import { z } from 'zod'
import { say } from '../../base/note.ts'
import { attrNumber, type Node } from '../../ir/graph.ts'
import { f32Tensor, readFloats, type Tensor } from '../../ir/tensor.ts'
import { GraphEdit } from '../edit.ts'
import { definePass } from '../pass.ts'
import { padsOf, touchesQuantized } from './values.ts'

/** y = scale * x + shift per channel of dimension 1; one entry stands for all channels. */
interface Affine {
  readonly scale: Float64Array
  readonly shift: Float64Array
}

const linearOps = ['Conv', 'ConvTranspose', 'Gemm']
const affineOps = ['BatchNormalization', 'Mul', 'Div', 'Add', 'Sub']

export const foldBatchNorm = definePass({
  name: 'fold-batch-norm',
  title: 'Fold batch normalisation',
  description: 'Moves per-channel scaling and shifting into the weights and biases beside it.',
  params: z.strictObject({}),
  needs: ['constants', 'linear'],
  provides: ['batch-norm'],
  async run(graph, _params, context) {
    const edit = new GraphEdit(graph)
    const after = edit.nodes(...affineOps).filter((node) => foldAfter(edit, node)).length
    // The one beside the layer first: then the one before it stands beside the layer.
    const before = edit
      .nodes(...affineOps)
      .reverse()
      .filter((node) => foldBefore(edit, node)).length
    const left = edit.nodes('BatchNormalization').filter((node) => toMulAdd(edit, node)).length
    if (after + before + left === 0) return graph
    context.log(say`${after} folded into the layer before, ${before} into the layer after, ${left} left as Mul and Add`)
    return edit.finish()
  },
})

/** linear -> affine becomes linear. */
function foldAfter(edit: GraphEdit, node: Node): boolean {
  const data = edit.constant(node.inputs[0]) ? node.inputs[1] : node.inputs[0]
  const linear = edit.soleProducer(data, node, ...linearOps)
  if (!linear || touchesQuantized(edit, linear, node)) return false
  const weights = edit.constant(linear.inputs[1])
  const bias = constantBias(edit, linear)
  if (!weights || bias === undefined || !isPlainGemm(linear)) return false
  const channels = outputChannels(linear, weights)
  const affine = affineOf(edit, node, channels, linear.op === 'Gemm' ? 2 : weights.shape.length)
  if (!affine) return false
  const channelOf = outputChannelOf(linear, weights)
  const scaled = readFloats(weights).map((w, i) => w * at(affine.scale, channelOf(i)))
  const shifted = Float32Array.from(
    { length: channels },
    (_, c) => at(affine.scale, c) * at(bias, c) + at(affine.shift, c),
  )
  edit.remove(linear)
  edit.replace(node, withWeights(edit, linear, f32Tensor(weights.shape, scaled), shifted, node.outputs))
  return true
}

/** affine -> linear becomes linear, where padding does not make the shift differ at the border. */
function foldBefore(edit: GraphEdit, node: Node): boolean {
  const output = node.outputs[0]!
  const linear = edit.readersOf(output).find((reader) => reader.op === 'Conv' || reader.op === 'Gemm')
  if (!linear || linear.inputs[0] !== output || !edit.isPrivate(output, linear)) return false
  const weights = edit.constant(linear.inputs[1])
  const bias = constantBias(edit, linear)
  if (!weights || bias === undefined || !isPlainGemm(linear) || touchesQuantized(edit, linear, node)) return false
  const affine = affineOf(edit, node, inputChannels(linear, weights), weights.shape.length)
  if (!affine || !(isUnpadded(linear, weights) || affine.shift.every((t) => t === 0))) return false
  const channels = weights.shape[0]!
  const inputOf = inputChannelOf(linear, weights)
  const each = weights.shape.slice(1).reduce((product, dim) => product * dim, 1)
  const held = readFloats(weights)
  const scaled = held.map((w, i) => w * at(affine.scale, inputOf(i)))
  const sums = Float64Array.from({ length: channels }, (_, c) => at(bias, c))
  held.forEach((w, i) => {
    sums[Math.floor(i / each)]! += w * at(affine.shift, inputOf(i))
  })
  const source = edit.constant(node.inputs[0]) ? node.inputs[1]! : node.inputs[0]!
  edit.remove(node)
  const moved = { ...linear, inputs: [source, ...linear.inputs.slice(1)] }
  edit.replace(
    linear,
    withWeights(edit, moved, f32Tensor(weights.shape, scaled), Float32Array.from(sums), linear.outputs),
  )
  return true
}

/** What remains becomes Mul and Add, which every target has. */
function toMulAdd(edit: GraphEdit, node: Node): boolean {
  const affine = batchNormAffine(edit, node)
  const value = edit.value(node.inputs[0]!)
  if (!affine || !value.shape || value.shape.length < 2 || touchesQuantized(edit, node)) return false
  const shape = [affine.scale.length, ...new Array<number>(value.shape.length - 2).fill(1)]
  const scale = edit.addConstant(`${node.name}.scale`, f32Tensor(shape, Float32Array.from(affine.scale)))
  const shift = edit.addConstant(`${node.name}.shift`, f32Tensor(shape, Float32Array.from(affine.shift)))
  const scaled = edit.addValue(`${node.name}.scaled`, { dtype: value.dtype, shape: value.shape })
  const plain = { domain: '', attrs: {} }
  edit.replace(
    node,
    { ...plain, name: `${node.name}.mul`, op: 'Mul', inputs: [node.inputs[0]!, scale], outputs: [scaled] },
    { ...plain, name: `${node.name}.add`, op: 'Add', inputs: [scaled, shift], outputs: [node.outputs[0]!] },
  )
  return true
}

function withWeights(
  edit: GraphEdit,
  node: Node,
  weights: Tensor,
  bias: Float32Array,
  outputs: readonly string[],
): Node {
  const inputs = [
    node.inputs[0]!,
    edit.addConstant(foldedName(node.inputs[1]!), weights),
    edit.addConstant(node.inputs[2] ? foldedName(node.inputs[2]) : `${node.name}.bias`, f32Tensor([bias.length], bias)),
  ]
  return { ...node, inputs, outputs: [outputs[0]!] }
}

/** One suffix however often something is folded in. */
const foldedName = (name: string) => `${name.replace(/\.folded(_\d+)?$/, '')}.folded`

const at = (channels: Float64Array | Float32Array, c: number) => (channels.length === 1 ? channels[0]! : channels[c]!)

const isPlainGemm = (node: Node) =>
  node.op !== 'Gemm' ||
  (attrNumber(node, 'transB', 0) === 1 && attrNumber(node, 'alpha', 1) === 1 && attrNumber(node, 'beta', 1) === 1)

const isUnpadded = (node: Node, weights: Tensor) =>
  node.op === 'Gemm' || (padsOf(node, weights.shape.length - 2)?.every((pad) => pad === 0) ?? false)

/** The bias, [0] without one, undefined when it is not a constant vector. */
function constantBias(edit: GraphEdit, node: Node): Float32Array | undefined {
  if (!node.inputs[2]) return new Float32Array(1)
  const bias = edit.constant(node.inputs[2])
  return bias && bias.shape.length <= 1 ? readFloats(bias) : undefined
}

function outputChannels(node: Node, weights: Tensor): number {
  return node.op === 'ConvTranspose' ? weights.shape[1]! * attrNumber(node, 'group', 1) : weights.shape[0]!
}

const inputChannels = (node: Node, weights: Tensor) =>
  weights.shape[1]! * (node.op === 'Gemm' ? 1 : attrNumber(node, 'group', 1))

/** Output channel of each weight: Conv [O, I/g, ...], Gemm [O, I], ConvTranspose [I, O/g, ...]. */
function outputChannelOf(node: Node, weights: Tensor): (index: number) => number {
  const [first = 1, second = 1, ...window] = weights.shape
  const area = window.reduce((product, dim) => product * dim, 1)
  if (node.op !== 'ConvTranspose') return (i) => Math.floor(i / (area * second))
  const perGroup = first / attrNumber(node, 'group', 1)
  return (i) => {
    const input = Math.floor(i / (area * second))
    return Math.floor(input / perGroup) * second + (Math.floor(i / area) % second)
  }
}

/** Input channel of each weight of a Conv or Gemm. */
function inputChannelOf(node: Node, weights: Tensor): (index: number) => number {
  const [outputs = 1, second = 1, ...window] = weights.shape
  const area = window.reduce((product, dim) => product * dim, 1)
  const perGroup = outputs / (node.op === 'Gemm' ? 1 : attrNumber(node, 'group', 1))
  return (i) => Math.floor(Math.floor(i / (area * second)) / perGroup) * second + (Math.floor(i / area) % second)
}

function affineOf(edit: GraphEdit, node: Node, channels: number, rank: number): Affine | null {
  if (node.op === 'BatchNormalization') return batchNormAffine(edit, node)
  const constantFirst = edit.constant(node.inputs[0]) !== null
  const held = edit.constant(node.inputs[constantFirst ? 0 : 1])
  if (!held || !isPerChannel(held.shape, channels, rank)) return null
  const values = Float64Array.from(readFloats(held))
  const ones = values.map(() => 1)
  const zeros = values.map(() => 0)
  switch (node.op) {
    case 'Mul':
      return { scale: values, shift: zeros }
    case 'Div':
      return constantFirst ? null : { scale: values.map((v) => 1 / v), shift: zeros }
    case 'Add':
      return { scale: ones, shift: values }
    case 'Sub':
      return constantFirst
        ? { scale: ones.map((v) => -v), shift: values }
        : { scale: ones, shift: values.map((v) => -v) }
    default:
      return null
  }
}

/** gamma (x - mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy 2015), with the statistics of training. */
function batchNormAffine(edit: GraphEdit, node: Node): Affine | null {
  const held = node.inputs.slice(1, 5).map((name) => edit.constant(name))
  if (held.length < 4 || held.some((t) => t === null) || attrNumber(node, 'training_mode', 0) !== 0) return null
  const [gamma, beta, mean, variance] = held.map((t) => readFloats(t!))
  const epsilon = attrNumber(node, 'epsilon', 1e-5)
  const scale = Float64Array.from(gamma!, (g, c) => g / Math.sqrt(variance![c]! + epsilon))
  return { scale, shift: scale.map((s, c) => beta![c]! - mean![c]! * s) }
}

/** A constant that broadcasts over everything but dimension 1, and does not enlarge the result. */
function isPerChannel(shape: readonly number[], channels: number, rank: number): boolean {
  if (shape.length > rank) return false
  const aligned = [...new Array<number>(rank - shape.length).fill(1), ...shape]
  return aligned.every((dim, i) => dim === 1 || (i === 1 && dim === channels))
}
