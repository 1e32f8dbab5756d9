import type { Command } from 'commander'
import type { PreprocessRecord } from '../../../contract/data-set.ts'
import { dataSetId, jobId } from '../../../contract/ids.ts'
import { withDataOptions } from '../options.ts'
import { table } from '../output.ts'
import { withSession } from '../session.ts'
import { dataViewCommands } from './data-views.ts'

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
  const add = data.command('add <path>').description('Copies a data set into the workspace.')
  withDataOptions(add).action((path: string, options: { preprocess?: PreprocessRecord }, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const added = await api.data.add({ source: { kind: 'path', path }, preprocess: options.preprocess })
      output.result(
        added,
        () =>
          `Added ${added.name}: ${added.count} samples, ${added.format}, ${added.labelled ? 'labelled' : 'no labels'}`,
      )
    }),
  )
  data.command('remove <id>').action((id: string, _options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      await api.data.remove({ id: dataSetId.parse(id) })
      output.result({ removed: id }, () => `Removed ${id}.`)
    }),
  )
  dataViewCommands(data)
  const jobs = program.command('jobs').description('Work under way and done.')
  jobs.action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.jobs.list({})
      output.result(list, () =>
        list.length === 0
          ? 'No jobs yet.'
          : table(
              ['job', 'state', 'started', 'run', 'error'],
              list.map((j) => [j.title, j.state, j.startedAt, j.runId, j.error?.message ?? null]),
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
