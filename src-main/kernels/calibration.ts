// What each kernel costs on the CPU and on the GPU of this machine, measured once. `auto` chooses by it (choose.ts).
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Kernels } from './kernels.ts'
import { type ProbeSize, probes } from './probes.ts'
import { type KernelName, kernelNames } from './work.ts'

const point = z.object({
  label: z.string(),
  /** In the unit of the kernel's measure of work. */
  work: z.number().positive(),
  cpuMs: z.number().positive(),
  /** null: not measured, because a smaller size was slow already or the GPU is a software one, which is never chosen. */
  gpuMs: z.number().positive().nullable(),
})

export const calibration = z.object({
  version: z.literal(1),
  /** ISO 8601. */
  measuredAt: z.string(),
  /** What was measured; figures of another machine say nothing. */
  machine: z.object({ cpu: z.string(), threads: z.number().int().positive() }),
  adapter: z.object({ name: z.string(), vendor: z.string(), software: z.boolean() }).nullable(),
  /** Why there is no adapter; null when there is one. */
  problem: z.string().nullable(),
  durationMs: z.number(),
  kernels: z.record(z.enum(kernelNames), z.array(point)),
})
export type Calibration = z.infer<typeof calibration>
export type CalibrationPoint = z.infer<typeof point>
export type Machine = Calibration['machine']

export function thisMachine(): Machine {
  return { cpu: cpus()[0]?.model.trim() || process.arch, threads: availableParallelism() }
}

/** In the user's cache folder: it belongs to the machine and not to a workspace, and can be measured again at any time. */
export function calibrationPath(env: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'Shoehorn', 'kernels.json')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Shoehorn', 'kernels.json')
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'shoehorn', 'kernels.json')
}

/** null when there is none, or it is unreadable or of another machine: then everything runs on the CPU. */
export function readCalibration(path: string, machine: Machine): Calibration | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return null
  }
  const parsed = calibration.safeParse(parseJson(text))
  if (!parsed.success) return null
  const { cpu, threads } = parsed.data.machine
  return cpu === machine.cpu && threads === machine.threads ? parsed.data : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function writeCalibration(path: string, value: Calibration) {
  mkdirSync(dirname(path), { recursive: true })
  const scratch = `${path}.part`
  writeFileSync(scratch, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(scratch, path)
}

export interface MeasureOptions {
  readonly cpu: Kernels
  /** null: only the CPU is measured. */
  readonly gpu: Kernels | null
  /** Monotonic milliseconds. */
  now(): number
  readonly signal: AbortSignal
  progress?(kernel: KernelName, done: number, total: number): void
}

/** A size that is expected to last longer than this on the GPU, and longer than on the CPU, is left out. */
const longestMs = 250

export async function measureKernels(options: MeasureOptions): Promise<Calibration['kernels']> {
  const kernels = Object.fromEntries(kernelNames.map((name) => [name, [] as CalibrationPoint[]]))
  for (const [i, probe] of probes.entries()) {
    options.progress?.(probe.kernel, i, probes.length)
    for (const size of probe.sizes()) {
      options.signal.throwIfAborted()
      const points = kernels[probe.kernel]!
      points.push(await measureSize(size, points.at(-1) ?? null, options))
    }
  }
  return calibration.shape.kernels.parse(kernels)
}

async function measureSize(size: ProbeSize, smaller: CalibrationPoint | null, { cpu, gpu, now }: MeasureOptions) {
  const cpuMs = await timeOf(() => size.run(cpu), now)
  const expectedMs = smaller?.gpuMs ? (smaller.gpuMs * size.work) / smaller.work : 0
  const isHopeless = expectedMs > longestMs && expectedMs > 10 * cpuMs
  const gpuMs = gpu && !isHopeless ? await timeOf(() => size.run(gpu), now) : null
  return { label: size.label, work: size.work, cpuMs, gpuMs }
}

/** The better of two runs after one that compiles and warms; the first of the two alone when it is long. */
export async function timeOf(run: () => Promise<unknown>, now: () => number): Promise<number> {
  const once = async () => {
    const start = now()
    await run()
    return Math.max(1e-3, now() - start)
  }
  await run()
  const first = await once()
  return first > longestMs ? first : Math.min(first, await once())
}
