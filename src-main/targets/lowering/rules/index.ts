// Which rule lowers which operator. To add one: write the rule beside its family, add its row here.
import type { Rule } from '../context.ts'
import * as activation from './activation.ts'
import { add, div, mul, pow, prelu, sub } from './binary.ts'
import { batchNormalization } from './channelwise.ts'
import { conv } from './conv.ts'
import { convTranspose } from './conv-transpose.ts'
import { gemm, matMul } from './dense.ts'
import { concat, pad, slice, split } from './movement.ts'
import { averagePool, globalMaxPool, maxPool } from './pool.ts'
import { globalAveragePool, reduceMean, reduceSum } from './reduce.ts'
import { alias, cast, depthToSpace, reshape, spaceToDepth, transpose } from './reshape.ts'
import { resize } from './resize.ts'
import { softmax } from './softmax.ts'

export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Abs', activation.abs],
  ['Add', add],
  ['AveragePool', averagePool],
  ['BatchNormalization', batchNormalization],
  ['Cast', cast],
  ['Clip', activation.clip],
  ['Concat', concat],
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['DepthToSpace', depthToSpace],
  ['DequantizeLinear', alias],
  ['Div', div],
  ['Dropout', alias],
  ['Elu', activation.elu],
  ['Exp', activation.exp],
  ['Flatten', reshape],
  ['Gelu', activation.gelu],
  ['Gemm', gemm],
  ['GlobalAveragePool', globalAveragePool],
  ['GlobalMaxPool', globalMaxPool],
  ['HardSigmoid', activation.hardSigmoid],
  ['HardSwish', activation.hardSwish],
  ['Identity', alias],
  ['LeakyRelu', activation.leakyRelu],
  ['Log', activation.log],
  ['MatMul', matMul],
  ['MaxPool', maxPool],
  ['Mul', mul],
  ['Neg', activation.neg],
  ['PRelu', prelu],
  ['Pad', pad],
  ['Pow', pow],
  ['QuantizeLinear', alias],
  ['ReduceMean', reduceMean],
  ['ReduceSum', reduceSum],
  ['Relu', activation.clip],
  ['Reshape', reshape],
  ['Resize', resize],
  ['Sigmoid', activation.sigmoid],
  ['Slice', slice],
  ['Softmax', softmax],
  ['Softplus', activation.softplus],
  ['Softsign', activation.softsign],
  ['SpaceToDepth', spaceToDepth],
  ['Split', split],
  ['Sqrt', activation.sqrt],
  ['Squeeze', reshape],
  ['Sub', sub],
  ['Tanh', activation.tanh],
  ['Transpose', transpose],
  ['Unsqueeze', reshape],
  ['Upsample', resize],
])
