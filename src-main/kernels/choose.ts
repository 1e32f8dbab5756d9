// `auto`: each call goes to the backend that the calibration expects to be faster for its size; without a calibration, to the
// CPU. What a GPU cannot do (too large, device lost) the CPU does.
import { AppError } from '../base/errors.ts'
import type { Calibration, CalibrationPoint } from './calibration.ts'
import type { Kernels } from './kernels.ts'
import { type KernelName, kernelNames, workMeasures } from './work.ts'

export type CallBackend = 'cpu' | 'gpu'

/** Calls that went to one backend. */
export interface Choice {
  readonly kernel: KernelName
  readonly backend: CallBackend
  readonly calls: number
  readonly work: number
}

export interface AutoKernels extends Kernels {
  /** Which backend the calls so far took. */
  choices(): Choice[]
}

/** Milliseconds of a call: a fixed part and one that grows with the work. */
interface CostLine {
  readonly fixedMs: number
  readonly msPerUnit: number
}

/** Through the smallest and the largest size that were measured, with no negative part. */
function costLine(points: readonly { readonly work: number; readonly ms: number }[]): CostLine {
  const [small, large] = [points[0]!, points.at(-1)!]
  const slope = small.work < large.work ? (large.ms - small.ms) / (large.work - small.work) : 0
  const fixedMs = small.ms - slope * small.work
  if (slope <= 0) return { fixedMs: Math.min(small.ms, large.ms), msPerUnit: 0 }
  return fixedMs < 0 ? { fixedMs: 0, msPerUnit: large.ms / large.work } : { fixedMs, msPerUnit: slope }
}

/**
 * The work from which on the GPU is expected to be faster; Infinity: never. A software adapter computes on the same cores
 * as the CPU kernels, and a size that was not measured was given up as slow: neither is chosen.
 */
export function gpuFrom(points: readonly CalibrationPoint[], adapter: Calibration['adapter']): number {
  const measured = points.flatMap(({ work, gpuMs }) => (gpuMs === null ? [] : [{ work, ms: gpuMs }]))
  if (!adapter || adapter.software || points.length === 0 || measured.length < points.length) return Infinity
  const gpu = costLine(measured)
  const cpu = costLine(points.map(({ work, cpuMs }) => ({ work, ms: cpuMs })))
  if (gpu.fixedMs <= cpu.fixedMs) return gpu.msPerUnit <= cpu.msPerUnit ? 0 : Infinity
  if (gpu.msPerUnit >= cpu.msPerUnit) return Infinity
  return (gpu.fixedMs - cpu.fixedMs) / (cpu.msPerUnit - gpu.msPerUnit)
}

/** Work from which on a kernel's calls go to the GPU; a kernel that is not in it stays on the CPU. */
export type Thresholds = ReadonlyMap<KernelName, number>

export function thresholdsOf(calibration: Calibration | null): Thresholds {
  const from = (name: KernelName) =>
    calibration ? gpuFrom(calibration.kernels[name] ?? [], calibration.adapter) : Infinity
  return new Map(kernelNames.map((name) => [name, from(name)] as const).filter(([, work]) => work < Infinity))
}

export interface AutoOptions {
  readonly cpu: Kernels
  /** Called when the first call is to run there. */
  openGpu(): Promise<Kernels>
  readonly thresholds: Thresholds
}

/** Failures of the GPU alone, which the CPU does not have. */
const gpuFailures: readonly string[] = ['kernel.noGpu', 'kernel.gpuLost', 'kernel.gpuMemory']

/** Owns `cpu`, and the GPU once it is open. */
export function autoKernels({ cpu, openGpu, thresholds }: AutoOptions): AutoKernels {
  const taken = new Map<string, Choice>()
  let gpu: Promise<Kernels> | null = null
  let isLost = false

  function count(kernel: KernelName, backend: CallBackend, work: number) {
    const before = taken.get(`${kernel} ${backend}`) ?? { calls: 0, work: 0 }
    taken.set(`${kernel} ${backend}`, { kernel, backend, calls: before.calls + 1, work: before.work + work })
  }

  async function onGpu<T>(run: (kernels: Kernels) => Promise<T>): Promise<{ readonly value: T } | null> {
    try {
      gpu ??= openGpu()
      return { value: await run(await gpu) }
    } catch (error) {
      if (!(error instanceof AppError) || !gpuFailures.includes(error.code)) throw error
      if (error.code !== 'kernel.gpuMemory') isLost = true
      return null
    }
  }

  async function take<T>(kernel: KernelName, work: number, run: (kernels: Kernels) => Promise<T>): Promise<T> {
    const done = work >= (thresholds.get(kernel) ?? Infinity) && !isLost ? await onGpu(run) : null
    count(kernel, done ? 'gpu' : 'cpu', work)
    return done ? done.value : run(cpu)
  }

  const measure = workMeasures
  return {
    backend: 'cpu',
    choices: () => [...taken.values()],
    rowStatistics: (...args) =>
      take('rowStatistics', measure.rowStatistics.of(...args), (k) => k.rowStatistics(...args)),
    histogram: (...args) => take('histogram', measure.histogram.of(...args), (k) => k.histogram(...args)),
    searchScales: (...args) => take('searchScales', measure.searchScales.of(...args), (k) => k.searchScales(...args)),
    quantize: (...args) => take('quantize', measure.quantize.of(...args), (k) => k.quantize(...args)),
    dequantize: (...args) => take('dequantize', measure.dequantize.of(...args), (k) => k.dequantize(...args)),
    kmeans: (...args) => take('kmeans', measure.kmeans.of(...args), (k) => k.kmeans(...args)),
    topMask: (...args) => take('topMask', measure.topMask.of(...args), (k) => k.topMask(...args)),
    nmMask: (...args) => take('nmMask', measure.nmMask.of(...args), (k) => k.nmMask(...args)),
    patches: (...args) => take('patches', measure.patches.of(...args), (k) => k.patches(...args)),
    gram: (...args) => take('gram', measure.gram.of(...args), (k) => k.gram(...args)),
    patchGram: (...args) => take('patchGram', measure.patchGram.of(...args), (k) => k.patchGram(...args)),
    multiply: (...args) => take('multiply', measure.multiply.of(...args), (k) => k.multiply(...args)),
    cholesky: (...args) => take('cholesky', measure.cholesky.of(...args), (k) => k.cholesky(...args)),
    solve: (...args) => take('solve', measure.solve.of(...args), (k) => k.solve(...args)),
    inverseFactor: (...args) =>
      take('inverseFactor', measure.inverseFactor.of(...args), (k) => k.inverseFactor(...args)),
    gptq: (...args) => take('gptq', measure.gptq.of(...args), (k) => k.gptq(...args)),
    obsPrune: (...args) => take('obsPrune', measure.obsPrune.of(...args), (k) => k.obsPrune(...args)),
    optimizeRounding: (...args) =>
      take('optimizeRounding', measure.optimizeRounding.of(...args), (k) => k.optimizeRounding(...args)),
    async [Symbol.asyncDispose]() {
      await cpu[Symbol.asyncDispose]()
      const opened = await gpu?.catch(() => null)
      await opened?.[Symbol.asyncDispose]()
    },
  }
}
