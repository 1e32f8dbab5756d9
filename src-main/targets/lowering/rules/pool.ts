// AveragePool, MaxPool, and the global forms. Pools keep the scale of their input; another one costs a requantisation.
import { say } from '../../../base/note.ts'
import type { Rule, RuleContext } from '../context.ts'
import { sameQuant } from '../quantization.ts'
import { heldImage, imageInput, imageShape, type Window2d, windowOf } from '../window.ts'
import { windowFields } from './conv.ts'

function lowerPool(context: RuleContext, kind: 'averagePool2d' | 'maxPool2d', window: Window2d): void {
  const { builder } = context
  if (window.dilation.some((d) => d !== 1)) context.fail(say`it is dilated`, say`Use a dilation of 1.`)
  if (context.node.outputs.slice(1).some((name) => name !== ''))
    context.fail(say`its indices are used`, say`Replace the operator that reads the indices.`)
  const input = imageInput(context)
  const inputQuant = builder.quantOf(input)
  const fused = context.result(inputQuant)
  const shape = context.shapeOf(fused.name)
  // The clamp is in the output's integers, so it can only be taken along when the scales agree.
  const agrees = sameQuant(fused.quant, inputQuant)
  const clamp = agrees ? { min: fused.min, max: fused.max } : { min: -128, max: 127 }
  const name = agrees ? fused.name : `${fused.name}/pooled`
  const output = builder.activation(name, imageShape(shape), inputQuant)
  const counted = context.number('count_include_pad', 0) !== 0
  const [kernelH, kernelW] = window.kernel
  context.emit({
    kind,
    input,
    output,
    kernelH,
    kernelW,
    ...windowFields(window),
    countPadding: counted && kind === 'averagePool2d',
    ...clamp,
    macs: 0,
  })
  const held = heldImage(context, output, shape)
  const clamped = { ...fused.quant, min: fused.min, max: fused.max }
  context.define(fused.name, agrees ? held : builder.rescaled(held, clamped, context.source, fused.name))
}

function kernelShape(context: RuleContext): readonly number[] {
  return context.numbers('kernel_shape') ?? context.fail(say`it has no kernel_shape`, say`Export the model again.`)
}

export const averagePool: Rule = (context) =>
  lowerPool(context, 'averagePool2d', windowOf(context, kernelShape(context)))

export const maxPool: Rule = (context) => lowerPool(context, 'maxPool2d', windowOf(context, kernelShape(context)))

export const globalMaxPool: Rule = (context) =>
  lowerPool(context, 'maxPool2d', windowOf(context, context.shape(0).slice(2)))
