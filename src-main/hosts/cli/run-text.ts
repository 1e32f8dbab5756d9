// A run as plain text. Every figure stands with how it was obtained.
import { textOf } from '../../base/note.ts'
import type { CrossQuality, Quality, RunReport, TensorEncoding } from '../../contract/report.ts'
import { formatBytes, formatPercent, table } from './output.ts'

type DeviceFigures = Pick<RunReport, 'flash' | 'ram' | 'latency' | 'operators' | 'bitExact'> & {
  readonly encoding?: RunReport['encoding']
}

/** A pack measured without its original. */
export function packText(report: DeviceFigures & { device: RunReport['device']; model: { name: string } }): string {
  const { device, model } = report
  const title = `${model.name} on ${device.name} (${device.core})`
  return [
    title,
    '',
    sizeTable(report),
    '',
    ...encodingLines(report.encoding),
    latencyTable(report),
    '',
    operatorTable(report),
    '',
    exactText(report),
  ].join('\n')
}

export function runText(run: RunReport): string {
  return [
    head(run),
    '',
    budgetTable(run),
    '',
    sizeTable(run),
    ...baselineLines(run),
    '',
    ...encodingLines(run.encoding),
    latencyTable(run),
    '',
    operatorTable(run),
    '',
    qualityTable(run),
    '',
    tail(run),
  ].join('\n')
}

function head(run: RunReport): string {
  const { model, device, recipe } = run
  return `${model.name} on ${device.name} (${device.core}), recipe ${recipe.name}, seed ${run.seed}`
}

const verdict = (met: boolean | null) => (met === null ? 'not measured' : met ? 'met' : 'NOT MET')

function budgetTable(run: RunReport): string {
  if (run.budgets.length === 0) return 'No budgets.'
  return table(
    ['budget', 'limit', 'found', ''],
    run.budgets.map((b) => [
      b.budget,
      b.limit.toLocaleString('en-US'),
      b.value === null ? null : Number(b.value.toPrecision(6)).toLocaleString('en-US'),
      verdict(b.met),
    ]),
  )
}

function sizeTable({ flash, ram, latency }: DeviceFigures): string {
  const read = latency.kind
  const rows: readonly [string, string, string][] = [
    ['flash: pack', formatBytes(flash.packBytes), 'exact'],
    ['  weights', formatBytes(flash.weightsBytes), 'exact'],
    ...(flash.codecTablesBytes === undefined ? [] : [exact('  codec tables', flash.codecTablesBytes)]),
    ['  plan', formatBytes(flash.planBytes), 'exact'],
    ['  biases, requantisation', formatBytes(flash.requantBytes), 'exact'],
    ['  tables of functions', formatBytes(flash.tablesBytes), 'exact'],
    ['  names, origin', formatBytes(flash.metaBytes), 'exact'],
    ['flash: agent and runtime', formatBytes(flash.codeBytes), 'as the device says'],
    ...(flash.code
      ? [
          exact('  kernels', flash.code.kernelsBytes),
          exact('  decoders', flash.code.decodersBytes),
          exact('  protocol', flash.code.protocolBytes),
          exact('  board', flash.code.boardBytes),
        ]
      : []),
    ['flash: together', formatBytes(flash.totalBytes), ''],
    ['RAM: arena', formatBytes(ram.arenaBytes), `planned; high-water ${formatBytes(ram.arenaHighBytes)} ${read}`],
    ['RAM: stack', formatBytes(ram.stackBytes), `high-water, ${read}`],
    ['RAM: static', formatBytes(ram.staticBytes), 'as the device says'],
    ['RAM: together', formatBytes(ram.totalBytes), ''],
  ]
  return table(['memory', 'bytes', ''], rows)
}

const exact = (title: string, bytes: number): [string, string, string] => [title, formatBytes(bytes), 'exact']

/** The same model under another runtime. */
function baselineLines({ baseline, flash }: RunReport): string[] {
  if (!baseline) return []
  const { code } = flash
  const ours = code
    ? `; this pack, kernels and decoders ${formatBytes(flash.packBytes + code.kernelsBytes + code.decodersBytes)}`
    : ''
  const { title, modelBytes, runtimeBytes, totalBytes } = baseline
  return [
    `baseline: ${title}: ${formatBytes(modelBytes)} + ${formatBytes(runtimeBytes)} = ${formatBytes(totalBytes)} bytes of flash${ours}`,
    `  (${baseline.source})`,
  ]
}

export function encodingLines(encoding: readonly TensorEncoding[] = []): string[] {
  if (encoding.length === 0) return []
  const rows = encoding.map((e) => [
    e.tensor.length > 40 ? `${e.tensor.slice(0, 39)}…` : e.tensor,
    formatBytes(e.elements),
    e.entropyBits.toFixed(2),
    formatBytes(Math.round(e.bytes)),
    textOf(e.reason),
  ])
  const sum = (of: (e: TensorEncoding) => number) => formatBytes(Math.round(encoding.reduce((n, e) => n + of(e), 0)))
  const total = ['together', sum((e) => e.elements), '', sum((e) => e.bytes), '']
  return [table(['weights', 'count', 'entropy', 'bytes', 'stored as'], [...rows, total]), '']
}

function counted({ counter, clockHz, cyclesPerInstruction }: RunReport['latency']): string {
  const clock = `${clockHz.toLocaleString('en-US')} Hz`
  if (cyclesPerInstruction === null) return `${counter} at ${clock}`
  return `instructions are counted; times take ${cyclesPerInstruction} cycles each at ${clock}`
}

function latencyTable({ latency: l }: DeviceFigures): string {
  const ms = (us: number) => (us / 1000).toFixed(3)
  return [
    `latency, ${l.kind} (${counted(l)}), n = ${l.n} after ${l.warmup} warm-up`,
    table(
      ['min ms', 'median ms', 'mean ms', 'max ms', 'std ms', `median ${l.counter}`],
      [[ms(l.min), ms(l.median), ms(l.mean), ms(l.max), ms(l.std), l.cyclesMedian.toLocaleString('en-US')]],
    ),
  ].join('\n')
}

function operatorTable({ operators, latency }: DeviceFigures): string {
  const total = operators.reduce((sum, o) => sum + o.cycles, 0) || 1
  return table(
    ['operator', 'kernel', 'MACs', latency.counter, 'share'],
    operators.map((o) => [
      o.name,
      o.kernel,
      formatBytes(o.macs),
      formatBytes(o.cycles),
      `${((100 * o.cycles) / total).toFixed(1)} %`,
    ]),
  )
}

function qualityTable({ quality: q, device }: RunReport): string {
  const row = (name: string, found: Quality) =>
    found.task === 'classification'
      ? [
          name,
          found.n,
          formatPercent(found.top1),
          formatPercent(found.precision),
          formatPercent(found.recall),
          found.f1.toFixed(4),
        ]
      : [name, found.n, '–', '–', '–', '–']
  const cross = (name: string, found: CrossQuality) =>
    `${name}: n ${found.n}, agreement ${formatPercent(found.agreement)}, RMSE ${found.rmse.toPrecision(4)}, cosine ${found.cosine.toFixed(6)}, SQNR ${found.sqnrDb === null ? '–' : `${found.sqnrDb.toFixed(1)} dB`}`
  return [
    table(
      ['quality', 'n', 'top-1', 'precision', 'recall', 'F1'],
      [
        row(`${device.name} against truth`, q.device),
        row('original on the same samples', q.originalOnDeviceSamples),
        row('twin against truth', q.twin),
        row('original against truth', q.original),
      ],
    ),
    cross('device against original', q.cross),
    cross('twin against original', q.twinCross),
  ].join('\n')
}

function exactText({ bitExact }: DeviceFigures): string {
  const { samples, equal, firstDifference: at } = bitExact
  const head = `bit-exact with the twin: ${equal} of ${samples} samples`
  if (!at) return head
  return `${head}\nfirst difference: sample ${at.sample}, operator ${at.operator}, index ${at.index}: device ${at.device}, twin ${at.twin}`
}

function tail(run: RunReport): string {
  const { originalBytes, ratio } = run.compression
  const lines = [
    exactText(run),
    `original file ${formatBytes(originalBytes)} bytes, ${ratio.toFixed(2)} times the pack`,
  ]
  for (const warning of run.warnings) lines.push(`note: ${textOf(warning)}`)
  lines.push(`run ${run.id}, ${(run.durationMs / 1000).toFixed(1)} s`)
  return lines.join('\n')
}

export function comparisonText(runs: readonly RunReport[]): string {
  const figures: [string, (run: RunReport) => string][] = [
    ['model', (r) => r.model.name],
    ['recipe', (r) => r.recipe.name],
    ['device', (r) => r.device.name],
    ['encoding', (r) => r.encodingGoal ?? '–'],
    ['flash bytes', (r) => formatBytes(r.flash.totalBytes)],
    ['pack bytes', (r) => formatBytes(r.pack.bytes)],
    ['RAM bytes', (r) => formatBytes(r.ram.totalBytes)],
    ['median latency ms', (r) => `${(r.latency.median / 1000).toFixed(3)} ${r.latency.kind}`],
    ['median count', (r) => `${formatBytes(r.latency.cyclesMedian)} ${r.latency.counter}`],
    ['samples', (r) => `${formatBytes(r.quality.twin.n)} of ${r.data.name}`],
    ['top-1, twin', (r) => (r.quality.twin.task === 'classification' ? formatPercent(r.quality.twin.top1) : '–')],
    [
      'top-1, original',
      (r) => (r.quality.original.task === 'classification' ? formatPercent(r.quality.original.top1) : '–'),
    ],
    ['bit-exact', (r) => `${r.bitExact.equal} of ${r.bitExact.samples}`],
  ]
  const compared = table(
    ['', ...runs.map((run) => run.id.slice(0, 8))],
    figures.map(([name, of]) => [name, ...runs.map(of)]),
  )
  const [first] = runs
  const isSame = runs.every(
    ({ data, quality }) => data.sha256 === first?.data.sha256 && quality.twin.n === first.quality.twin.n,
  )
  return isSame ? compared : `${compared}\n\n${apart}`
}

const apart =
  'The runs were measured on different samples, so their top-1 cannot be held against each other; --samples gives that on the samples that they share.'
