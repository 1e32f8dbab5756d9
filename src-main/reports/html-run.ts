// One run on the page: what came of it, how it was made, and the record of everything that it was made from.
import { type Note, say } from '../base/note.ts'
import type { RunReport } from '../contract/report.ts'
import { type ReportSection, reportSections } from '../contract/reports.ts'
import {
  accuracy,
  accuracyDrop,
  budgetKind,
  budgetsTone,
  deviceFigureKind,
  formatBudget,
  formatBytes,
  formatPoints,
  formatShare,
  formatUs,
  grouped,
  withinBudgets,
} from './figures.ts'
import { baselineSection, encodingSection, latencySection, memories, memoryMap, operators } from './html-figures.ts'
import { confusions, qualitySection } from './html-quality.ts'
import { kindWord } from './kind.ts'
import { type Content, columnsOf, html, type Markup, nothing, table } from './markup.ts'
import { budgetTitles, deviceNote, modelSizes, momentOf, named, slotNotes } from './words.ts'

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
<h2>${say`${run.model.name}, ${run.recipe.name}, on ${named(run.device.name)}`}</h2>
${parts.map((write) => write(run))}</section>
`
}

function headline(run: RunReport): Markup {
  const exact = run.bitExact.equal === run.bitExact.samples
  const packed = say`Packed ${formatBytes(run.compression.packedBytes)} from ${formatBytes(run.compression.originalBytes)}: ${run.compression.ratio.toFixed(2)} times smaller.`
  return html`<p class="big ${budgetsTone(run)}">${verdict(run)}</p>
<p class="${exact ? 'good' : 'bad'}">${say`Bit-exact: ${run.bitExact.equal} of ${run.bitExact.samples} outputs of the device equal the twin's.`} ${kindWord(deviceFigureKind(run))}</p>
${firstDifference(run)}${accuracyLine(run)}<p>${packed} ${kindWord(deviceFigureKind(run))}</p>
${
  run.warnings.length > 0
    ? html`<ul class="warn">${run.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>
`
    : nothing
}${run.budgets.length > 0 ? budgetTable(run) : nothing}`
}

export function verdict(run: RunReport): Note {
  if (run.budgets.length === 0) return say`No budgets were set`
  return withinBudgets(run) ? say`Within its budgets` : say`Over its budgets`
}

function firstDifference({ bitExact }: RunReport): Markup {
  const first = bitExact.firstDifference
  if (!first) return nothing
  const place = `${first.tensor}[${first.index}]`
  return html`<p class="bad">${say`First difference: sample ${first.sample}, operator ${first.operator}, ${place}: device ${first.device}, twin ${first.twin}.`}</p>
`
}

function accuracyLine(run: RunReport): Markup {
  const share = accuracy(run)
  if (share === null) return nothing
  const text = say`Accuracy of the twin ${formatShare(share)}, ${formatPoints(accuracyDrop(run))} below the original.`
  return html`<p>${text} ${kindWord('simulated')}</p>
`
}

function budgetTable(run: RunReport): Markup {
  const rows = run.budgets.map(({ budget, limit, value, met }): Content[] => [
    budgetTitles[budget],
    formatBudget(budget, limit),
    html`${formatBudget(budget, value)} ${value === null ? nothing : kindWord(budgetKind(run, budget))}`,
    met === null
      ? html`<span class="muted">${say`unknown`}</span>`
      : html`<span class="${met ? 'good' : 'bad'}">${met ? say`met` : say`not met`}</span>`,
  ])
  const titles = [say`Budget`, say`Limit`, say`Value`, say`Result`]
  return table(
    columnsOf(titles, (i) => i === 1 || i === 2),
    rows,
  )
}

function recipeSection(run: RunReport): Markup {
  const rows = run.recipe.passes.map((step, i): Content[] => {
    const done = run.steps[i]?.pass === step.pass ? run.steps[i] : undefined
    const notes = (done?.notes ?? []).map((note, n) => html`${n > 0 ? '; ' : ''}${note}`)
    return [
      step.pass,
      settings(step.params),
      done ? formatUs(done.durationMs * 1000) : '–',
      html`<span class="notes">${notes}</span>${(done?.warnings ?? []).map((warning) => html` <span class="warn">${warning}</span>`)}`,
    ]
  })
  const titles = [say`Pass`, say`Parameters`, html`${say`Took`} ${kindWord('measured')}`, say`Notes`]
  return html`<h3>${say`Recipe ${run.recipe.name}`} <span class="muted">${say`seed ${run.seed}`}</span></h3>
${table(
  columnsOf(titles, (i) => i === 2),
  rows,
)}`
}

const settings = (params: Readonly<Record<string, unknown>>): Content =>
  Object.keys(params).length === 0 ? say`none` : html`<code>${JSON.stringify(params)}</code>`

const hash = (sha256: string) => html`<br><code>${sha256}</code>`

function record(run: RunReport): Markup {
  const { calibration } = run.data
  const { device, model, data, reproduction } = run
  const took = say`took ${formatUs(run.durationMs * 1000)}`
  const rows: Content[][] = [
    [say`Run`, html`<code>${run.id}</code>, ${momentOf(run.createdAt)}, ${took} ${kindWord('measured')}`],
    [say`Made by`, run.producer],
    [say`Seed`, run.seed],
    [say`Device`, html`${device.id}: ${deviceNote(device)}`],
    [say`Agent`, html`<code>${device.agentBuild}</code>, ${say`pack in ${slotNotes[device.slot]}`}`],
    [say`Model`, html`${model.name}, ${model.format}, ${modelSizes(model)}${hash(model.sha256)}`],
    [say`Data`, html`${data.name}, ${say`${grouped(data.samples)} samples`}${hash(data.sha256)}`],
    [
      say`Calibration`,
      calibration
        ? html`${calibration.name}, ${say`${grouped(calibration.samples)} samples`}${hash(calibration.sha256)}`
        : say`none`,
    ],
    [say`Preprocessing`, settings(data.preprocess)],
    [say`Recipe`, html`${run.recipe.name}${hash(run.recipeSha256)}`],
    [say`Pack`, html`${formatBytes(run.pack.bytes)}${hash(run.pack.sha256)}`],
    ...(reproduction ? [[say`Outputs of the twin`, html`<code>${reproduction.twinOutputsSha256}</code>`]] : []),
  ]
  return html`<h3>${say`Record`} <span class="muted">${say`hashes are SHA-256`}</span></h3>
${table([{ title: say`What` }, { title: say`Value` }], rows)}`
}
