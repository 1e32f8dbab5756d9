// What an operator does, for its colour: eight families, told apart by their name in the legend as well.
export const families = ['port', 'conv', 'dense', 'activation', 'pool', 'norm', 'arithmetic', 'shape', 'other'] as const
export type Family = (typeof families)[number]

const members: Readonly<Record<string, Family>> = Object.fromEntries(
  (
    [
      ['conv', 'Conv ConvTranspose ConvInteger QLinearConv DepthwiseConv'],
      ['dense', 'Gemm MatMul MatMulInteger QLinearMatMul Einsum Attention LSTM GRU RNN'],
      [
        'activation',
        'Relu LeakyRelu PRelu Sigmoid HardSigmoid HardSwish Tanh Softmax LogSoftmax Elu Selu Gelu Clip Erf Softplus Mish',
      ],
      [
        'pool',
        'MaxPool AveragePool GlobalAveragePool GlobalMaxPool ReduceMean ReduceSum ReduceMax ReduceMin ArgMax LpPool',
      ],
      ['norm', 'BatchNormalization LayerNormalization InstanceNormalization GroupNormalization LRN'],
      ['arithmetic', 'Add Sub Mul Div Pow Sqrt Exp Log Neg Abs Min Max Sum Mean Where Equal Greater Less'],
      [
        'shape',
        'Reshape Transpose Flatten Squeeze Unsqueeze Concat Split Slice Gather Pad Expand Shape Cast Resize Upsample Identity DepthToSpace SpaceToDepth Tile',
      ],
    ] as const
  ).flatMap(([family, ops]) => ops.split(' ').map((op) => [op, family] as const)),
)

export function familyOf({ kind, op }: { readonly kind: string; readonly op: string }): Family {
  return kind === 'node' ? (members[op] ?? 'other') : 'port'
}

/** Custom properties of the style sheet, which know light from dark. */
export const familyColours: Readonly<Record<Family, string>> = {
  port: '--muted',
  conv: '--c1',
  dense: '--c4',
  activation: '--c3',
  pool: '--c5',
  norm: '--c6',
  arithmetic: '--c2',
  shape: '--line-strong',
  other: '--text',
}
