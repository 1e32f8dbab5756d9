// kernels: which backend `auto` takes, and checks of every backend that this machine has.
import { type Command, Option } from 'commander'
import { systemClock } from '../../../base/clock.ts'
import { AppError } from '../../../base/errors.ts'
import { textOf } from '../../../base/note.ts'
import type { KernelState } from '../../../contract/kernels.ts'
import {
  type KernelTestRow,
  type KernelTime,
  type OpenBackends,
  openBackends,
  testKernels,
  timeKernels,
} from '../../../services/kernel-checks.ts'
import { type Output, table } from '../output.ts'
import { type CliSession, withSession } from '../session.ts'

type Backend = 'reference' | 'cpu' | 'gpu'

interface KernelOptions {
  readonly test?: boolean
  readonly perf?: boolean
  readonly calibrate?: boolean
  readonly backend?: readonly Backend[]
}

export function kernelCommands(program: Command) {
  program
    .command('kernels')
    .description(
      'The compression kernels of this machine: which backend is taken when, whether they are right, how fast.',
    )
    .option('--test', 'run every case on every backend')
    .option('--perf', 'time every kernel on every backend')
    .option('--calibrate', 'measure again what the automatic choice goes by')
    .addOption(
      new Option('--backend <name...>', 'backends to check; left out, all that this machine has').choices([
        'reference',
        'cpu',
        'gpu',
      ]),
    )
    .action((options: KernelOptions, command: Command) =>
      withSession(command, (session) =>
        options.test || options.perf ? check(session, options) : state(session, options.calibrate === true),
      ),
    )
}

async function state({ api, output, signal }: CliSession, isAgain: boolean) {
  const found = isAgain ? await api.kernels.calibrate(undefined, { signal }) : await api.kernels.state()
  output.result(found, () => stateText(found))
}

function stateText({ cpu, gpu, measuredAt, kernels }: KernelState): string {
  const lines = [
    `CPU  ${cpu.model}, ${cpu.threads} threads`,
    `GPU  ${gpu.name ?? textOf(gpu.problem ?? 'not looked for yet')}`,
  ]
  if (gpu.state === 'software') lines.push('     (computes on the CPU: never chosen, so not measured)')
  if (!measuredAt)
    return [...lines, 'Not calibrated: everything runs on the CPU. Run "shoehorn kernels --calibrate".'].join('\n')
  const rows = kernels.flatMap(({ kernel, unit, gpuFrom, sizes }) =>
    sizes.map((size) => [
      kernel,
      size.label,
      milliseconds(size.cpuMs),
      milliseconds(size.gpuMs),
      size.auto,
      gpuFrom === null ? 'never' : `from ${gpuFrom.toLocaleString('en-US')} ${unit}`,
    ]),
  )
  const head = ['kernel', 'size', 'cpu ms', 'gpu ms', 'auto', 'gpu taken']
  return [...lines, `Calibrated ${measuredAt}`, '', table(head, rows)].join('\n')
}

const milliseconds = (ms: number | null) => (ms === null ? null : ms.toFixed(ms < 10 ? 3 : 1))

async function check({ output, signal }: CliSession, { test, perf, backend }: KernelOptions) {
  await using backends = await openBackends(backend ?? null)
  const events = { signal, progress: progressOf(output) }
  const tests = test ? await testKernels(backends.kernels, events) : null
  const times = perf ? await timeKernels(backends.kernels, systemClock, events) : null
  const { adapter, problem } = backends
  output.result({ adapter, problem, ...(tests ? { tests } : {}), ...(times ? { times } : {}) }, () =>
    [adapterText(backends), ...(tests ? [testText(tests)] : []), ...(times ? [timeText(times)] : [])].join('\n\n'),
  )
  const failed = tests?.reduce((sum, row) => sum + row.failed, 0) ?? 0
  if (failed > 0) throw new AppError('kernel.wrong', { failed })
}

const progressOf = (output: Output) => (note: string, done: number, total: number) =>
  output.progress(`kernels  ${String(Math.floor((100 * done) / total)).padStart(3)} %  ${note}`)

function adapterText({ adapter, problem }: OpenBackends): string {
  if (!adapter) return problem ? `${problem} The GPU kernels are left out.` : 'GPU kernels were not asked for.'
  return adapter.software
    ? `GPU: ${adapter.name}, a software adapter: it shows that the GPU kernels are right, and nothing of their speed.`
    : `GPU: ${adapter.name}`
}

function testText(rows: readonly KernelTestRow[]): string {
  const cells = rows.map(({ kernel, backend, passed, failed, deviation }) => [
    kernel,
    backend,
    passed,
    failed,
    deviation === null ? null : deviation.toExponential(1),
    failed === 0 ? 'pass' : 'FAIL',
  ])
  const head = ['kernel', 'backend', 'passed', 'failed', 'largest deviation', '']
  const problems = rows.flatMap((row) => row.problems.map((problem) => `${row.backend}: ${problem}`))
  return [table(head, cells), ...problems].join('\n')
}

function timeText(rows: readonly KernelTime[]): string {
  const backends = rows[0]?.times.map(({ backend }) => backend) ?? []
  const head = ['kernel', 'size', ...backends.flatMap((name) => [`${name} ms`, 'rate']), 'unit', ...ratioHead(backends)]
  const cells = rows.map(({ kernel, size, rate, times }) => [
    kernel,
    size,
    ...times.flatMap(({ ms, perSecond }) => [milliseconds(ms), perSecond === null ? null : perSecond.toPrecision(3)]),
    rate,
    ...ratios(times),
  ])
  return table(head, cells)
}

/** How many times the first backend's speed the others have. */
const ratioHead = (backends: readonly Backend[]) => backends.slice(1).map((name) => `${name} / ${backends[0]}`)

function ratios(times: KernelTime['times']): (string | null)[] {
  const first = times[0]?.ms ?? null
  return times.slice(1).map(({ ms }) => (first === null || ms === null ? null : (first / ms).toFixed(1)))
}
