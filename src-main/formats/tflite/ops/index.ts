import { convOps } from './conv.ts'
import type { Convert } from './convert.ts'
import { elementwiseOps } from './elementwise.ts'
import { reduceOps } from './reduce.ts'
import { shapeOps } from './shape.ts'

/** How each TFLite operator becomes ONNX nodes. To add one: a row here (in its family), and in schema.ts for its options. */
export const converters: Readonly<Record<string, Convert>> = {
  ...convOps,
  ...elementwiseOps,
  ...reduceOps,
  ...shapeOps,
}
