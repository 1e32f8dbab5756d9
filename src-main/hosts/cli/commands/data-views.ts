// data check, preview and splits: what the Data screen says of a set.
import type { Command } from 'commander'
import type { PreprocessRecord } from '../../../contract/data-set.ts'
import type { DataFit, DataSplits, PreprocessEffect } from '../../../contract/data-view.ts'
import { wholeNumber } from '../options.ts'
import { table } from '../output.ts'
import { withPreprocessOptions } from '../preprocess-options.ts'
import { withSession } from '../session.ts'

interface CheckOptions {
  readonly preprocess?: PreprocessRecord
}

export function dataViewCommands(data: Command) {
  withPreprocessOptions(
    data
      .command('check <path> <model>')
      .description('Whether a model can take the samples, and which preprocessing would make it.'),
  ).action((path: string, model: string, { preprocess }: CheckOptions, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const set = await api.data.add({ source: { kind: 'path', path }, preprocess })
      const taker = await api.models.add({ source: { kind: 'path', path: model } })
      const fit = await api.data.fit({ id: set.id, model: taker.id })
      output.result(fit, () => fitText(fit))
    }),
  )
  withPreprocessOptions(
    data
      .command('preview <path>')
      .description('One sample before and after preprocessing, with the figures of the first ones.')
      .option('--sample <n>', 'which sample, from 0', wholeNumber(0), 0),
  ).action((path: string, { sample, preprocess }: CheckOptions & { sample: number }, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const set = await api.data.add({ source: { kind: 'path', path }, preprocess })
      const effect = await api.data.effect({ id: set.id, index: sample, preprocess: set.preprocess })
      output.result(effect, () => effectText(effect))
    }),
  )
  withPreprocessOptions(
    data
      .command('splits <path>')
      .description('How a run would divide the samples.')
      .option('--seed <n>', 'which samples calibrate', wholeNumber(0), 0),
  ).action((path: string, { seed, preprocess }: CheckOptions & { seed: number }, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const set = await api.data.add({ source: { kind: 'path', path }, preprocess })
      const splits = await api.data.splits({ id: set.id, seed })
      output.result(splits, () => splitsText(splits))
    }),
  )
}

function fitText({ model, data, problems }: DataFit): string {
  const shapes = `samples ${data.map(({ shape }) => shape.join('x')).join(' ')}, model ${model.map(({ shape }) => shape?.slice(1).join('x') ?? 'any').join(' ')}`
  if (problems.length === 0) return `${shapes}: they fit`
  const lines = problems.flatMap(({ kind, found, expected, fatal, fixes }) => [
    `${fatal ? 'stops a run' : 'advice'}: ${kind}${found ? ` ${found}` : ''}${expected ? `, expected ${expected}` : ''}`,
    ...fixes.map(({ preprocess }) => `  fix: --preprocess '${JSON.stringify(preprocess)}'`),
  ])
  return [shapes, ...lines].join('\n')
}

function effectText({ index, label, samples, before, after }: PreprocessEffect): string {
  const row = (when: string, { shape, min, max, mean, std }: PreprocessEffect['before']) => [
    ...[when, shape.join('x'), min, max, mean, std].map((cell) =>
      typeof cell === 'number' ? Number(cell.toPrecision(5)) : cell,
    ),
  ]
  return [
    `sample ${index}${label === null ? '' : `, ${label}`}; figures of the first ${samples}`,
    table(['', 'shape', 'min', 'max', 'mean', 'std'], [row('before', before), row('after', after)]),
  ].join('\n')
}

function splitsText(splits: DataSplits): string {
  const parts = (['train', 'calibration', 'test'] as const).flatMap((name) => {
    const part = splits[name]
    return part ? [[name, part.samples, part.classCounts?.join(' ') ?? null]] : []
  })
  return [
    table(['split', 'samples', 'of each class'], parts),
    `${splits.shared} calibration samples are measured on too`,
  ].join('\n')
}
