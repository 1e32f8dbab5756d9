// histogram: how the elements of a tensor, or the values that a network gives for samples, are distributed.
import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { say } from '../../../base/note.ts'
import type { Activation, Activations } from '../../../contract/activations.ts'
import { runId } from '../../../contract/ids.ts'
import type { Distribution } from '../../../contract/model-graph.ts'
import { followJob } from '../follow.ts'
import { type DataOptions, wholeNumber, withDataOptions } from '../options.ts'
import { formatBytes, table } from '../output.ts'
import { type CliSession, withSession } from '../session.ts'

interface HistogramOptions extends DataOptions {
  readonly run?: string
  readonly bins?: number
  readonly activations?: boolean
  readonly samples?: number
}

export function histogramCommand(program: Command) {
  const command = program
    .command('histogram <model> <tensor>')
    .description("How a tensor's elements are distributed, and as a run's pack holds them.")
    .option('--run <id>', 'a run of this model')
    .option('--bins <n>', 'equal steps of weights; left out, 32', wholeNumber(2))
    .option('--activations', 'values that the network gives for --data; the tensor may be named by its node')
    .option('--samples <n>', 'samples that --activations runs; left out, 64', wholeNumber(1))
  withDataOptions(command).action((path: string, tensor: string, options: HistogramOptions, given: Command) =>
    withSession(given, (session) =>
      options.activations
        ? activationHistogram(session, path, tensor, options)
        : weightHistogram(session, path, tensor, options),
    ),
  )
}

async function weightHistogram({ api, output }: CliSession, path: string, tensor: string, options: HistogramOptions) {
  const model = await api.models.add({ source: { kind: 'path', path } })
  const run = options.run === undefined ? undefined : runId.parse(options.run)
  const histogram = await api.models.histogram({ id: model.id, tensor, run, bins: options.bins ?? 32 })
  output.result(histogram, () => countsText(histogram))
}

async function activationHistogram(session: CliSession, path: string, name: string, options: HistogramOptions) {
  const { api, output } = session
  const { data: dataPath, preprocess, run, seed } = options
  if (dataPath === undefined) throw new AppError('usage.invalid', { problem: say`--activations needs --data.` })
  const model = await api.models.add({ source: { kind: 'path', path } })
  const data = await api.data.add({ source: { kind: 'path', path: dataPath }, preprocess })
  const request = {
    ...{ model: model.id, data: data.id, run: run === undefined ? undefined : runId.parse(run) },
    ...{ samples: options.samples ?? options.limit, seed },
  }
  const { job } = await api.activations.start(request)
  if (job) await followJob(session, job)
  const found = await api.activations.find(request)
  if (!found) throw new AppError('job.crashed', { problem: say`it ended without a result` })
  const { tensors, ...facts } = found
  const activation = tensors.find((each) => each.tensor === name) ?? tensors.find((each) => each.node === name)
  if (!activation) throw new AppError('store.notFound', { kind: say`tensor`, id: name, plural: 'graph' })
  output.result({ ...facts, ...activation }, () => activationText(facts, activation))
}

function activationText(facts: Omit<Activations, 'tensors'>, activation: Activation): string {
  const { tensor, op, before, after, partOf } = activation
  const lines = [
    `${tensor} (${op}), ${facts.data.samples} samples of ${facts.data.name}, seed ${facts.seed}`,
    `before: ${figures(before)}`,
  ]
  if (after)
    lines.push(
      `after: ${figures(after)}`,
      `int8 from ${after.gridLow.toPrecision(4)} to ${after.gridHigh.toPrecision(4)} in steps of ${after.scale.toPrecision(4)}, ` +
        `${formatBytes(Math.round(after.clipped * before.elements))} of ${formatBytes(before.elements)} values clipped, SQNR ${after.sqnrDb === null ? 'same' : `${after.sqnrDb.toFixed(1)} dB`}`,
    )
  else if (facts.pack)
    lines.push(partOf === null ? 'The pack has no such value.' : `In the pack this is part of ${partOf}.`)
  return [...lines, '', countsText(activation)].join('\n')
}

const figures = ({ min, max, mean, std }: Distribution) =>
  `${min.toPrecision(4)} to ${max.toPrecision(4)}, mean ${mean.toPrecision(4)}, deviation ${std.toPrecision(4)}`

interface Counted {
  readonly low: number
  readonly high: number
  readonly before: Distribution
  readonly after: Distribution | null
}

function countsText({ low, high, before, after }: Counted): string {
  const step = (high - low) / before.counts.length
  const rows = before.counts.map((count, index) => [
    (low + index * step).toPrecision(4),
    formatBytes(count),
    after ? formatBytes(after.counts[index]!) : null,
  ])
  return table(['from', 'before', 'after'], rows)
}
