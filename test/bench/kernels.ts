// Speed of the compression kernels: the reference, the CPU backend with one thread and with several, and the same C compiled
// natively for one thread. `node test/bench/kernels.ts [part of a name]`; writes nothing.
//
// Every figure but "wall" is CPU time of the whole process (all its threads), the least of some runs, so that a loaded machine
// changes little. The CPU backend's figures include copies of arguments and results into and out of its memory; "kernel" is
// its worker thread alone, which is what native has.
import { execFileSync, spawnSync } from 'node:child_process'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { kernelSources } from '../../build/native/kernels.ts'
import { matrix } from '../../src-main/kernels/cases/kernel-case.ts'
import type { GridLimits, Kernels, Matrix, RowGrids } from '../../src-main/kernels/kernels.ts'
import { openKernels } from '../../src-main/kernels/open.ts'

interface Bench {
  readonly name: string
  run(kernels: Kernels): Promise<unknown>
  /** Arguments of test/unit/kernels/native.c for the same sizes; null: more than one kernel. */
  readonly native: readonly (string | number)[] | null
  /** Too long for the reference. */
  readonly isLarge?: boolean
}

const limits: GridLimits = { min: -7, max: 7, symmetric: true, powerOfTwo: false }
const affine: GridLimits = { min: 0, max: 15, symmetric: false, powerOfTwo: false }
const million = matrix(1000, 1000, 1)
const zeros = { integers: new Int32Array(1e6) }
const stacked = matrix(111_111, 9, 2)
const grids = (rows: number): RowGrids => ({ scale: new Float32Array(rows).fill(0.3), zeroPoint: new Int32Array(rows) })
const searchOf = (kind: GridLimits, metric: object) =>
  ({ ...kind, candidates: 20, shrinkTo: 0.3, columnWeights: null, metric }) as Parameters<Kernels['searchScales']>[1]
const square = (n: number, seed: number) => {
  const { data } = matrix(n, n, seed)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) data[i * n + j] = data[j * n + i]!
    data[i * n + i] = 2 * Math.sqrt(n) + 2
  }
  return { groups: 1, size: n, data }
}
const clusters = (k: number, exactLimit: number) => ({ k, exactLimit, iterations: 20, fixed: [0] })
const image = (channels: number, size: number, kernel: number, batch: number) => ({
  shape: {
    ...{ batch, channels, height: size, width: size },
    kernel: [kernel, kernel] as const,
    strides: [1, 1] as const,
    dilations: [1, 1] as const,
    pads: [kernel >> 1, kernel >> 1, kernel >> 1, kernel >> 1] as const,
  },
  data: matrix(batch * channels, size * size, 3).data,
})
const rounding = (rows: number, iterations: number) => ({
  ...{ ...limits, grids: grids(rows), iterations, learningRate: 0.01, regularization: 0.01 },
  ...({ beta: [20, 2], warmup: 0.2, keepZeros: false } as const),
})
const gptqOptions = (w: Matrix) =>
  ({ ...limits, grids: grids(w.rows), gridColumns: w.columns, blockSize: 128, keepZeros: false }) as const

const symmetric = square(1000, 4)
const large = square(4096, 5)
const [dense, depthwise] = [image(64, 16, 3, 16), image(256, 16, 3, 16)]
const resnet = { w: matrix(64, 576, 6), gram: { ...square(576, 7), samples: 100 } }
const wide = matrix(1024, 4096, 8)
/** Weights of every convolution and the dense layer of ResNet-8 (MLPerf Tiny). */
const resnetLayers = [
  [16, 27],
  [16, 144],
  [16, 144],
  [32, 144],
  [32, 288],
  [32, 16],
  [64, 288],
  [64, 576],
  [64, 32],
  [10, 64],
].map(([rows, columns], i) => ({
  w: matrix(rows!, columns!, 10 + i),
  gram: { ...square(columns!, 30 + i), samples: 512 },
}))

const benches: readonly Bench[] = [
  { name: 'rowStatistics 1000x1000', run: (k) => k.rowStatistics(million), native: ['row_statistics', 1000, 1000] },
  { name: 'rowStatistics 111111x9', run: (k) => k.rowStatistics(stacked), native: ['row_statistics', 111_111, 9] },
  {
    name: 'histogram 1M, 2048 bins',
    run: (k) => k.histogram(million.data, { low: -2, high: 2, bins: 2048 }),
    native: ['histogram', 1_000_000, 2048],
  },
  {
    name: 'searchScales mse 20, 1000x1000',
    run: (k) => k.searchScales(million, searchOf(limits, { kind: 'mse' })),
    native: ['search_scales', 1000, 1000, 20, 4, 4, 1, 0],
  },
  {
    name: 'searchScales mse affine 20, 111111x9',
    run: (k) => k.searchScales(stacked, searchOf(affine, { kind: 'mse' })),
    native: ['search_scales', 111_111, 9, 20, 4, 4, 0, 0],
  },
  {
    name: 'searchScales lp 2.4 20, 1000x1000',
    run: (k) => k.searchScales(million, searchOf(limits, { kind: 'lp', p: 2.4 })),
    native: ['search_scales', 1000, 1000, 20, 3, 4, 1, 0],
  },
  {
    name: 'searchScales kl 20, 1000x1000',
    run: (k) => k.searchScales(million, searchOf(limits, { kind: 'kl', bins: 512 })),
    native: ['search_scales', 1000, 1000, 20, 2, 4, 1, 0],
  },
  {
    name: 'quantize 1000x1000',
    run: (k) => k.quantize(million, grids(1000), limits),
    native: ['quantize', 1000, 1000],
  },
  {
    name: 'dequantize 1000x1000',
    run: (k) => k.dequantize(zeros, million, grids(1000)),
    native: ['dequantize', 1000, 1000],
  },
  {
    name: 'kmeans 1M, k 16, Lloyd',
    run: (k) => k.kmeans(million.data, null, clusters(16, 0)),
    native: ['kmeans', 1_000_000, 16, 0, 0],
  },
  {
    name: 'kmeans 60000, k 16, exact',
    run: (k) => k.kmeans(million.data.subarray(0, 60_000), null, clusters(16, 1e6)),
    native: ['kmeans', 60_000, 16, 1_000_000, 0],
  },
  { name: 'topMask 1M', run: (k) => k.topMask(million.data, 5e5), native: ['top_mask', 1_000_000, 500_000] },
  { name: 'nmMask 2:4 1000x1000', run: (k) => k.nmMask(million, 2, 4), native: ['nm_mask', 1000, 1000, 2, 4] },
  {
    name: 'patches 64x16x16, 3x3, 16',
    run: (k) => k.patches(dense.data, dense.shape, null),
    native: ['patches', 64, 16, 3, 16],
  },
  { name: 'gram 1000x1000', run: (k) => k.gram(million, null), native: ['gram', 1000, 1000] },
  {
    name: 'patchGram 64x16x16, 3x3, 16',
    run: (k) => k.patchGram(dense.data, dense.shape, 1, null, null),
    native: ['gram', 0, 64, 16, 3, 16, 1],
  },
  {
    name: 'patchGram depthwise 256x16x16, 16',
    run: (k) => k.patchGram(depthwise.data, depthwise.shape, 256, null, null),
    native: ['gram', 0, 256, 16, 3, 16, 256],
  },
  { name: 'multiply 1000^3', run: (k) => k.multiply(million, million), native: ['multiply', 1000, 1000, 1000] },
  { name: 'cholesky 1000', run: (k) => k.cholesky(symmetric, 0.01), native: ['factor', 1, 1000, 0, 0] },
  {
    name: 'solve 1000, 1000 columns',
    run: async (k) => k.solve(await lowerOf(k), million),
    native: ['solve', 1, 1000, 1000],
  },
  { name: 'inverseFactor 1000', run: (k) => k.inverseFactor(symmetric, 0.01), native: ['factor', 1, 1000, 1, 0] },
  {
    name: 'gptq 1000x1000',
    run: async (k) => k.gptq(million, await upperOf(k), gptqOptions(million)),
    native: ['gptq', 1000, 1000, 1, 1000],
  },
  {
    name: 'obsPrune 50 % 1000x1000',
    run: async (k) =>
      k.obsPrune(million, await upperOf(k), { sparsity: { kind: 'share', zeros: 0.5 }, blockSize: 128 }),
    native: ['obs_prune', 1000, 1000, 1, 0, 0, 128],
  },
  {
    name: 'optimizeRounding 1000x1000, 4 iterations',
    run: (k) => k.optimizeRounding(million, { ...symmetric, samples: 100 }, rounding(1000, 4)),
    native: ['optimize_rounding', 1000, 1000, 1, 4],
  },
  {
    name: 'optimizeRounding 64x576, 1000 iterations',
    run: (k) => k.optimizeRounding(resnet.w, resnet.gram, rounding(64, 1000)),
    native: ['optimize_rounding', 64, 576, 1, 1000],
    isLarge: true,
  },
  {
    name: 'optimizeRounding of all of ResNet-8, 2000 iterations',
    run: (k) => Promise.all(resnetLayers.map(({ w, gram }) => k.optimizeRounding(w, gram, rounding(w.rows, 2000)))),
    native: null,
    isLarge: true,
  },
  {
    name: 'inverseFactor 4096',
    run: (k) => k.inverseFactor(large, 0.01),
    native: ['factor', 1, 4096, 1, 0],
    isLarge: true,
  },
  {
    name: 'gptq 1024x4096 with inverseFactor',
    run: async (k) => k.gptq(wide, await k.inverseFactor(large, 0.01), gptqOptions(wide)),
    native: null,
    isLarge: true,
  },
]

let [lower, upper]: (Promise<Awaited<ReturnType<Kernels['cholesky']>>> | null)[] = [null, null]
/** Factored once, by whichever comes first. */
function lowerOf(kernels: Kernels) {
  lower ??= kernels.cholesky(symmetric, 0.01)
  return lower
}
function upperOf(kernels: Kernels) {
  upper ??= kernels.inverseFactor(symmetric, 0.01)
  return upper
}

interface Figures {
  readonly cpuMs: number
  /** CPU time of all threads but the caller's: the kernel without the copies; 0 when it ran on the caller's. */
  readonly threadsMs: number
  readonly wallMs: number
}

/** The least of some runs. */
async function timed(runs: number, run: () => Promise<unknown>): Promise<Figures> {
  const all: Figures[] = []
  for (let i = 0; i < runs; i++) {
    const [before, own, begin] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()]
    await run()
    const wallMs = performance.now() - begin
    const mine = milliseconds(process.threadCpuUsage(own))
    const cpuMs = milliseconds(process.cpuUsage(before))
    all.push({ cpuMs, threadsMs: cpuMs - mine, wallMs })
  }
  const least = (of: keyof Figures) => Math.min(...all.map((figures) => figures[of]))
  return { cpuMs: least('cpuMs'), threadsMs: least('threadsMs'), wallMs: least('wallMs') }
}

const milliseconds = ({ user, system }: { readonly user: number; readonly system: number }) => (user + system) / 1000

function buildNative(): string | null {
  const program = join(tmpdir(), `shoehorn-kernels-${process.pid}`)
  const flags = ['-std=c99', '-O3', '-msse4.1', '-Iresources/kernels', '-pthread']
  const args = [...flags, 'test/unit/kernels/native.c', ...kernelSources(), '-lm', '-o', program]
  return spawnSync('clang', args, { cwd: join(import.meta.dirname, '../..') }).status === 0 ? program : null
}

const nativeMs = (program: string, [kernel, ...sizes]: readonly (string | number)[], runs: number): number =>
  Number(execFileSync(program, [`${kernel}`, '1', `${runs}`, ...sizes.map(String)], { encoding: 'utf8' }).split(' ')[0])

process.chdir(join(import.meta.dirname, '../..'))
const wanted = process.argv[2] ?? ''
const threads = availableParallelism()
const program = buildNative()
const reference = await openKernels('reference')
await using one = await openKernels('cpu', { threads: 1 })
await using several = await openKernels('cpu', { threads })
const figure = (ms: number) => (ms < 10 ? ms.toFixed(2) : ms.toFixed(0))
console.log(
  `| call | reference | cpu 1 | cpu ${threads} | cpu ${threads}, wall | kernel | native | reference / cpu 1 | kernel / native |`,
)
console.log('|---|---|---|---|---|---|---|---|---|')
for (const { name, run, native, isLarge } of benches.filter((bench) => bench.name.includes(wanted))) {
  const runs = isLarge ? 2 : 5
  await run(one)
  const cpuOne = await timed(runs, () => run(one))
  const cpuSeveral = await timed(runs, () => run(several))
  const plain = isLarge ? null : await timed(1, () => run(reference))
  const compiled = program && native ? nativeMs(program, native, runs) : null
  const cells = [
    name,
    plain ? figure(plain.cpuMs) : '',
    ...[cpuOne.cpuMs, cpuSeveral.cpuMs, cpuSeveral.wallMs, cpuOne.threadsMs].map(figure),
    compiled === null ? '' : figure(compiled),
    plain ? figure(plain.cpuMs / cpuOne.cpuMs) : '',
    compiled === null ? '' : (cpuOne.threadsMs / compiled).toFixed(2),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
