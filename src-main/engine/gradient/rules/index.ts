import type { GradientRule } from '../backward.ts'
import { convolutionRules } from './convolution.ts'
import { denseRules } from './dense.ts'
import { elementwiseRules } from './elementwise.ts'
import { layoutRules } from './layout.ts'
import { poolingRules } from './pooling.ts'
import { reductionRules } from './reduction.ts'

/** By ONNX operator. */
export const gradientRules: ReadonlyMap<string, GradientRule> = new Map([
  ...convolutionRules,
  ...denseRules,
  ...elementwiseRules,
  ...layoutRules,
  ...poolingRules,
  ...reductionRules,
])
