// Figures from a device: latency, memory, operators, and whether its integers are the twin's.
import { bytesOf } from '../base/bytes.ts'
import { Bug } from '../base/errors.ts'
import type { Plan } from '../targets/plan.ts'
import type { FigureKind, Link } from './links/link.ts'
import { opOutputBytes } from './pack-shape.ts'
import type { DeviceSession, MemoryInfo } from './session.ts'
import type { Twin } from './twin.ts'

/** Microseconds, but for `n` and `cyclesMedian`. */
export interface Latency {
  readonly kind: FigureKind
  /** What cyclesMedian counts: core cycles, executed instructions, or ticks of a timer at clockHz. */
  readonly counter: 'cycles' | 'instructions' | 'ticks'
  /** Times from an emulator that counts instructions take each one to last this many cycles; null elsewhere. */
  readonly cyclesPerInstruction: number | null
  readonly clockHz: number
  readonly min: number
  readonly median: number
  readonly mean: number
  readonly max: number
  /** Sample standard deviation (n - 1); 0 for one run. */
  readonly std: number
  readonly n: number
  readonly cyclesMedian: number
}

export interface OperatorFigure {
  readonly name: string
  /** ONNX operator. */
  readonly op: string
  /** Kind of the plan's operator: the runtime's kernel. */
  readonly kernel: string
  readonly macs: number
  readonly cycles: number
}

export async function measureLatency(
  session: DeviceSession,
  { warmup, runs }: { readonly warmup: number; readonly runs: number },
): Promise<Latency> {
  const { counter, clockHz } = session.hello
  const { kind, ticksPerInstruction } = session.link
  const latency = latencyOf(await session.bench(warmup, runs), clockHz)
  return {
    kind,
    counter: ticksPerInstruction ? 'instructions' : counter === 0 ? 'cycles' : 'ticks',
    cyclesPerInstruction: ticksPerInstruction ?? null,
    clockHz,
    ...latency,
    cyclesMedian: countOf(session.link, latency.cyclesMedian),
  }
}

/** Ticks of the device's counter in the unit that the link's figures are given in. */
const countOf = ({ ticksPerInstruction }: Link, ticks: number) =>
  ticksPerInstruction ? Math.round(ticks / ticksPerInstruction) : ticks

type Spread = Omit<Latency, 'kind' | 'counter' | 'cyclesPerInstruction' | 'clockHz'>

export function latencyOf(counts: readonly number[], clockHz: number): Spread {
  if (counts.length === 0) throw new Bug('a latency of no runs')
  const sorted = counts.toSorted((a, b) => a - b)
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0)
  const us = (count: number) => (count * 1e6) / clockHz
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
  return {
    min: us(sorted[0]!),
    median: us(median),
    mean: us(mean),
    max: us(sorted.at(-1)!),
    std: counts.length === 1 ? 0 : us(Math.sqrt(squares / (counts.length - 1))),
    n: counts.length,
    cyclesMedian: median,
  }
}

/** High-water marks of one inference on the inputs set. */
export async function measureMemory(session: DeviceSession): Promise<MemoryInfo> {
  await session.paint()
  await session.run()
  return session.memory()
}

export async function measureOperators(session: DeviceSession, plan: Plan): Promise<OperatorFigure[]> {
  const counts = await session.profile()
  if (counts.length !== plan.ops.length) throw new Bug(`${counts.length} counts for ${plan.ops.length} operators`)
  return plan.ops.map(({ node, op, kind, macs }, i) => {
    return { name: node, op, kernel: kind, macs, cycles: countOf(session.link, counts[i]!) }
  })
}

/** Where device and twin part, at the earliest operator. */
export interface Difference {
  readonly sample: number
  /** Indices into the plan. */
  readonly op: number
  readonly tensor: number
  /** Element of the tensor. */
  readonly index: number
  readonly device: number
  readonly twin: number
}

export interface Comparison {
  readonly samples: number
  readonly equal: number
  readonly firstDifference?: Difference
}

export interface CompareOptions {
  readonly plan: Plan
  readonly count: number
  readonly signal: AbortSignal
  /** The integers of sample `index`, one array an input. */
  readonly inputs: (index: number) => Promise<readonly Int8Array[]> | readonly Int8Array[]
  readonly onSample?: (index: number, outputs: Int8Array[]) => void
}

/** Every sample on both; for the first that differs, the operators are compared one by one on both. */
export async function compareWithTwin(
  session: DeviceSession,
  twin: Twin,
  options: CompareOptions,
): Promise<Comparison> {
  let equal = 0
  let firstDifference: Difference | undefined
  for (let sample = 0; sample < options.count; sample++) {
    options.signal.throwIfAborted()
    const inputs = await options.inputs(sample)
    const outputs = await session.infer(inputs)
    const expected = twin.run(inputs)
    options.onSample?.(sample, outputs)
    if (outputs.every((values, i) => firstUnequal(values, expected[i]!) < 0)) equal++
    else firstDifference ??= await findDifference(session, twin, options.plan, sample, outputs, expected)
  }
  return { samples: options.count, equal, ...(firstDifference && { firstDifference }) }
}

/** On the inputs that both were given last. */
async function findDifference(
  session: DeviceSession,
  twin: Twin,
  plan: Plan,
  sample: number,
  outputs: readonly Int8Array[],
  expected: readonly Int8Array[],
): Promise<Difference> {
  for (const [op, { output: tensor }] of plan.ops.entries()) {
    const device = await session.inspect(op, tensor, 0, opOutputBytes(plan, op))
    const found = differenceOf(device, twin.inspect(op, tensor))
    if (found !== null) return { sample, op, tensor, ...found }
  }
  // Each operator alone agrees, so it is what was read after the run that differs.
  const port = outputs.findIndex((values, i) => firstUnequal(values, expected[i]!) >= 0)
  const { index, device, twin: right } = differenceOf(bytesOf(outputs[port]!), expected[port]!)!
  return { sample, op: plan.ops.length, tensor: plan.outputs[port]!.tensor, index, device, twin: right }
}

function differenceOf(device: Uint8Array, twin: Int8Array) {
  const values = new Int8Array(device.buffer, device.byteOffset, device.byteLength)
  const index = firstUnequal(values, twin)
  return index < 0 ? null : { index, device: values[index] ?? 0, twin: twin[index] ?? 0 }
}

/** -1 when equal. */
function firstUnequal(a: Int8Array, b: Int8Array): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 && a.length !== b.length ? Math.min(a.length, b.length) : at
}

/** How many samples fit a time budget: at least one, at most all. */
export function chooseSampleCount({
  perRunMs,
  budgetMs,
  total,
}: {
  readonly perRunMs: number
  readonly budgetMs: number
  readonly total: number
}): number {
  return Math.max(1, Math.min(total, Math.floor(budgetMs / Math.max(perRunMs, 0.001))))
}
