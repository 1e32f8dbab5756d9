// The pack on the device: put there, measured, and compared with the twin sample by sample.
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import { say, sentence } from '../../base/note.ts'
import { linkTo } from '../../device/links/drivers.ts'
import { systemLinkPorts } from '../../device/links/ports.ts'
import {
  chooseSampleCount,
  compareWithTwin,
  measureLatency,
  measureMemory,
  measureOperators,
} from '../../device/measure.ts'
import { type DeviceSession, type Hello, openSession } from '../../device/session.ts'
import type { Twin } from '../../device/twin.ts'
import type { Samples } from '../../engine/samples.ts'
import { assertFits, checkPlaced } from '../../targets/fit.ts'
import type { Plan } from '../../targets/plan.ts'
import { quantizeSample } from './port-codec.ts'
import type { Host } from './prepare.ts'
import type { RunEvents } from './run-input.ts'

export interface DeviceJob {
  readonly device: string
  readonly modelName: string
  readonly plan: Plan
  readonly pack: Uint8Array
  readonly twin: Twin
  readonly samples: Samples
  /** null: as many as fit the time budget. */
  readonly deviceSamples: number | null
  readonly warmup: number
  readonly runs: number
}

/** Wall time that samples on a device may take when the user does not say how many. */
const sampleBudgetMs = 120_000

export async function runOnDevice(job: DeviceJob, host: Host) {
  const { clock, events } = host
  const { signal } = events
  const link = linkTo(job.device, systemLinkPorts)
  events.progress('deploy', 0, `opening ${link.name}`)
  await using session = await openSession(link, { clock, signal })
  const { hello } = session
  assertDeviceFits(job, hello, link.name)
  const deployment = await session.deploy(job.pack, {
    onProgress: ({ sentBytes, totalBytes }) =>
      events.progress('deploy', sentBytes / totalBytes, say`${sentBytes} of ${totalBytes} bytes`),
  })
  events.log(
    say`${sentence(link.name, {})}: ${hello.board}, ${hello.core}, pack in ${deployment.slotKind === 'ram' ? 'RAM' : say`flash`}, arena ${deployment.arenaBytes} bytes`,
  )
  const measured = await measure(job, session, events)
  const comparison = await validate(job, session, host)
  return { link, hello, deployment, ...measured, ...comparison }
}

export type DeviceResult = Awaited<ReturnType<typeof runOnDevice>>

/** What the device itself says it has, against what the pack needs, before a byte is sent. */
function assertDeviceFits(job: DeviceJob, hello: Hello, device: string) {
  const flash = Math.max(0, ...hello.slots.filter((slot) => slot.kind === 1).map((slot) => slot.capacity))
  const limits = { flashBytes: flash, ramBytes: hello.poolBytes, packInRam: flash === 0 }
  const fit = checkPlaced(job.plan, job.pack.length, limits)
  assertFits(fit, { model: job.modelName, device })
}

async function measure(job: DeviceJob, session: DeviceSession, events: RunEvents) {
  events.progress('measure', 0, say`first inference`)
  const first = await job.samples.read(0, 1)
  for (const [index, ints] of quantizeSample(job.twin.inputs, first, 0).entries()) await session.setInput(index, ints)
  const memory = await measureMemory(session)
  events.progress('measure', 0.3, say`operators`)
  const operators = await measureOperators(session, job.plan)
  events.progress('measure', 0.6, say`latency, ${job.runs} runs`)
  const latency = await measureLatency(session, { warmup: job.warmup, runs: job.runs })
  return { memory, operators, latency }
}

async function validate(job: DeviceJob, session: DeviceSession, { clock, events }: Host) {
  const total = job.samples.count
  const perRunMs = job.deviceSamples === null ? await timeOneSample(job, session, clock) : 0
  const count = Math.min(total, job.deviceSamples ?? chooseSampleCount({ perRunMs, budgetMs: sampleBudgetMs, total }))
  if (count < 1) throw new AppError('data.empty', { path: say`the data set` })
  const outputs: Int8Array[][] = []
  const comparison = await compareWithTwin(session, job.twin, {
    plan: job.plan,
    count,
    signal: events.signal,
    inputs: async (i) => quantizeSample(job.twin.inputs, await job.samples.read(i, 1), 0),
    onSample(i, deviceOutputs) {
      outputs.push(deviceOutputs)
      events.progress('validate', (i + 1) / count, say`sample ${i + 1} of ${count}`)
    },
  })
  return { comparison, outputs }
}

/** Wall time of one sample with its transfer, which the device's own count leaves out. */
async function timeOneSample(job: DeviceJob, session: DeviceSession, clock: Clock): Promise<number> {
  const inputs = quantizeSample(job.twin.inputs, await job.samples.read(0, 1), 0)
  const startMs = clock.monotonicMs()
  await session.infer(inputs)
  return clock.monotonicMs() - startMs
}
