// Cases of patches, Gram matrices, products, factors and solutions.
import type { Matrix, PatchShape, SquareStack } from '../kernels.ts'
import {
  close,
  grams,
  isTrue,
  type KernelCase,
  kernelCase,
  matrix,
  normals,
  same,
  type Verdict,
} from './kernel-case.ts'

const shapes: readonly (readonly [string, PatchShape, groups: readonly number[]])[] = [
  [
    '3 x 3 same',
    {
      batch: 2,
      channels: 6,
      height: 9,
      width: 7,
      kernel: [3, 3],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [1, 1, 1, 1],
    },
    [1, 2, 6],
  ],
  [
    '1 x 1',
    {
      batch: 3,
      channels: 40,
      height: 5,
      width: 5,
      kernel: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
    },
    [1, 4],
  ],
  [
    'strided, dilated, uneven padding',
    {
      batch: 2,
      channels: 4,
      height: 13,
      width: 11,
      kernel: [3, 2],
      strides: [2, 3],
      dilations: [2, 1],
      pads: [0, 2, 3, 1],
    },
    [1, 4],
  ],
  [
    'kernel of the whole image',
    {
      batch: 5,
      channels: 3,
      height: 4,
      width: 4,
      kernel: [4, 4],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
    },
    [1, 3],
  ],
  [
    'many depthwise channels',
    {
      batch: 2,
      channels: 50,
      height: 12,
      width: 12,
      kernel: [3, 3],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [1, 1, 1, 1],
    },
    [50],
  ],
]

const inputOf = (shape: PatchShape) => normals(shape.batch * shape.channels * shape.height * shape.width, 61)
const somePositions = Uint32Array.of(4, 0, 3, 1, 4)

/** The products of the columns of a group, each by itself. */
function gramOf(x: Matrix, from: number, size: number): Float64Array {
  const sum = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      for (let r = 0; r < x.rows; r++)
        sum[i * size + j]! += x.data[r * x.columns + from + i]! * x.data[r * x.columns + from + j]!
  return sum
}

const isSymmetric = ({ groups, size, data }: SquareStack): Verdict => {
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++) {
        const [a, b] = [data[(g * size + i) * size + j], data[(g * size + j) * size + i]]
        if (a !== b) return [`not symmetric at ${g}, ${i}, ${j}: ${a} and ${b}`]
      }
  return []
}

const patchCases = shapes.flatMap(([name, shape]) =>
  [null, somePositions].map((positions) =>
    kernelCase('patches', `${name}, ${positions ? 'some' : 'all'} positions`, {
      run: (kernels) => kernels.patches(inputOf(shape), shape, positions),
      same: (actual, expected) => same('patches', actual.data, expected.data),
    }),
  ),
)

const patchGramCases = shapes.flatMap(([name, shape, groupCounts]) =>
  groupCounts.flatMap((groups) =>
    [null, somePositions, new Uint32Array(0)].map((positions) =>
      kernelCase('patchGram', `${name}, ${groups} groups, ${positions ? positions.length : 'all'} positions`, {
        run: async (kernels) => {
          const once = await kernels.patchGram(inputOf(shape), shape, groups, positions, null)
          return { once, twice: await kernels.patchGram(inputOf(shape), shape, groups, positions, once) }
        },
        same: (actual, expected) => [
          ...close('gram', actual.once.data, expected.once.data, 1e-5),
          ...close('sum', actual.twice.data, expected.twice.data, 1e-5),
          ...same('samples', [actual.twice.samples], [expected.twice.samples]),
        ],
        holds: ({ once, twice }) => [...isSymmetric(once), ...isSymmetric(twice)],
      }),
    ),
  ),
)

const gramCases = [
  [0, 3],
  [1, 1],
  [7, 15],
  [33, 16],
  [40, 17],
  [5000, 31],
  [100, 129],
  [700, 300],
  [3, 513],
].map(([rows, columns]) => {
  const x = matrix(rows!, columns!, 62)
  return kernelCase('gram', `${rows} x ${columns}`, {
    run: async (kernels) => {
      const once = await kernels.gram(x, null)
      return { once, twice: await kernels.gram(x, once) }
    },
    same: (actual, expected) => [
      ...close('gram', actual.once.data, expected.once.data, 1e-5),
      ...close('sum', actual.twice.data, expected.twice.data, 1e-5),
    ],
    holds: ({ once, twice }) => [
      ...isSymmetric(once),
      ...same('samples', [once.samples, twice.samples], [rows!, 2 * rows!]),
      ...(columns! < 40 ? close('direct', once.data, gramOf(x, 0, columns!), 1e-5) : []),
    ],
  })
})

const multiplyCases = [
  [0, 3, 4],
  [2, 0, 3],
  [3, 4, 0],
  [1, 1, 1],
  [2, 17, 16],
  [5, 300, 33],
  [130, 257, 19],
  [33, 64, 400],
].map(([rows, depth, columns]) => {
  const [x, y] = [matrix(rows!, depth!, 63), matrix(depth!, columns!, 64)]
  return kernelCase('multiply', `${rows} x ${depth} x ${columns}`, {
    run: (kernels) => kernels.multiply(x, y),
    same: (actual, expected) => close('product', actual.data, expected.data, 1e-5),
  })
})

/** Damped as the contract says, in double precision. */
function dampedOf({ size: n, data }: SquareStack, group: number, damping: number): Float64Array {
  const a = Float64Array.from(data.subarray(group * n * n, (group + 1) * n * n))
  for (let i = 0; i < n; i++) if (a[i * n + i] === 0) a[i * n + i] = 1
  let trace = 0
  for (let i = 0; i < n; i++) trace += a[i * n + i]!
  for (let i = 0; i < n; i++) a[i * n + i]! += (damping * trace) / n
  return a
}

/** a b of n x n, either transposed. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, n: number, aT: boolean, bT: boolean): Float64Array {
  const c = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const value = aT ? a[k * n + i]! : a[i * n + k]!
      if (value !== 0) for (let j = 0; j < n; j++) c[i * n + j]! += value * (bT ? b[j * n + k]! : b[k * n + j]!)
    }
  return c
}

const isTriangular = ({ groups, size, data }: SquareStack, isLower: boolean): Verdict => {
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++)
        if (data[(g * size + (isLower ? j : i)) * size + (isLower ? i : j)] !== 0)
          return [`not triangular at ${i}, ${j}`]
  return []
}

const groupOf = ({ size, data }: SquareStack, group: number) =>
  data.subarray(group * size * size, (group + 1) * size * size)

const eye = (n: number) => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))

/** A feature that is always zero, as a dead input makes it. */
function withDeadFeature(stack: SquareStack): SquareStack {
  const { groups, size: n } = stack
  const data = stack.data.slice()
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < n; i++) {
      data[(g * n + 1) * n + i] = 0
      data[(g * n + i) * n + 1] = 0
    }
  return { groups, size: n, data }
}

const stacks: readonly (readonly [string, SquareStack, damping: number])[] = [
  ['no group', { groups: 0, size: 3, data: new Float32Array(0) }, 0.01],
  ['1 x 1', grams(1, 1, 3, 71), 0],
  ['zeros', { groups: 2, size: 3, data: new Float32Array(18) }, 0.01],
  ['200 of 9', grams(200, 9, 30, 72), 0.01],
  ['3 of 33 with a dead feature', withDeadFeature(grams(3, 33, 60, 73)), 0.01],
  ['192', grams(1, 192, 400, 74), 0.01],
  ['2 of 200', grams(2, 200, 300, 75), 0.01],
  ['321', grams(1, 321, 640, 76), 0.001],
]

const choleskyCases = stacks.map(([name, a, damping]) =>
  kernelCase('cholesky', name, {
    run: (kernels) => kernels.cholesky(a, damping),
    same: (actual, expected) => close('L', actual.data, expected.data, 1e-4),
    holds: (lower) => [
      ...isTriangular(lower, true),
      ...Array.from({ length: a.groups }, (_, g) => g).flatMap((g) => {
        const l = groupOf(lower, g)
        return close(`L Lᵀ of ${g}`, product(l, l, a.size, false, true), dampedOf(a, g, damping), 1e-5)
      }),
    ],
  }),
)

const inverseCases = stacks.map(([name, a, damping]) =>
  kernelCase('inverseFactor', name, {
    run: (kernels) => kernels.inverseFactor(a, damping),
    same: (actual, expected) => close('U', actual.data, expected.data, 1e-3),
    holds: (upper) => [
      ...isTriangular(upper, false),
      ...Array.from({ length: a.groups }, (_, g) => g).flatMap((g) => {
        const u = groupOf(upper, g)
        const inverse = product(u, u, a.size, true, false)
        return close(
          `Uᵀ U A of ${g}`,
          product(inverse, dampedOf(a, g, damping), a.size, false, false),
          eye(a.size),
          2e-3,
        )
      }),
    ],
  }),
)

/** Not positive whatever the damping is called: a negative eigenvalue. */
const indefinite: SquareStack = { groups: 2, size: 2, data: Float32Array.of(2, 0, 0, 2, 1, 2, 2, 1) }

const failure = async (run: Promise<unknown>): Promise<string> => {
  const outcome = await run.then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  )
  return outcome
}

const refusedCases = (['cholesky', 'inverseFactor'] as const).map((kernel) =>
  kernelCase(kernel, 'not positive', {
    run: (kernels) => failure(kernels[kernel](indefinite, 0.01)),
    same: () => [],
    holds: (code) => isTrue(code === 'kernel.notPositive', `failed with ${code}`),
  }),
)

const solveCases = stacks
  .filter(([, { groups }]) => groups > 0)
  .flatMap(([name, a, damping]) =>
    [1, 5, 33].map((columns) => {
      const b = matrix(a.groups * a.size, columns, 78)
      return kernelCase('solve', `${name}, ${columns} columns`, {
        run: async (kernels) => kernels.solve(await kernels.cholesky(a, damping), b),
        same: (actual, expected) => close('x', actual.data, expected.data, 1e-3),
      })
    }),
  )

export const productCases: readonly KernelCase[] = [
  ...patchCases,
  ...patchGramCases,
  ...gramCases,
  ...multiplyCases,
  ...choleskyCases,
  ...inverseCases,
  ...refusedCases,
  ...solveCases,
]
