// The registry of operators of the ONNX domain. To add one: define it in a file here and put it in the list.
import type { Node } from '../graph.ts'
import type { OpDefinition } from '../op.ts'
import { arithmeticOps } from './arithmetic.ts'
import { castOps } from './cast.ts'
import { concat } from './concat.ts'
import { constantOps } from './constant.ts'
import { conv } from './conv.ts'
import { convTranspose } from './conv-transpose.ts'
import { elementwiseOps } from './elementwise.ts'
import { gemm } from './gemm.ts'
import { indexingOps } from './indexing.ts'
import { layoutOps } from './layout.ts'
import { matMul } from './matmul.ts'
import { normalizationOps } from './normalization.ts'
import { pad } from './pad.ts'
import { poolOps } from './pool.ts'
import { quantizeLinearOps } from './quantize-linear.ts'
import { reduceOps } from './reduce.ts'
import { reshapeOp } from './reshape.ts'
import { resizeOps } from './resize.ts'
import { slice } from './slice.ts'
import { split } from './split.ts'

const definitions: readonly OpDefinition[] = [
  ...[conv, convTranspose, gemm, matMul, reshapeOp, concat, split, slice, pad],
  ...[elementwiseOps, arithmeticOps, poolOps, reduceOps, layoutOps, resizeOps, indexingOps].flat(),
  ...[normalizationOps, constantOps, castOps, quantizeLinearOps].flat(),
]

const byName = new Map(definitions.map((definition) => [definition.op, definition]))

/** The definition of the node's operator, null when it is not one of ours. */
export function opDefinition(node: Node): OpDefinition | null {
  return node.domain === '' || node.domain === 'ai.onnx' ? (byName.get(node.op) ?? null) : null
}

export const opNames: readonly string[] = [...byName.keys()]
