// One self-contained page: no script, nothing fetched, readable in ten years.
import { reportSections } from '../contract/reports.ts'
import {
  accuracy,
  accuracyDrop,
  deviceFigureKind,
  differences,
  figure,
  formatBytes,
  formatPoints,
  formatShare,
  formatUs,
  withinBudgets,
} from './figures.ts'
import { kindWord, runSections } from './html-run.ts'
import { type Content, html, type Markup, nothing, table, verbatim } from './markup.ts'
import { embeddedRecord } from './record.ts'
import type { ReportData } from './render.ts'
import { style } from './style.ts'
import { scatterPlot, seriesClass } from './svg.ts'

/** Nothing is fetched and nothing runs; the record at the end is data. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

export function writeHtml(data: ReportData): string {
  const page = html`<!doctype html>
<html lang="en">
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
  return page.text
}

/** What people read; the PDF is made of the same. */
export function reportBody(data: ReportData): Markup {
  const { runs, sections = reportSections } = data
  return html`<header>
<h1>${data.title}</h1>
<p class="muted">${runs.length} ${runs.length === 1 ? 'run' : 'runs'} · made ${data.generatedAt} by ${data.producer}</p>
<p class="muted">Every figure carries one of three words. ${kindWord('measured')} on hardware; ${kindWord('simulated')} counted on an emulator or the twin; ${kindWord('estimated')} computed by the cost model.</p>
</header>
<main>
${
  runs.length === 0
    ? html`<p>There are no runs yet. Press Compress &amp; deploy, and make the report again.</p>
`
    : nothing
}${runs.length > 1 && sections.includes('comparison') ? overview(data) : nothing}${runs.map((run, i) => runSections(run, i, sections))}</main>
`
}

function overview({ runs }: ReportData): Markup {
  const rows = runs.map((run, i): Content[] => [
    html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle class="${seriesClass(i)}" cx="5" cy="5" r="5"/></svg><a href="#run-${i + 1}">${run.model.name}, ${run.recipe.name}</a>`,
    html`${run.device.name} ${kindWord(deviceFigureKind(run))}`,
    formatBytes(run.flash.totalBytes),
    formatBytes(run.ram.totalBytes),
    html`${formatUs(run.latency.median)} ${kindWord(run.latency.kind)}`,
    html`${formatShare(accuracy(run))} ${accuracy(run) === null ? nothing : kindWord('simulated')}`,
    formatPoints(accuracyDrop(run)),
    `${run.bitExact.equal} of ${run.bitExact.samples}`,
    withinBudgets(run) ? html`<span class="good">within</span>` : html`<span class="bad">over</span>`,
  ])
  const columns = [
    'Run',
    'Device',
    'Flash',
    'RAM',
    'Latency, median',
    'Accuracy (twin)',
    'Drop',
    'Bit-exact',
    'Budgets',
  ]
  return html`<section id="overview">
<h2>Overview</h2>
<div class="wide">
${table(
  columns.map((title, i) => ({ title, number: i >= 2 && i <= 7 })),
  rows,
)}</div>
${differenceTable(runs)}${paretoPlots(runs)}</section>
`
}

/** More columns do not fit a page. */
const mostCompared = 5

function differenceTable(runs: ReportData['runs']): Markup {
  if (runs.length > mostCompared) return nothing
  const rows = differences(runs).map(({ title, cells }): Content[] => [
    title,
    ...cells.map(
      ({ text, change, kind }) =>
        html`${text} ${change === null ? nothing : html`<span class="muted">(${change})</span>`} ${kindWord(kind)}`,
    ),
  ])
  return html`<h3>Side by side <span class="muted">differences to the first run</span></h3>
<div class="wide">
${table(
  ['Figure', ...runs.map((run, i) => `${i + 1}: ${run.recipe.name}, ${run.device.name}`)].map((title, i) => ({
    title,
    number: i > 0,
  })),
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
    return html`<p class="muted">Without labels there is no accuracy to plot against.</p>
`
  const flash = scored.map(({ run, y, label }) => ({ label, y, x: run.flash.totalBytes / 1024 }))
  const latency = scored.map(({ run, y, label }) => ({ label, y, x: run.latency.median / 1000 }))
  const kibi = (value: number) => `${figure(value)} KiB`
  const milli = (value: number) => `${figure(value)} ms`
  return html`<h3>Accuracy of the twin against size and latency</h3>
<div class="columns">
<figure>
${scatterPlot(flash, { x: 'Flash', y: 'Accuracy' }, { x: kibi, y: formatShare })}</figure>
<figure>
${scatterPlot(latency, { x: 'Latency, median', y: 'Accuracy' }, { x: milli, y: formatShare })}</figure>
</div>
`
}
