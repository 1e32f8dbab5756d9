// diverge, and what analyze says with --sensitivity.
import { type Command, InvalidArgumentError } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { textOf } from '../../../base/note.ts'
import type { CostBasis, Divergence, Sensitivity, SensitivityCell } from '../../../contract/analysis.ts'
import { resolveDevice } from '../../../services/devices.ts'
import { followJob } from '../follow.ts'
import { type DataOptions, recipeText, wholeNumber, withDataOptions } from '../options.ts'
import { formatBytes, formatPercent, table } from '../output.ts'
import { type CliSession, withSession } from '../session.ts'

export interface SensitivityOptions extends DataOptions {
  readonly device?: string
  readonly samples?: number
  readonly methods?: readonly string[]
  readonly measure: string
  readonly again?: boolean
}

export function withSensitivityOptions(command: Command): Command {
  return withDataOptions(
    command
      .option('--sensitivity', 'what each method does to each layer alone; needs --data')
      .option('--device <device>', 'whose time counts for --sensitivity; left out, pico')
      .option('--samples <n>', 'samples that --sensitivity runs; left out, 256', wholeNumber(8))
      .option('--methods <names>', 'methods of --sensitivity, with commas between', (text) => text.split(','))
      .option('--measure <name>', `what the table shows: ${Object.keys(measures).join(', ')}`, measureName, 'output')
      .option('--again', 'also when the result is stored already'),
  )
}

export async function findSensitivity(session: CliSession, path: string, options: SensitivityOptions) {
  const { api } = session
  if (options.data === undefined) throw new AppError('usage.invalid', { problem: '--sensitivity needs --data.' })
  const { preprocess } = options
  const add = (file: string) => api.data.add({ source: { kind: 'path', path: file }, preprocess })
  const model = await api.models.add({ source: { kind: 'path', path } })
  const data = await add(options.data)
  const calibration = options.calibration === undefined ? undefined : (await add(options.calibration)).id
  const request = {
    ...{ model: model.id, data: data.id, calibration, methods: options.methods && [...options.methods] },
    ...{ samples: options.samples ?? options.limit, device: resolveDevice(options.device ?? 'pico') },
    ...{ seed: options.seed, again: options.again },
  }
  const { job } = await api.analysis.start(request)
  if (job) await followJob(session, job)
  const found = await api.analysis.sensitivity({ model: model.id, data: data.id, device: request.device })
  if (!found) throw new AppError('job.crashed', { problem: 'it ended without a result' })
  return found
}

interface Measure {
  readonly title: string
  value(cell: SensitivityCell, layer: Sensitivity['layers'][number]): string
}

const db = (value: number | null) => (value === null ? 'same' : value.toFixed(1))

const measures: Readonly<Record<string, Measure>> = {
  output: { title: "SQNR of the network's output, dB", value: ({ output }) => db(output.sqnrDb) },
  cosine: { title: "cosine of the network's output", value: ({ output }) => output.cosine.toFixed(4) },
  kl: { title: 'divergence of the class probabilities, nats', value: ({ kl }) => kl?.toPrecision(2) ?? '–' },
  drop: { title: 'accuracy lost, points', value: ({ accuracyDrop }) => accuracyDrop?.toFixed(2) ?? '–' },
  layer: { title: "SQNR of the layer's output, dB", value: ({ layerOutput }) => db(layerOutput.sqnrDb) },
  weights: { title: 'SQNR of the weights, dB', value: ({ weights }) => db(weights.sqnrDb) },
  bytes: {
    title: 'bytes saved against int8',
    value: ({ footprint }, { int8 }) => (footprint && int8 ? formatBytes(int8.bytes - footprint.bytes) : '–'),
  },
  cycles: {
    title: 'cycles saved against int8',
    value: ({ footprint }, { int8 }) =>
      footprint?.cycles == null || int8?.cycles == null ? '–' : formatBytes(int8.cycles - footprint.cycles),
  },
}

function measureName(text: string): string {
  if (!(text in measures)) throw new InvalidArgumentError(`It is one of ${Object.keys(measures).join(', ')}.`)
  return text
}

export function sensitivityText(found: Sensitivity, measure: string): string {
  const { title, value } = measures[measure]!
  const { model, data, device, layers, methods } = found
  const accuracy = found.originalAccuracy === null ? '' : `, float accuracy ${formatPercent(found.originalAccuracy)}`
  return [
    `${model.name}, each layer alone: ${title}; ${data.samples} samples of ${data.name}${accuracy}`,
    '',
    table(
      ['layer', 'operator', 'weights', 'int8 bytes', 'cycles', ...methods.map((method) => textOf(method.title))],
      layers.map((layer) => [
        layer.node,
        layer.op,
        formatBytes(layer.elements),
        layer.int8 ? formatBytes(layer.int8.bytes) : null,
        layer.int8?.cycles == null ? null : formatBytes(layer.int8.cycles),
        ...methods.map(({ name }) => {
          const cell = layer.cells.find((each) => each.method === name)
          return cell ? value(cell, layer) : 'same'
        }),
      ]),
    ),
    '',
    `Bytes: exact. Cycles of plain int8 on ${device.name}: ${found.cyclesKind}; what a method adds: estimated, ${basisText(found.cost)}.`,
    ...found.notes.map(textOf),
  ].join('\n')
}

export function basisText(basis: CostBasis): string {
  if (!basis.isExact)
    return `from ${basis.coreClass}, the nearest class of cores that was profiled; its error is not known`
  const profiles = basis.profiles > 0 ? `, refined by ${basis.profiles} profiles` : ''
  const error = `error on models not seen ${basis.medianPercent.toFixed(1)} % (median), ${basis.worstPercent.toFixed(1)} % (worst of ${basis.models})`
  const assumed =
    basis.counter === 'cycles'
      ? ''
      : `; counted in instructions, taken to last ${basis.cyclesPerInstruction.toFixed(2)} cycles each`
  return `${basis.coreClass}${profiles}: ${error}${assumed}`
}

interface DivergeOptions extends DataOptions {
  readonly recipe?: string
  readonly firstRecipe?: string
  readonly firstDevice: string
  readonly device?: string
  readonly samples?: number
  readonly threshold?: number
}

export function analysisCommands(program: Command) {
  const diverge = program
    .command('diverge <first> [second]')
    .description('Where two versions of a network part: value by value, the first one that is no longer the same.')
    .option('--recipe <file-or-preset>', 'what is done to the second; left out with one model, int8')
    .option('--first-recipe <file-or-preset>', 'what is done to the first; left out, nothing')
    .option('--device <device>', 'where the second runs: host, twin or a device; a pack and int8 on the twin')
    .option('--first-device <device>', 'where the first runs', 'host')
    .option('--samples <n>', 'samples that are compared; left out, 8', wholeNumber(1))
    .option('--threshold <dB>', 'SQNR below which values count as parted; left out, 20', Number)
  withDataOptions(diverge).action(
    (first: string, second: string | undefined, options: DivergeOptions, command: Command) =>
      withSession(command, async ({ app, output, signal }) => {
        if (options.data === undefined) throw new AppError('usage.invalid', { problem: 'diverge needs --data.' })
        const recipe = options.recipe ?? (second === undefined ? 'int8' : undefined)
        const found = await app.services.analysis.divergenceOfFiles(
          {
            first: {
              path: first,
              recipe: options.firstRecipe && (await recipeText(options.firstRecipe)),
              on: placeOf(options.firstDevice),
            },
            second: {
              path: second ?? first,
              recipe: recipe && (await recipeText(recipe)),
              on: placeOf(options.device ?? 'twin'),
            },
            ...{ data: options.data, preprocess: options.preprocess, samples: options.samples ?? options.limit },
            ...{ thresholdDb: options.threshold, seed: options.seed },
          },
          signal,
        )
        output.result(found, () => divergenceText(found))
      }),
  )
}

const placeOf = (device: string) => (device === 'host' ? device : resolveDevice(device))

export function divergenceText(found: Divergence): string {
  const { rows, firstBelow, unmatched, thresholdDb } = found
  const first = firstBelow === null ? null : rows[firstBelow]!
  const verdict = first
    ? `First below ${thresholdDb} dB: ${first.otherName} (${first.otherOp}), ${db(first.sqnrDb)} dB.`
    : `No value is below ${thresholdDb} dB.`
  const others = [
    ...(unmatched.first.length > 0 ? [`Only in the first: ${unmatched.first.join(', ')}`] : []),
    ...(unmatched.second.length > 0 ? [`Only in the second: ${unmatched.second.join(', ')}`] : []),
  ]
  return [
    `${found.first} against ${found.second}, ${found.samples} samples`,
    '',
    table(
      ['', 'value', 'operator', 'elements', 'SQNR dB', 'cosine', 'largest difference', 'aligned by'],
      rows.map((row, i) => [
        i === firstBelow ? '>' : '',
        row.otherName,
        row.otherOp,
        formatBytes(row.elements),
        db(row.sqnrDb),
        row.cosine.toFixed(5),
        row.maxAbs.toPrecision(3),
        row.alignedBy,
      ]),
    ),
    '',
    verdict,
    ...others,
    ...found.notes.map(textOf),
  ].join('\n')
}
