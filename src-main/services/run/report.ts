// The record of a run, assembled from everything its stages gave.
import { type Note, say } from '../../base/note.ts'
import { projectId, runId } from '../../contract/ids.ts'
import type { BudgetName, Budgets, RunReport } from '../../contract/report.ts'
import type { RunSummary } from '../../contract/run.ts'
import type { Twin } from '../../device/twin.ts'
import { graphMacs } from '../../ir/cost.ts'
import type { DeviceSummary } from '../devices.ts'
import { graphParameters } from '../model-facts.ts'
import { baselineOf } from './baselines.ts'
import type { Compressed } from './compress.ts'
import type { DeviceResult } from './device-stage.ts'
import { deviceFigures } from './figures.ts'
import { firstRows, outputsSha256, type Rows, type TwinRows } from './outputs.ts'
import { dequantizeInto } from './port-codec.ts'
import { calibrationOverlaps, type Loaded } from './prepare.ts'
import { accuracyDrop, crossOf, qualityOf, type Truth } from './quality.ts'
import type { RunInput } from './run-input.ts'
import { outcomeWarnings } from './sanity.ts'

export interface ReportParts {
  readonly input: RunInput
  readonly loaded: Loaded
  readonly compressed: Compressed
  readonly original: Rows
  readonly twinOutputs: TwinRows
  readonly twin: Twin
  readonly device: DeviceResult
  readonly profile: DeviceSummary
  readonly createdAt: string
  readonly durationMs: number
  /** Found before anything was measured. */
  readonly warnings: readonly Note[]
}

export function assembleReport(parts: ReportParts): RunReport {
  const { input, compressed, device, profile } = parts
  const { model } = parts.loaded
  const { plan, pack } = compressed
  const figures = deviceFigures({ device, profile, plan, pack, warmup: input.warmup })
  const quality = qualityTable(parts)
  const { latency, flash, ram } = figures
  const found: Record<BudgetName, number | null> = {
    flashBytes: flash.totalBytes,
    ramBytes: ram.totalBytes,
    latencyMs: latency.median / 1000,
    energyUj: null,
    accuracyDrop: accuracyDrop(quality.twin, quality.original),
  }
  return {
    schemaVersion: 1,
    id: input.runId,
    createdAt: parts.createdAt,
    producer: input.producer,
    project: input.project,
    model: {
      name: input.model.name,
      sha256: model.sha256,
      format: model.format,
      bytes: model.bytes,
      parameters: graphParameters(model.graph),
      macs: graphMacs(model.graph),
    },
    data: dataOf(parts),
    recipe: { ...input.recipe, seed: input.seed },
    recipeSha256: compressed.recipeSha256,
    seed: input.seed,
    steps: compressed.steps.map(({ pass, durationMs, notes, warnings }) => ({
      pass,
      durationMs,
      notes: [...notes],
      warnings: [...warnings],
    })),
    ...figures,
    pack: { sha256: compressed.packSha256, bytes: pack.length },
    quality,
    encodingGoal: input.encoding,
    encoding: compressed.encoding.map((tensor) => ({ ...tensor })),
    baseline: baselineOf(model.sha256, figures.device.core),
    compression: { originalBytes: model.bytes, packedBytes: pack.length, ratio: model.bytes / pack.length },
    budgets: budgetResults(input.budgets, found),
    warnings: warningsOf(parts),
    durationMs: parts.durationMs,
    reproduction: {
      twinOutputsSha256: outputsSha256(parts.twinOutputs),
      calibrationGiven: input.calibration !== null,
      calibrationPreprocess: { ...(input.calibration ?? input.data).preprocess },
      target: { ...input.target },
    },
  }
}

function qualityTable({ loaded: { data }, original, twinOutputs, twin, device }: ReportParts): RunReport['quality'] {
  const onDevice = deviceRows(device.outputs, twin)
  const truth: Truth = { labels: data.labels, targets: data.targets }
  const part = firstTruth(truth, onDevice.count, data.samples.count)
  return {
    device: qualityOf(onDevice, part),
    original: qualityOf(original, truth),
    cross: crossOf(onDevice, original),
    twin: qualityOf(twinOutputs, truth),
    twinCross: crossOf(twinOutputs, original),
    originalOnDeviceSamples: qualityOf(firstRows(original, onDevice.count), part),
  }
}

/** What the device gave, as real numbers. */
export function deviceRows(outputs: readonly (readonly Int8Array[])[], twin: Twin): Rows {
  const port = twin.outputs[0]!
  const data = new Float32Array(outputs.length * port.bytes)
  for (const [i, output] of outputs.entries()) dequantizeInto(data, i * port.bytes, output[0]!, port)
  return { width: port.bytes, data, count: outputs.length }
}

export function firstTruth({ labels, targets }: Truth, count: number, total: number): Truth {
  return {
    labels: labels && Array.from(labels).slice(0, count),
    targets: targets?.subarray(0, (targets.length / total) * count) ?? null,
  }
}

function dataOf({ input, loaded: { data, calibration } }: ReportParts): RunReport['data'] {
  const source = input.calibration ?? input.data
  return {
    name: input.data.name,
    sha256: data.dataset.sha256,
    samples: data.samples.count,
    calibration: { name: source.name, sha256: calibration.dataset.sha256, samples: calibration.samples.count },
    preprocess: { ...input.data.preprocess },
    classNames: data.dataset.classNames ? [...data.dataset.classNames] : null,
  }
}

function budgetResults(budgets: Budgets, found: Record<BudgetName, number | null>): RunReport['budgets'] {
  return (Object.entries(budgets) as [BudgetName, number][]).map(([budget, limit]) => {
    const value = found[budget]
    return { budget, limit, value, met: value === null ? null : value <= limit }
  })
}

function warningsOf(parts: ReportParts): Note[] {
  const { input, loaded, compressed } = parts
  const { model, calibration } = loaded
  const warnings = [...model.warnings, ...compressed.steps.flatMap((step) => step.warnings)]
  if (calibrationOverlaps(input, loaded))
    warnings.push(
      say`The ${calibration.samples.count} calibration samples are part of the samples measured on; give calibration data of their own to keep them apart.`,
    )
  if (takesRawIntegers(parts)) warnings.push(rawIntegers)
  if (loaded.data.dataset.preprocess.features) warnings.push(featuresAhead)
  const { labels, targets } = loaded.data
  const outcome = { original: parts.original, twin: parts.twinOutputs, truth: { labels, targets } }
  return [...warnings, ...parts.warnings, ...outcomeWarnings(outcome)]
}

const featuresAhead = say`The audio features were computed on this computer before the model; flash, RAM and latency are those of the model alone.`

const rawIntegers = say`The samples are integers as the file has them, and the model takes real numbers. If it was trained on scaled values, set the scale in the preprocessing.`

/** A float model fed with the integers of a file: right for some, and the usual mistake. */
function takesRawIntegers({ loaded: { model, data } }: ReportParts): boolean {
  const { preprocess, inputs, format } = data.dataset
  const quantized = model.graph.inputs.some((name) => model.graph.values.get(name)?.quant)
  const integers = inputs.some((input) => /^[iu]\d+$/.test(input.dtype))
  const scaled = preprocess.scale !== undefined || preprocess.std !== undefined
  return integers && !scaled && !quantized && format !== 'raw'
}

/** What a row's figures are of and were made with. */
export const originOf = (report: RunReport) => ({
  samples: report.quality.twin.n,
  dataSha256: report.data.sha256,
  recipeSha256: report.recipeSha256,
  encoding: report.encodingGoal ?? null,
})

export function summaryOf(report: RunReport): RunSummary {
  const { quality: q } = report
  return {
    id: runId.parse(report.id),
    projectId: report.project ? projectId.parse(report.project.id) : null,
    createdAt: report.createdAt,
    modelName: report.model.name,
    recipeName: report.recipe.name,
    device: report.device.id,
    deviceName: report.device.name,
    flashBytes: report.flash.totalBytes,
    ramBytes: report.ram.totalBytes,
    latencyMs: report.latency.median / 1000,
    latencyKind: report.latency.kind,
    accuracy: q.twin.task === 'classification' ? q.twin.top1 : null,
    accuracyDrop: accuracyDrop(q.twin, q.original),
    energyUj: report.budgets.find(({ budget }) => budget === 'energyUj')?.value ?? null,
    ...originOf(report),
    bitExact: report.bitExact.samples > 0 && report.bitExact.equal === report.bitExact.samples,
    withinBudgets: report.budgets.every((budget) => budget.met !== false),
    tags: [],
    note: '',
  }
}
