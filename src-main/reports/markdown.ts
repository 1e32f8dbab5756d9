import { flashParts } from '../contract/flash-parts.ts'
import type { RunReport, TensorEncoding } from '../contract/report.ts'
import { type ReportSection, reportSections } from '../contract/reports.ts'
import {
  accuracy,
  accuracyDrop,
  baselineRows,
  budgetKind,
  budgetTitles,
  crossRows,
  deviceFigureKind,
  figure,
  formatBudget,
  formatBytes,
  formatHz,
  formatPoints,
  formatShare,
  formatUs,
  grouped,
  qualityRows,
  ramParts,
  withinBudgets,
} from './figures.ts'
import type { ReportData } from './render.ts'

export function writeMarkdown(data: ReportData): string {
  const { runs, sections = reportSections } = data
  const head = [
    `# ${plain(data.title)}`,
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, made ${plain(data.generatedAt)} by ${plain(data.producer)}.`,
  ]
  const compared = runs.length > 1 && sections.includes('comparison')
  return `${[...head, ...(compared ? [overviewTable(runs)] : []), ...runs.flatMap((run) => runSections(run, sections))].join('\n\n')}\n`
}

function overviewTable(runs: readonly RunReport[]): string {
  return table(
    ['Run', 'Device', 'Flash', 'RAM', 'Latency, median', 'Accuracy (twin)', 'Drop', 'Bit-exact', 'Budgets'],
    runs.map((run) => [
      `${plain(run.model.name)}, ${plain(run.recipe.name)}`,
      `${plain(run.device.name)}, ${deviceFigureKind(run)}`,
      formatBytes(run.flash.totalBytes),
      formatBytes(run.ram.totalBytes),
      `${formatUs(run.latency.median)} (${run.latency.kind})`,
      accuracy(run) === null ? '–' : `${formatShare(accuracy(run))} (simulated)`,
      formatPoints(accuracyDrop(run)),
      `${run.bitExact.equal} of ${run.bitExact.samples}`,
      withinBudgets(run) ? 'within' : 'over',
    ]),
  )
}

const writers: Record<ReportSection, (run: RunReport) => readonly string[]> = {
  comparison: () => [],
  summary: (run) => [
    [
      `${withinBudgets(run) ? 'Within its budgets.' : 'Over its budgets.'} Bit-exact: ${run.bitExact.equal} of ${run.bitExact.samples}`,
      `outputs of the device equal the twin's (${deviceFigureKind(run)}).`,
    ].join(' '),
    ...run.warnings.map((warning) => `> ${plain(warning)}`),
    ...(run.budgets.length > 0 ? [budgetTable(run)] : []),
  ],
  figures: (run) => [
    memoryTable(run),
    ...(run.baseline ? [baselineTable(run), `Baseline: ${plain(run.baseline.source)}.`] : []),
    latencyTable(run),
  ],
  weights: (run) => (run.encoding?.length ? [encodingTable(run.encoding)] : []),
  quality: (run) => [truthTable(run), crossTable(run)],
  operators: (run) => (run.operators.length > 0 ? [operatorTable(run)] : []),
  memory: (run) => (run.memoryMap.length > 0 ? [memoryMapTable(run)] : []),
  recipe: (run) => [recipeTable(run)],
  provenance: (run) => [recordTable(run)],
}

function runSections(run: RunReport, sections: readonly ReportSection[]): string[] {
  const chosen = reportSections.filter((section) => sections.includes(section))
  return [
    `## ${plain(run.model.name)}, ${plain(run.recipe.name)}, on ${plain(run.device.name)}`,
    ...chosen.flatMap((section) => writers[section](run)),
  ]
}

function memoryMapTable(run: RunReport): string {
  return table(
    ['Memory map (estimated: as planned)', 'Live in the arena', 'Tensors'],
    run.memoryMap.map(({ operator, liveBytes, tensors }) => [
      plain(operator),
      formatBytes(liveBytes),
      tensors.map(({ name, offset }) => `${plain(name)} at ${grouped(offset)}`).join(', '),
    ]),
  )
}

function budgetTable(run: RunReport): string {
  return table(
    ['Budget', 'Limit', 'Value', 'Result'],
    run.budgets.map(({ budget, limit, value, met }) => [
      budgetTitles[budget],
      formatBudget(budget, limit),
      value === null ? formatBudget(budget, value) : `${formatBudget(budget, value)} (${budgetKind(run, budget)})`,
      met === null ? 'unknown' : met ? 'met' : 'not met',
    ]),
  )
}

function memoryTable(run: RunReport): string {
  const part = (memory: string) => (each: { title: string; bytes: number; note?: string }) => [
    memory,
    each.note ? `${each.title} (${each.note})` : each.title,
    formatBytes(each.bytes),
  ]
  return table(
    [`Memory (${deviceFigureKind(run)})`, 'Part', 'Size'],
    [
      ...flashParts(run).map(part('Flash')),
      ['Flash', '**Total**', `**${formatBytes(run.flash.totalBytes)}** of ${formatBytes(run.flash.availableBytes)}`],
      ...ramParts(run).map(part('RAM')),
      ['RAM', '**Total**', `**${formatBytes(run.ram.totalBytes)}** of ${formatBytes(run.ram.availableBytes)}`],
    ],
  )
}

function baselineTable(run: RunReport): string {
  return table(
    ['Flash', 'Model', 'Runtime', 'Together'],
    baselineRows(run).map(({ title, modelBytes, runtimeBytes, totalBytes }) => [
      plain(title),
      formatBytes(modelBytes),
      runtimeBytes === null ? 'unknown' : formatBytes(runtimeBytes),
      totalBytes === null ? 'unknown' : formatBytes(totalBytes),
    ]),
  )
}

function encodingTable(rows: readonly TensorEncoding[]): string {
  return table(
    ['Weights', 'Count', 'Entropy', 'Stored', 'Size', 'int8', 'Why'],
    rows.map((row) => [
      plain(row.tensor),
      grouped(row.elements),
      `${row.entropyBits.toFixed(2)} bit`,
      `${row.codec}, ${row.mode}`,
      formatBytes(row.bytes),
      formatBytes(row.int8Bytes),
      plain(row.reason),
    ]),
  )
}

function latencyTable({ latency }: RunReport): string {
  return table(
    [`Latency (${latency.kind})`, 'Min', 'Median', 'Mean', 'Max', 'Std', 'n', `Median ${latency.counter}`, 'Clock'],
    [
      [
        'One inference',
        ...[latency.min, latency.median, latency.mean, latency.max, latency.std].map(formatUs),
        String(latency.n),
        grouped(latency.cyclesMedian),
        formatHz(latency.clockHz),
      ],
    ],
  )
}

function truthTable(run: RunReport): string {
  return table(
    ['Quality', 'How', 'n', 'top-1', 'precision', 'recall', 'F1', 'AUC', 'RMSE', 'MAE'],
    qualityRows(run).map(({ title, kind, quality }) => {
      const classes = quality.task === 'classification' ? quality : null
      const regression = quality.task === 'regression' ? quality : null
      return [
        title,
        kind,
        grouped(quality.n),
        formatShare(classes?.top1 ?? null),
        formatShare(classes?.precision ?? null),
        formatShare(classes?.recall ?? null),
        formatShare(classes?.f1 ?? null),
        figure(classes?.auc ?? null),
        figure(regression?.rmse ?? null),
        figure(regression?.mae ?? null),
      ]
    }),
  )
}

function crossTable(run: RunReport): string {
  return table(
    ['Cross', 'How', 'n', 'agreement', 'RMSE', 'MAE', 'L2r', 'cosine', 'SQNR', 'largest difference'],
    crossRows(run).map(({ title, kind, cross }) => [
      title,
      kind,
      grouped(cross.n),
      formatShare(cross.agreement),
      figure(cross.rmse),
      figure(cross.mae),
      figure(cross.l2r),
      cross.cosine.toFixed(6),
      cross.sqnrDb === null ? '–' : `${cross.sqnrDb.toFixed(1)} dB`,
      figure(cross.maxAbs),
    ]),
  )
}

function operatorTable(run: RunReport): string {
  const { counter, kind } = run.latency
  return table(
    ['Operator', 'Type', 'Kernel', 'MACs', `${counter} (${kind})`],
    run.operators.map((each) => [
      plain(each.name),
      plain(each.op),
      plain(each.kernel),
      grouped(each.macs),
      grouped(each.cycles),
    ]),
  )
}

function recipeTable(run: RunReport): string {
  return table(
    ['Pass', 'Parameters', 'Notes'],
    run.recipe.passes.map((step, i) => {
      const done = run.steps[i]?.pass === step.pass ? run.steps[i] : undefined
      return [
        plain(step.pass),
        plain(JSON.stringify(step.params)),
        plain([...(done?.notes ?? []), ...(done?.warnings ?? [])].join('; ')),
      ]
    }),
  )
}

function recordTable(run: RunReport): string {
  const { calibration } = run.data
  return table(
    ['Record', 'Value', 'SHA-256'],
    [
      ['Run', `${plain(run.id)}, ${plain(run.createdAt)}, by ${plain(run.producer)}, seed ${run.seed}`, ''],
      [
        'Device',
        `${plain(run.device.id)} (${run.device.kind}), ${plain(run.device.core)} at ${formatHz(run.device.clockHz)}`,
        '',
      ],
      ['Agent', `${plain(run.device.agentBuild)} over ${plain(run.device.link)}`, ''],
      ['Model', `${plain(run.model.name)}, ${formatBytes(run.model.bytes)}`, run.model.sha256],
      ['Data', `${plain(run.data.name)}, ${grouped(run.data.samples)} samples`, run.data.sha256],
      [
        'Calibration',
        calibration ? `${plain(calibration.name)}, ${grouped(calibration.samples)} samples` : 'none',
        calibration?.sha256 ?? '',
      ],
      ['Preprocessing', plain(JSON.stringify(run.data.preprocess)), ''],
      ['Recipe', plain(run.recipe.name), run.recipeSha256],
      ['Pack', formatBytes(run.pack.bytes), run.pack.sha256],
    ],
  )
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Text of the user as text: no markup, no HTML, no line that ends a table. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#~]/g, '\\$&').replace(/\s*[\r\n]+\s*/g, ' ')
}
