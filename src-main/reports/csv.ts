// One row a run. Numbers stand in base units without grouping: bytes, microseconds, shares from 0 to 1.
import type { RunReport } from '../contract/report.ts'
import { accuracy, accuracyDrop, deviceFigureKind, withinBudgets } from './figures.ts'
import type { ReportData } from './render.ts'

type Cell = string | number | boolean | null

const columns: readonly (readonly [string, (run: RunReport) => Cell])[] = [
  ['run', (run) => run.id],
  ['createdAt', (run) => run.createdAt],
  ['producer', (run) => run.producer],
  ['project', (run) => run.project?.name ?? null],
  ['model', (run) => run.model.name],
  ['modelSha256', (run) => run.model.sha256],
  ['data', (run) => run.data.name],
  ['dataSha256', (run) => run.data.sha256],
  ['samples', (run) => run.data.samples],
  ['recipe', (run) => run.recipe.name],
  ['recipeSha256', (run) => run.recipeSha256],
  ['seed', (run) => run.seed],
  ['device', (run) => run.device.id],
  ['deviceKind', (run) => run.device.kind],
  ['core', (run) => run.device.core],
  ['clockHz', (run) => run.device.clockHz],
  ['agentBuild', (run) => run.device.agentBuild],
  ['packSha256', (run) => run.pack.sha256],
  ['memoryKind', deviceFigureKind],
  ['flashBytes', (run) => run.flash.totalBytes],
  ['flashPackBytes', (run) => run.flash.packBytes],
  ['flashWeightsBytes', (run) => run.flash.weightsBytes],
  ['flashPlanBytes', (run) => run.flash.planBytes],
  ['flashTablesBytes', (run) => run.flash.tablesBytes],
  ['flashCodecTablesBytes', (run) => run.flash.codecTablesBytes ?? null],
  ['flashRequantBytes', (run) => run.flash.requantBytes],
  ['flashMetaBytes', (run) => run.flash.metaBytes],
  ['flashCodeBytes', (run) => run.flash.codeBytes],
  ['flashKernelsBytes', (run) => run.flash.code?.kernelsBytes ?? null],
  ['flashDecodersBytes', (run) => run.flash.code?.decodersBytes ?? null],
  ['flashProtocolBytes', (run) => run.flash.code?.protocolBytes ?? null],
  ['flashBoardBytes', (run) => run.flash.code?.boardBytes ?? null],
  ['baselineModelBytes', (run) => run.baseline?.modelBytes ?? null],
  ['baselineRuntimeBytes', (run) => run.baseline?.runtimeBytes ?? null],
  ['encodingGoal', (run) => run.encodingGoal ?? null],
  ['ramBytes', (run) => run.ram.totalBytes],
  ['ramArenaBytes', (run) => run.ram.arenaBytes],
  ['ramArenaHighBytes', (run) => run.ram.arenaHighBytes],
  ['ramStackBytes', (run) => run.ram.stackBytes],
  ['ramStaticBytes', (run) => run.ram.staticBytes],
  ['ramInputBytes', (run) => run.ram.inputBytes],
  ['ramPackBytes', (run) => run.ram.packBytes],
  ['latencyKind', (run) => run.latency.kind],
  ['latencyMinUs', (run) => run.latency.min],
  ['latencyMedianUs', (run) => run.latency.median],
  ['latencyMeanUs', (run) => run.latency.mean],
  ['latencyMaxUs', (run) => run.latency.max],
  ['latencyStdUs', (run) => run.latency.std],
  ['latencyN', (run) => run.latency.n],
  ['counter', (run) => run.latency.counter],
  ['cyclesMedian', (run) => run.latency.cyclesMedian],
  ['twinTop1', accuracy],
  ['originalTop1', (run) => top1(run.quality.original)],
  ['deviceTop1', (run) => top1(run.quality.device)],
  ['deviceSamples', (run) => run.quality.device.n],
  ['accuracyDropPoints', (run) => rounded(accuracyDrop(run))],
  ['agreement', (run) => run.quality.twinCross.agreement],
  ['cosine', (run) => run.quality.twinCross.cosine],
  ['sqnrDb', (run) => run.quality.twinCross.sqnrDb],
  ['l2r', (run) => run.quality.twinCross.l2r],
  ['bitExactSamples', (run) => run.bitExact.samples],
  ['bitExactEqual', (run) => run.bitExact.equal],
  ['originalBytes', (run) => run.compression.originalBytes],
  ['packedBytes', (run) => run.compression.packedBytes],
  ['ratio', (run) => run.compression.ratio],
  ['withinBudgets', withinBudgets],
  ['durationMs', (run) => run.durationMs],
]

export function writeCsv(data: ReportData): string {
  const header = columns.map(([name]) => name)
  const rows = data.runs.map((run) => columns.map(([, value]) => cell(value(run))))
  return [header, ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

/** RFC 4180; text that a spreadsheet would run as a formula gets an apostrophe in front. */
function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function top1(quality: RunReport['quality']['device']): number | null {
  return quality.task === 'classification' ? quality.top1 : null
}

/** Points come from a difference of shares; the digits behind the tenth are noise of the subtraction. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(10))
}
