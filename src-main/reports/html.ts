// One self-contained page: no script, nothing fetched, readable in ten years.
import { type Note, say } from '../base/note.ts'
import type { FigureKind } from '../contract/report.ts'
import { reportSections } from '../contract/reports.ts'
import {
  accuracy,
  accuracyDrop,
  budgetsNotes,
  budgetsTone,
  deviceFigureKind,
  differences,
  figure,
  formatBytes,
  formatPoints,
  formatShare,
  formatUs,
} from './figures.ts'
import { runSections } from './html-run.ts'
import { kindWord } from './kind.ts'
import { type Content, columnsOf, html, type Markup, nothing, table, verbatim } from './markup.ts'
import { embeddedRecord } from './record.ts'
import type { ReportData } from './render.ts'
import { style } from './style.ts'
import { scatterPlot, seriesClass } from './svg.ts'
import { momentOf, named, wordsOf } from './words.ts'

/** Nothing is fetched and nothing runs; the record at the end is data. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

export const languageTag = ({ language }: Pick<ReportData, 'language'>) => (language === 'zh' ? 'zh-CN' : 'en')

export function writeHtml(data: ReportData): string {
  const page = html`<!doctype html>
<html lang="${languageTag(data)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="generator" content="${data.producer}">
<title>${data.title}</title>
<style>${verbatim(style)}</style>
</head>
<body>
${reportBody(data)}${embeddedRecord(data)}</body>
</html>
`
  return page.textIn(wordsOf(data.language))
}

/** What people read; the PDF is made of the same. */
export function reportBody(data: ReportData): Markup {
  const { runs, sections = reportSections } = data
  return html`<header>
<h1>${data.title}</h1>
<p class="muted">${runs.length === 1 ? say`1 run` : say`${runs.length} runs`} · ${say`made ${momentOf(data.generatedAt)} by ${data.producer}`}</p>
<p class="muted">${say`Every figure carries one of three words.`} ${kindWord('measured')} ${say`on hardware;`} ${kindWord('simulated')} ${say`counted on an emulator or the twin;`} ${kindWord('estimated')} ${say`computed by the cost model.`}</p>
</header>
<main>
${
  runs.length === 0
    ? html`<p>${say`There are no runs yet. Press Compress & deploy, and make the report again.`}</p>
`
    : nothing
}${runs.length > 1 && sections.includes('comparison') ? overview(data) : nothing}${runs.map((run, i) => runSections(run, i, sections))}</main>
`
}

function overview({ runs }: ReportData): Markup {
  const rows = runs.map((run, i): Content[] => [
    html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle class="${seriesClass(i)}" cx="5" cy="5" r="5"/></svg><a href="#run-${i + 1}">${run.model.name}, ${run.recipe.name}</a>`,
    named(run.device.name),
    html`${formatBytes(run.flash.totalBytes)} ${below(deviceFigureKind(run))}`,
    html`${formatBytes(run.ram.totalBytes)} ${below(deviceFigureKind(run))}`,
    html`${formatUs(run.latency.median)} ${below(run.latency.kind)}`,
    html`${formatShare(accuracy(run))} ${accuracy(run) === null ? nothing : below('simulated')}`,
    html`${formatPoints(accuracyDrop(run))} ${accuracyDrop(run) === null ? nothing : below('simulated')}`,
    html`${say`${run.bitExact.equal} of ${run.bitExact.samples}`} ${below(deviceFigureKind(run))}`,
    html`<span class="${budgetsTone(run)}">${budgetsNotes[budgetsTone(run)]}</span>`,
  ])
  const columns = overviewTitles
  return html`<section id="overview">
<h2>${say`Overview`}</h2>
<div class="wide">
${table(
  columnsOf(columns, (i) => i >= 2 && i <= 7),
  rows,
)}</div>
${differenceTable(runs)}${paretoPlots(runs)}</section>
`
}

export const overviewTitles: readonly Note[] = [
  ...[say`Run`, say`Device`, say`Flash`, 'RAM', say`Latency, median`, say`Accuracy (twin)`, say`Drop`, say`Bit-exact`],
  say`Budgets`,
]

/** The word under its figure, where a table is narrow. */
const below = (kind: FigureKind) => html`<br>${kindWord(kind)}`

/** More columns do not fit a page. */
const mostCompared = 5

function differenceTable(runs: ReportData['runs']): Markup {
  if (runs.length > mostCompared) return nothing
  const rows = differences(runs).map(({ title, cells }): Content[] => [
    title,
    ...cells.map(
      ({ text, change, kind }) =>
        html`${text} ${change === null ? nothing : html`<span class="muted">(${change})</span>`} ${below(kind)}`,
    ),
  ])
  return html`<h3>${say`Side by side`} <span class="muted">${say`differences to the first run`}</span></h3>
<div class="wide">
${table(
  columnsOf(
    [say`Figure`, ...runs.map((run, i) => html`${i + 1}: ${run.recipe.name}, ${named(run.device.name)}`)],
    (i) => i > 0,
  ),
  rows,
)}</div>
`
}

function paretoPlots(runs: ReportData['runs']): Markup {
  const scored = runs.flatMap((run) => {
    const share = accuracy(run)
    return share === null ? [] : [{ run, y: share, label: `${run.model.name}, ${run.recipe.name}, ${run.device.name}` }]
  })
  if (scored.length < 2)
    return html`<p class="muted">${say`Without labels there is no accuracy to plot against.`}</p>
`
  const flash = scored.map(({ run, y, label }) => ({ label, y, x: run.flash.totalBytes / 1024 }))
  const latency = scored.map(({ run, y, label }) => ({ label, y, x: run.latency.median / 1000 }))
  const kinds = [
    ...new Set(scored.flatMap(({ run }) => ['simulated' as const, deviceFigureKind(run), run.latency.kind])),
  ]
  const kibi = (value: number) => `${figure(value)} KiB`
  const milli = (value: number) => `${figure(value)} ms`
  return html`<h3>${say`Accuracy of the twin against size and latency`} ${kinds.map((kind) => html` ${kindWord(kind)}`)}</h3>
<div class="columns">
<figure>
${scatterPlot(flash, { x: say`Flash`, y: say`Accuracy` }, { x: kibi, y: formatShare })}</figure>
<figure>
${scatterPlot(latency, { x: say`Latency, median`, y: say`Accuracy` }, { x: milli, y: formatShare })}</figure>
</div>
`
}
