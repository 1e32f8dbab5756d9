import { flashParts, type Part } from '../contract/flash-parts.ts'
import type { FigureKind, Quality, RunReport } from '../contract/report.ts'
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
import { type Content, html, type Markup, nothing, table } from './markup.ts'
import { barPlot, memoryPlot } from './svg.ts'

export function kindWord(kind: FigureKind): Markup {
  return html`<span class="kind ${kind}">${kind}</span>`
}

const writers: Record<Exclude<ReportSection, 'comparison'>, readonly ((run: RunReport) => Markup)[]> = {
  summary: [headline],
  figures: [memories, baselineSection, latencySection],
  weights: [encodingSection],
  quality: [qualitySection, confusions],
  operators: [operators],
  memory: [memoryMap],
  recipe: [recipeSection],
  provenance: [record],
}

export function runSections(run: RunReport, index: number, sections: readonly ReportSection[]): Markup {
  const chosen = reportSections.filter((section) => section !== 'comparison' && sections.includes(section))
  const parts = chosen.flatMap((section) => (section === 'comparison' ? [] : writers[section]))
  return html`<section id="run-${index + 1}">
<h2>${run.model.name}, ${run.recipe.name}, on ${run.device.name}</h2>
${parts.map((write) => write(run))}</section>
`
}

function headline(run: RunReport): Markup {
  const exact = run.bitExact.equal === run.bitExact.samples
  const first = run.bitExact.firstDifference
  const budgets = run.budgets.map((each): Content[] => [
    budgetTitles[each.budget],
    formatBudget(each.budget, each.limit),
    html`${formatBudget(each.budget, each.value)} ${each.value === null ? nothing : kindWord(budgetKind(run, each.budget))}`,
    each.met === null
      ? html`<span class="muted">unknown</span>`
      : html`<span class="${each.met ? 'good' : 'bad'}">${each.met ? 'met' : 'not met'}</span>`,
  ])
  return html`<p class="big ${withinBudgets(run) ? 'good' : 'bad'}">${withinBudgets(run) ? 'Within its budgets' : 'Over its budgets'}</p>
<p class="${exact ? 'good' : 'bad'}">Bit-exact: ${run.bitExact.equal} of ${run.bitExact.samples} outputs of the device equal the twin's. ${kindWord(deviceFigureKind(run))}</p>
${
  first
    ? html`<p class="bad">First difference: sample ${first.sample}, operator ${first.operator}, ${first.tensor}[${first.index}]: device ${first.device}, twin ${first.twin}.</p>
`
    : nothing
}<p>Accuracy of the twin ${formatShare(accuracy(run))}, ${formatPoints(accuracyDrop(run))} below the original. Packed ${formatBytes(run.compression.packedBytes)} from ${formatBytes(run.compression.originalBytes)}: ${run.compression.ratio.toFixed(2)} times smaller. ${kindWord('simulated')}</p>
${
  run.warnings.length > 0
    ? html`<ul class="warn">${run.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>
`
    : nothing
}${
  budgets.length > 0
    ? table(
        [{ title: 'Budget' }, { title: 'Limit', number: true }, { title: 'Value', number: true }, { title: 'Result' }],
        budgets,
      )
    : nothing
}`
}

function memories(run: RunReport): Markup {
  const kind = deviceFigureKind(run)
  return html`<div class="columns">
<section><h3>Flash ${kindWord(kind)}</h3>
${split(flashParts(run), run.flash.totalBytes, run.flash.availableBytes)}</section>
<section><h3>RAM ${kindWord(kind)}</h3>
${split(ramParts(run), run.ram.totalBytes, run.ram.availableBytes)}</section>
</div>
`
}

function split(parts: readonly Part[], totalBytes: number, availableBytes: number): Markup {
  const share = availableBytes > 0 ? ` (${((totalBytes / availableBytes) * 100).toFixed(1)} % used)` : ''
  return table(
    [{ title: 'Part' }, { title: 'Size', number: true }],
    [
      ...parts.map(({ title, bytes, note }): Content[] => [
        html`${title}${note ? html` <span class="muted">(${note})</span>` : nothing}`,
        formatBytes(bytes),
      ]),
      [html`<strong>Total</strong>`, html`<strong>${formatBytes(totalBytes)}</strong>`],
      ['Available', availableBytes > 0 ? `${formatBytes(availableBytes)}${share}` : 'unlimited'],
    ],
  )
}

function baselineSection(run: RunReport): Markup {
  const rows = baselineRows(run).map(({ title, modelBytes, runtimeBytes, totalBytes }): Content[] => [
    title,
    formatBytes(modelBytes),
    runtimeBytes === null ? 'unknown' : formatBytes(runtimeBytes),
    totalBytes === null ? 'unknown' : formatBytes(totalBytes),
  ])
  if (!run.baseline) return nothing
  return html`<h3>Model and runtime in flash</h3>
${table(
  ['', 'Model', 'Runtime', 'Together'].map((title, i) => ({ title, number: i > 0 })),
  rows,
)}<p class="muted">Baseline: ${run.baseline.source}.</p>
`
}

function encodingSection({ encoding = [], encodingGoal }: RunReport): Markup {
  if (encoding.length === 0) return nothing
  const rows = encoding.map((row): Content[] => [
    row.tensor,
    grouped(row.elements),
    `${row.entropyBits.toFixed(2)} bit`,
    `${row.codec}, ${row.mode}`,
    formatBytes(row.bytes),
    formatBytes(row.int8Bytes),
    row.reason,
  ])
  return html`<h3>Weights <span class="muted">encoding ${encodingGoal ?? 'auto'}</span></h3>
<div class="wide">
${table(
  ['Tensor', 'Weights', 'Entropy', 'Stored', 'Size', 'int8', 'Why'].map((title, i) => ({
    title,
    number: [1, 2, 4, 5].includes(i),
  })),
  rows,
)}</div>
`
}

function latencySection({ latency }: RunReport): Markup {
  const columns = [
    'Minimum',
    'Median',
    'Mean',
    'Maximum',
    'Standard deviation',
    'n',
    `Median ${latency.counter}`,
    'Clock',
  ]
  const row: Content[] = [
    ...[latency.min, latency.median, latency.mean, latency.max, latency.std].map(formatUs),
    `${latency.n} after ${latency.warmup} warm-up`,
    grouped(latency.cyclesMedian),
    formatHz(latency.clockHz),
  ]
  return html`<h3>Latency ${kindWord(latency.kind)}</h3>
<div class="wide">
${table(
  columns.map((title, i) => ({ title, number: i > 0 })),
  [row],
)}</div>
`
}

function qualitySection(run: RunReport): Markup {
  const rows = qualityRows(run)
  const titles = metricTitles(run.quality.original.task)
  const truth = table(
    [
      { title: 'Quality' },
      { title: '' },
      { title: 'n', number: true },
      ...titles.map((title) => ({ title, number: true })),
    ],
    rows.map(({ title, kind, quality }): Content[] => [title, kindWord(kind), grouped(quality.n), ...metrics(quality)]),
  )
  const cross = table(
    ['Cross', '', 'n', 'agreement', 'RMSE', 'MAE', 'L2r', 'cosine', 'SQNR', 'largest difference'].map((title, i) => ({
      title,
      number: i > 1,
    })),
    crossRows(run).map(({ title, kind, cross: row }): Content[] => [
      title,
      kindWord(kind),
      grouped(row.n),
      formatShare(row.agreement),
      figure(row.rmse),
      figure(row.mae),
      figure(row.l2r),
      row.cosine.toFixed(6),
      row.sqnrDb === null ? '–' : `${row.sqnrDb.toFixed(1)} dB`,
      figure(row.maxAbs),
    ]),
  )
  return html`<h3>Quality</h3>
<div class="wide">
${truth}${cross}</div>
`
}

function metricTitles(task: Quality['task']): string[] {
  if (task === 'classification') return ['top-1', 'precision', 'recall', 'F1 (macro)', 'AUC']
  return task === 'regression' ? ['RMSE', 'MAE'] : []
}

function metrics(quality: Quality): string[] {
  switch (quality.task) {
    case 'classification':
      return [...[quality.top1, quality.precision, quality.recall, quality.f1].map(formatShare), figure(quality.auc)]
    case 'regression':
      return [figure(quality.rmse), figure(quality.mae)]
    case 'unlabelled':
      return []
  }
}

function operators(run: RunReport): Markup {
  if (run.operators.length === 0) return nothing
  const { counter, kind } = run.latency
  const total = run.operators.reduce((sum, each) => sum + each.cycles, 0)
  const bars = run.operators.map((each) => ({
    label: each.name,
    values: [
      { value: each.cycles, text: grouped(each.cycles) },
      { value: each.macs, text: grouped(each.macs) },
    ],
  }))
  const rows = run.operators.map((each): Content[] => [
    each.name,
    each.op,
    html`<code>${each.kernel}</code>`,
    grouped(each.macs),
    grouped(each.cycles),
    total > 0 ? `${((each.cycles / total) * 100).toFixed(1)} %` : '–',
    each.macs > 0 ? (each.cycles / each.macs).toFixed(2) : '–',
  ])
  const columns = ['Operator', 'Type', 'Kernel', 'MACs', counter, 'Share', `${counter} / MAC`]
  return html`<h3>Operators ${kindWord(kind)}</h3>
<figure>
${barPlot(bars, [counter, 'MACs'])}</figure>
<div class="wide">
${table(
  columns.map((title, i) => ({ title, number: i > 2 })),
  rows,
)}</div>
`
}

function memoryMap(run: RunReport): Markup {
  if (run.memoryMap.length === 0) return nothing
  const peak = Math.max(...run.memoryMap.map((step) => step.liveBytes))
  return html`<h3>Memory map <span class="muted">planned; at most ${formatBytes(peak)} live at once</span> ${kindWord('estimated')}</h3>
<figure>
${memoryPlot(run.memoryMap, formatBytes)}</figure>
`
}

function confusions(run: RunReport): Markup {
  const shown = qualityRows(run).slice(0, 3)
  const matrices = shown.flatMap(({ title, kind, quality }) =>
    quality.task === 'classification'
      ? [
          html`<figure><figcaption>${title}, n ${grouped(quality.n)} ${kindWord(kind)}</figcaption>
${confusion(quality.confusion, run.data.classNames)}</figure>
`,
        ]
      : [],
  )
  if (matrices.length === 0) return nothing
  return html`<h3>Confusion <span class="muted">rows: truth, columns: prediction</span></h3>
<div class="columns">
${matrices}</div>
`
}

function confusion(matrix: readonly (readonly number[])[], names: readonly string[] | null): Markup {
  const name = (i: number) => names?.[i] ?? String(i)
  const rows = matrix.map((row, truth) => {
    const cells = row.map(
      (count, guess) => html`<td class="${count === 0 ? 'muted' : truth === guess ? 'right' : 'wrong'}">${count}</td>`,
    )
    return html`<tr><th scope="row">${name(truth)}</th>${cells}</tr>
`
  })
  return html`<div class="wide"><table class="confusion">
<thead><tr><td></td>${matrix.map((_, i) => html`<th scope="col">${name(i)}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`
}

function recipeSection(run: RunReport): Markup {
  const rows = run.recipe.passes.map((step, i): Content[] => {
    const done = run.steps[i]?.pass === step.pass ? run.steps[i] : undefined
    return [
      step.pass,
      html`<code>${JSON.stringify(step.params)}</code>`,
      done ? formatUs(done.durationMs * 1000) : '–',
      html`${done?.notes.join('; ') ?? ''}${(done?.warnings ?? []).map((warning) => html` <span class="warn">${warning}</span>`)}`,
    ]
  })
  return html`<h3>Recipe ${run.recipe.name} <span class="muted">seed ${run.seed}</span></h3>
${table([{ title: 'Pass' }, { title: 'Parameters' }, { title: 'Took', number: true }, { title: 'Notes' }], rows)}`
}

function record(run: RunReport): Markup {
  const { calibration } = run.data
  const rows: Content[][] = [
    ['Run', html`<code>${run.id}</code>, ${run.createdAt}, took ${formatUs(run.durationMs * 1000)}`],
    ['Made by', run.producer],
    ['Seed', run.seed],
    [
      'Device',
      `${run.device.id}: ${run.device.name} (${run.device.kind}), ${run.device.core} at ${formatHz(run.device.clockHz)}, over ${run.device.link}`,
    ],
    ['Agent', `${run.device.agentBuild}, pack in ${run.device.slot}`],
    [
      'Model',
      html`${run.model.name}, ${run.model.format}, ${formatBytes(run.model.bytes)}, ${grouped(run.model.parameters)} parameters, ${grouped(run.model.macs)} MACs<br><code>${run.model.sha256}</code>`,
    ],
    ['Data', html`${run.data.name}, ${grouped(run.data.samples)} samples<br><code>${run.data.sha256}</code>`],
    [
      'Calibration',
      calibration
        ? html`${calibration.name}, ${grouped(calibration.samples)} samples<br><code>${calibration.sha256}</code>`
        : 'none',
    ],
    ['Preprocessing', html`<code>${JSON.stringify(run.data.preprocess)}</code>`],
    ['Recipe', html`${run.recipe.name}<br><code>${run.recipeSha256}</code>`],
    ['Pack', html`${formatBytes(run.pack.bytes)}<br><code>${run.pack.sha256}</code>`],
  ]
  return html`<h3>Record <span class="muted">hashes are SHA-256</span></h3>
${table([{ title: 'What' }, { title: 'Value' }], rows)}`
}
