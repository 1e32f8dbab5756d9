// Parameters of each operator, as SPEC.md lists them.
import { type ByteWriter, bytesOf, concatBytes } from '../../base/bytes.ts'
import { AppError, Bug } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Plan, PlanOp, Requant, TensorIndex } from '../../targets/plan.ts'
import { padModes, resizeFlags } from './layout.ts'
import { nearestIndices } from './resize-table.ts'

export interface ParamContext {
  readonly plan: Plan
  table(data: Int8Array | Uint16Array): number
  requant(requant: Requant, channels: number): number
}

type Of<K extends PlanOp['kind']> = Extract<PlanOp, { readonly kind: K }>

export function writeParams(op: PlanOp, out: ByteWriter, context: ParamContext): void {
  const shapeOf = (tensor: TensorIndex) => context.plan.tensors[tensor]!.shape
  const channels = shapeOf(op.output).at(-1)!
  switch (op.kind) {
    case 'conv2d':
      window(op, out)
      u16s(op, out, op.dilationH, op.dilationW, op.groups)
      return void out.i8(op.min).i8(op.max).u32(context.requant(op.requant, channels))
    case 'depthwiseConv2d':
      window(op, out)
      u16s(op, out, op.dilationH, op.dilationW, op.multiplier)
      return void out.i8(op.min).i8(op.max).u32(context.requant(op.requant, channels))
    case 'transposeConv2d':
      window(op, out)
      return void out.i8(op.min).i8(op.max).u16(0).u32(context.requant(op.requant, channels))
    case 'fullyConnected':
      return void out
        .i8(op.min)
        .i8(op.max)
        .u16(0)
        .u32(context.requant(op.requant, shapeOf(op.weights).at(-2)!))
    case 'averagePool2d':
    case 'maxPool2d':
      window(op, out)
      u16s(op, out, op.kernelH, op.kernelW)
      return void out
        .i8(op.min)
        .i8(op.max)
        .u8(op.countPadding ? 1 : 0)
        .u8(0)
    case 'add':
    case 'sub':
      out.i8(op.min).i8(op.max).u8(op.leftShift).u8(0)
      return void out
        .u32(context.requant(op.aRequant, 1))
        .u32(context.requant(op.bRequant, 1))
        .u32(context.requant(op.requant, 1))
    case 'mul':
    case 'div':
    case 'requantize':
      return void out.i8(op.min).i8(op.max).u16(0).u32(context.requant(op.requant, 1))
    case 'table':
      if (op.table.length !== 256) throw new Bug(`the table of ${op.node} has ${op.table.length} entries`)
      return void out.u32(context.table(op.table))
    case 'prelu':
      return void out.u32(context.requant(op.requant, 1)).u32(context.requant(op.alphaRequant, 1))
    case 'softmax':
      return void out.i32(op.multiplier).i32(op.diffMin).u8(op.leftShift).align(4)
    case 'mean':
      return void out
        .u8(op.axes.reduce((mask, axis) => mask | (1 << axis), 0))
        .align(4)
        .u32(context.requant(op.requant, 1))
    case 'concat':
      return void out.u8(op.axis).align(4)
    case 'slice':
      for (const [d, begin] of op.begin.entries()) out.i32(begin).i32(op.stride[d]!)
      return
    case 'pad':
      out.u8(padModes.indexOf(op.mode)).i8(op.value).u16(0)
      for (const before of op.before) out.u32(before)
      return
    case 'transpose':
      for (let d = 0; d < 8; d++) out.u8(op.perm[d] ?? 0)
      return
    case 'copy':
      return
    case 'resizeNearest':
      return void out
        .u8(flagsOf(op))
        .align(4)
        .u32(context.table(nearestTable(op, shapeOf(op.input), shapeOf(op.output))))
    case 'resizeBilinear':
      return void out.u8(flagsOf(op)).align(4)
  }
}

function window(
  op: Of<'conv2d' | 'depthwiseConv2d' | 'transposeConv2d' | 'averagePool2d' | 'maxPool2d'>,
  out: ByteWriter,
) {
  u16s(op, out, op.strideH, op.strideW, op.padTop, op.padLeft)
}

function u16s(op: PlanOp, out: ByteWriter, ...values: readonly number[]) {
  for (const value of values) {
    if (value < 0) throw new Bug(`${op.node}: negative parameter ${value}`)
    if (value > 0xffff)
      throw new AppError('fit.limit', { what: say`a parameter of ${op.node}`, found: value, limit: 0xffff })
    out.u16(value)
  }
}

const flagsOf = (op: Of<'resizeNearest' | 'resizeBilinear'>) =>
  (op.alignCorners ? resizeFlags.alignCorners : 0) | (op.halfPixelCenters ? resizeFlags.halfPixelCenters : 0)

function nearestTable(op: Of<'resizeNearest' | 'resizeBilinear'>, input: readonly number[], output: readonly number[]) {
  const indices = [1, 2].map((d) => nearestIndices(input[d]!, output[d]!, op.alignCorners, op.halfPixelCenters))
  return new Uint16Array(concatBytes(indices.map(bytesOf)).buffer)
}
