import type { Command } from 'commander'
import { textOf } from '../../../base/note.ts'
import type { DataSet, PreprocessRecord } from '../../../contract/data-set.ts'
import { dataSetId, jobId } from '../../../contract/ids.ts'
import { table } from '../output.ts'
import { withPreprocessOptions } from '../preprocess-options.ts'
import { withSession } from '../session.ts'
import { dataViewCommands } from './data-views.ts'

interface ReadOptions {
  readonly preprocess?: PreprocessRecord
}

export function dataCommands(program: Command) {
  const data = program.command('data').description('The data sets of the workspace.')
  data.action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.data.list()
      output.result(list, () =>
        list.length === 0
          ? 'No data sets yet. Add one with "shoehorn data add PATH".'
          : table(
              ['data set', 'format', 'samples', 'shape', 'classes', 'id'],
              list.map((d) => [
                d.name,
                d.format,
                d.count,
                d.inputs.map((i) => i.shape.join('x')).join(' '),
                d.classCounts?.length ?? null,
                d.id,
              ]),
            ),
      )
    }),
  )
  const add = data
    .command('add <path>')
    .description('Copies a data set into the workspace: npz, npy, IDX, CSV, or a folder of pictures or WAV files.')
  withPreprocessOptions(add).action((path: string, { preprocess }: ReadOptions, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const added = await api.data.add({ source: { kind: 'path', path }, preprocess })
      output.result(added, () => `Added ${added.name}: ${factsText(added)}`)
    }),
  )
  data
    .command('show <id>')
    .description('What is known of a data set: samples, classes, how it is read and prepared.')
    .action((id: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const set = await api.data.get({ id: dataSetId.parse(id) })
        output.result(set, () => `${set.name}: ${factsText(set)}\n${classesText(set)}`)
      }),
    )
  withPreprocessOptions(
    data
      .command('prepare <id>')
      .description('Changes how a data set is read and prepared; without options, not at all.'),
  ).action((id: string, { preprocess = {} }: ReadOptions, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const set = await api.data.setPreprocess({ id: dataSetId.parse(id), preprocess })
      output.result(set, () => `${set.name}: ${factsText(set)}`)
    }),
  )
  data.command('remove <id>').action((id: string, _options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      await api.data.remove({ id: dataSetId.parse(id) })
      output.result({ removed: id }, () => `Removed ${id}.`)
    }),
  )
  dataViewCommands(data)
  jobCommands(program)
}

function factsText(set: DataSet): string {
  const shapes = set.inputs.map(({ shape, dtype }) => `${shape.join('x')} ${dtype}`).join(', ')
  return [
    `${set.count} samples, ${set.format}, ${shapes}, ${set.labelled ? 'labelled' : 'no labels'}`,
    ...(set.notes ?? []).map(textOf),
    ...(Object.keys(set.preprocess).length > 0 ? [`Prepared by ${JSON.stringify(set.preprocess)}`] : []),
  ].join('\n')
}

function classesText({ classCounts, classNames }: DataSet): string {
  if (!classCounts) return 'No classes.'
  return table(
    ['class', 'samples'],
    classCounts.map((count, i) => [classNames?.[i] ?? String(i), count]),
  )
}

function jobCommands(program: Command) {
  const jobs = program.command('jobs').description('Work under way and done.')
  jobs.action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.jobs.list({})
      output.result(list, () =>
        list.length === 0
          ? 'No jobs yet.'
          : table(
              ['job', 'state', 'started', 'run', 'error'],
              list.map((j) => [textOf(j.title), j.state, j.startedAt, j.runId, j.error?.message ?? null]),
            ),
      )
    }),
  )
  jobs.command('cancel <id>').action((id: string, _options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      await api.jobs.cancel({ id: jobId.parse(id) })
      output.result({ cancelled: id }, () => `Cancelled ${id}.`)
    }),
  )
}
