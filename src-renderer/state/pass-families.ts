// Passes as the shelf groups them. One that is not known here stands with the others.
export const passFamilies = ['prune', 'factorize', 'quantize', 'correct', 'fold', 'other'] as const
export type PassFamily = (typeof passFamilies)[number]

const known: Readonly<Record<string, PassFamily>> = {
  'widen-floats': 'fold',
  'fold-constants': 'fold',
  'canonical-activations': 'fold',
  'canonical-linear': 'fold',
  'fold-batch-norm': 'fold',
  'fold-pad': 'fold',
  'remove-dead': 'fold',
  'remove-identities': 'fold',
  'cancel-transposes': 'fold',
  'fuse-linear': 'fold',
  'constant-batch': 'fold',
  factorize: 'factorize',
  'share-weights': 'quantize',
  'quantize-int8': 'quantize',
  'quantize-weights': 'quantize',
  'reconstruct-blocks': 'quantize',
  'convert-floats': 'quantize',
  equalize: 'correct',
  'bias-correct': 'correct',
}

export const familyOf = (pass: string): PassFamily => known[pass] ?? (pass.startsWith('prune-') ? 'prune' : 'other')

/** Operators whose weights passes prune, quantise and share. */
const changeable: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'DepthwiseConv', 'Gemm', 'MatMul'])
export const isChangeable = (op: string): boolean => changeable.has(op)
