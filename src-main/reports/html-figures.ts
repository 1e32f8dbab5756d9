// Sizes, times and places in memory of one run.
import { type Note, say } from '../base/note.ts'
import { flashParts, type Part } from '../contract/flash-parts.ts'
import type { RunReport } from '../contract/report.ts'
import { storageModeNotes } from '../targets/plan.ts'
import {
  availableNote,
  baselineRows,
  deviceFigureKind,
  formatBytes,
  formatHz,
  formatUs,
  grouped,
  ramParts,
} from './figures.ts'
import { kindWord } from './kind.ts'
import { type Content, columnsOf, html, type Markup, nothing, table } from './markup.ts'
import { barPlot, memoryPlot } from './svg.ts'
import { counterNotes } from './words.ts'

export function memories(run: RunReport): Markup {
  const kind = deviceFigureKind(run)
  return html`<div class="columns">
<section><h3>${say`Flash`} ${kindWord(kind)}</h3>
${split(flashParts(run), run.flash)}</section>
<section><h3>RAM ${kindWord(kind)}</h3>
${split(ramParts(run), run.ram)}</section>
</div>
`
}

function split(parts: readonly Part[], memory: RunReport['flash'] | RunReport['ram']): Markup {
  return table(
    columnsOf([say`Part`, say`Size`], (i) => i === 1),
    [
      ...parts.map(({ title, bytes, note }): Content[] => [
        html`${title}${note ? html` <span class="muted">(${note})</span>` : nothing}`,
        formatBytes(bytes),
      ]),
      [html`<strong>${say`Total`}</strong>`, html`<strong>${formatBytes(memory.totalBytes)}</strong>`],
      [say`Available`, availableNote(memory)],
    ],
  )
}

export function baselineSection(run: RunReport): Markup {
  if (!run.baseline) return nothing
  const rows = baselineRows(run).map(({ title, modelBytes, runtimeBytes, totalBytes }): Content[] => [
    title,
    formatBytes(modelBytes),
    runtimeBytes === null ? say`unknown` : formatBytes(runtimeBytes),
    totalBytes === null ? say`unknown` : formatBytes(totalBytes),
  ])
  return html`<h3>${say`Model and runtime in flash`} ${kindWord(deviceFigureKind(run))}</h3>
${table(
  columnsOf(['', say`Model`, say`Runtime`, say`Together`], (i) => i > 0),
  rows,
)}<p class="muted">${say`Baseline: ${run.baseline.source}.`}</p>
`
}

export function encodingSection(run: RunReport): Markup {
  const { encoding = [], encodingGoal } = run
  if (encoding.length === 0) return nothing
  const rows = encoding.map((row): Content[] => [
    row.tensor,
    grouped(row.elements),
    say`${row.entropyBits.toFixed(2)} bit`,
    html`${row.codec}, ${storageModeNotes[row.mode]}`,
    formatBytes(row.bytes),
    formatBytes(row.int8Bytes),
    row.reason,
  ])
  const titles = [say`Tensor`, say`Weights`, say`Entropy`, say`Stored`, say`Size`, 'int8', say`Why`]
  return html`<h3>${say`Weights`} <span class="muted">${say`encoding ${encodingGoal ?? 'auto'}`}</span> ${kindWord(deviceFigureKind(run))}</h3>
<div class="wide">
${table(
  columnsOf(titles, (i) => [1, 2, 4, 5].includes(i)),
  rows,
)}</div>
`
}

export const medianOf = ({ counter }: RunReport['latency']): Note => say`Median ${counterNotes[counter]}`

export function latencySection({ latency }: RunReport): Markup {
  const times = [say`Minimum`, say`Median`, say`Mean`, say`Maximum`, say`Standard deviation`]
  const row: Content[] = [
    ...[latency.min, latency.median, latency.mean, latency.max, latency.std].map(formatUs),
    say`${latency.n} after ${latency.warmup} warm-up`,
    grouped(latency.cyclesMedian),
    formatHz(latency.clockHz),
  ]
  return html`<h3>${say`Latency`} ${kindWord(latency.kind)}</h3>
<div class="wide">
${table(
  columnsOf([...times, 'n', medianOf(latency), say`Clock`], (i) => i > 0),
  [row],
)}</div>
${lengthOfInstruction(latency)}`
}

/** An emulator counts instructions, and a time made of them rests on how long each is taken to last. */
function lengthOfInstruction({ cyclesPerInstruction }: RunReport['latency']): Markup {
  if (cyclesPerInstruction === null) return nothing
  return html`<p class="muted">${say`Each instruction is taken to last ${cyclesPerInstruction} cycles.`}</p>
`
}

export function operators(run: RunReport): Markup {
  if (run.operators.length === 0) return nothing
  const { counter, kind } = run.latency
  const counted = counterNotes[counter]
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
  const titles = [say`Operator`, say`Type`, say`Kernel`, 'MACs', counted, say`Share`, html`${counted} / MAC`]
  return html`<h3>${say`Operators`} ${kindWord(kind)}</h3>
<figure>
${barPlot(bars, [counted, 'MACs'])}</figure>
<div class="wide">
${table(
  columnsOf(titles, (i) => i > 2),
  rows,
)}</div>
`
}

export function memoryMap(run: RunReport): Markup {
  if (run.memoryMap.length === 0) return nothing
  const peak = Math.max(...run.memoryMap.map((step) => step.liveBytes))
  return html`<h3>${say`Memory map`} <span class="muted">${say`planned; at most ${formatBytes(peak)} live at once`}</span> ${kindWord('estimated')}</h3>
<figure>
${memoryPlot(run.memoryMap, formatBytes)}</figure>
`
}
