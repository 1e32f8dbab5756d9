// Gemm and MatMul.
import { say } from '../../../base/note.ts'
import { elementsOf } from '../../../ir/tensor.ts'
import type { Requant } from '../../plan.ts'
import type { Fused } from '../activation-fusion.ts'
import type { Held } from '../builder.ts'
import type { Rule, RuleContext } from '../context.ts'
import { requantOf } from '../fixed-point.ts'
import { permuteElements, plainOrder } from '../layout.ts'
import { realNumbers } from '../quantization.ts'
import { type ChannelBias, channelWeights, realBias, type Weights, withBias } from '../weights.ts'
import { biasTensor, channelRequant, weightQuant } from './conv.ts'

/** y = alpha * x * w + beta * c */
export const gemm: Rule = (context) => {
  const alpha = context.number('alpha', 1)
  const beta = context.number('beta', 1)
  const transposed = context.number('transB', 0) !== 0
  if (context.number('transA', 0) !== 0)
    context.fail(say`its first operand is transposed`, say`Transpose the operand before the Gemm.`)
  const read = channelWeights(context, 1, transposed ? 0 : 1)
  const weights = rowsOf({ ...read, scales: read.scales.map((scale) => Math.fround(scale * alpha)) })
  if (alpha <= 0) context.fail(say`alpha is ${alpha}`, say`Multiply the weights by alpha instead.`)
  lowerDense(context, gemmBias(context, weights, beta), context.result())
}

function gemmBias(context: RuleContext, weights: Weights, beta: number): ChannelBias {
  const inputScale = context.quantOf(context.held(0)).scale
  const outputs = weights.scales.length
  const c = context.has(2) ? context.constant(2) : null
  if (!c || (beta === 1 && elementsOf(c.shape) === outputs)) return withBias(context, 2, weights, inputScale)
  const reals = context.reals(2)!.map((real) => real * beta)
  if (reals.length !== 1 && reals.length !== outputs)
    return context.fail(say`its third operand has shape [${c.shape}]`, say`Give one bias per output.`)
  const perOutput = reals.length === 1 ? Array.from({ length: outputs }, () => reals[0]!) : reals
  return realBias(weights, perOutput, inputScale)
}

export const matMul: Rule = (context) => {
  if (!context.constant(1)) return activationProduct(context)
  const shape = context.constant(1)!.shape
  if (shape.length !== 2)
    context.fail(say`its right operand is a constant of rank ${shape.length}`, say`Use a matrix, or split the product.`)
  const weights = rowsOf(channelWeights(context, 1, 1))
  const biased = followingBias(context, weights)
  if (biased) return lowerDense(context, biased.bias, biased.result)
  lowerDense(context, { weights, bias: null }, context.result())
}

/** Constant Add after a product that has no quantisation of its own (x * w + b as two nodes): its bias. */
function followingBias(context: RuleContext, weights: Weights): { bias: ChannelBias; result: Fused } | null {
  const product = context.outputName()
  const add = context.view.onlyReader(product)
  if (add?.op !== 'Add' || context.ownQuant(product)) return null
  const name = add.inputs.find((input) => input !== product)
  const tensor = name === undefined ? undefined : context.graph.constants.get(name)
  const outputs = weights.scales.length
  if (!name || !tensor || elementsOf(tensor.shape) !== outputs || (tensor.shape.at(-1) ?? 1) !== outputs) return null
  const reals = realNumbers(tensor, context.graph.values.get(name))
  const bias = realBias(weights, reals, context.quantOf(context.held(0)).scale)
  return { bias, result: context.resultOf(add) }
}

/** Weights as [O, I]: the form the device reads. */
function rowsOf(weights: Weights): Weights {
  if (weights.axis === 0) return weights
  const [inputs = 1, outputs = 1] = weights.shape
  return {
    ...weights,
    axis: 0,
    shape: [outputs, inputs],
    data: permuteElements(weights.data, [inputs, outputs], [1, 0]),
  }
}

function lowerDense(context: RuleContext, { weights, bias }: ChannelBias, fused: Fused): void {
  const { builder } = context
  const [outputs = 1, inputs = 1] = weights.shape
  const held = context.held(0)
  const columns = held.flattened && held.shape.at(-1) === inputs ? memoryColumns(held.flattened) : null
  const data = columns ? permuteColumns(weights.data, inputs, columns) : weights.data
  const input = columns ? held.tensor : builder.plain(held, context.source).tensor
  const outShape = context.shapeOf(fused.name)
  const output = builder.activation(fused.name, outShape, fused.quant)
  context.emit({
    kind: 'fullyConnected',
    input,
    output,
    weights: builder.constant(context.inputName(1), [outputs, inputs], data, weightQuant(weights)),
    bias: biasTensor(context, bias),
    requant: denseRequant(builder.quantOf(input).scale, weights, fused),
    min: fused.min,
    max: fused.max,
    macs: elementsOf(outShape) * inputs,
  })
  context.define(fused.name, { shape: outShape, order: plainOrder(outShape.length), tensor: output })
}

/** TFLite multiplies the two scales in float32 when the weights have one scale, and in double when they have many. */
function denseRequant(inputScale: number, weights: Weights, fused: Fused): Requant {
  const scale = weights.scales[0]!
  const oneScale = weights.perTensor && weights.scales.every((other) => other === scale)
  return oneScale
    ? requantOf(Math.fround(inputScale * scale) / fused.quant.scale)
    : channelRequant(inputScale, weights, fused)
}

/** For each element in memory, its index in the model's order. */
function memoryColumns(value: Held): Int32Array {
  const indices = Int32Array.from({ length: elementsOf(value.shape) }, (_, i) => i)
  return permuteElements(indices, value.shape, value.order)
}

function permuteColumns(data: Int8Array, inputs: number, columns: Int32Array): Int8Array {
  return data.map((_, at) => data[at - (at % inputs) + columns[at % inputs]!]!)
}

/** Product of two activations: the right one is turned to [..., O, I], which the device reads like weights. */
function activationProduct(context: RuleContext): void {
  const { builder, source } = context
  const right = context.held(1)
  const rank = right.shape.length
  if (rank < 2 || context.shape(0).length < 2)
    context.fail(say`an operand is a vector`, say`Reshape the operand to a matrix.`)
  const left = builder.plain(context.held(0), source)
  const swapped = [...plainOrder(rank - 2), rank - 1, rank - 2]
  const rows = builder.arranged(right, swapped, source)
  const batches = [left.shape, right.shape].map((shape) => elementsOf(shape.slice(0, -2)))
  if (batches[0] !== batches[1])
    context.fail(say`its operands have ${batches.join(' and ')} matrices`, say`Make them equal.`)
  const fused = context.result()
  const outShape = context.shapeOf(fused.name)
  const output = builder.activation(fused.name, outShape, fused.quant)
  const product = Math.fround(context.quantOf(left).scale * context.quantOf(rows).scale)
  context.emit({
    kind: 'fullyConnected',
    input: left.tensor,
    output,
    weights: rows.tensor,
    bias: null,
    requant: requantOf(product / fused.quant.scale),
    min: fused.min,
    max: fused.max,
    macs: elementsOf(outShape) * left.shape.at(-1)!,
  })
  context.define(fused.name, { shape: outShape, order: plainOrder(outShape.length), tensor: output })
}
