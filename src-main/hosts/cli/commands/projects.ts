import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { say } from '../../../base/note.ts'
import type { Api } from '../../../contract/contract.ts'
import { deviceId } from '../../../contract/ids.ts'
import type { Project } from '../../../contract/project.ts'
import { type Budgets, budgets } from '../../../contract/report.ts'
import { written } from '../../../services/written.ts'
import { formatBytes, table } from '../output.ts'
import { withSession } from '../session.ts'

export function projectCommands(program: Command) {
  const projects = program.command('projects').description('One target device each, with its budgets and runs.')
  projects.option('--archived', 'also those that were archived')
  projects.action(({ archived }: { archived?: boolean }, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = (await api.projects.list()).filter((p) => archived || p.archivedAt === null)
      output.result(list, () => {
        if (list.length === 0) return 'No projects yet. Make one with "shoehorn projects create NAME --device pico".'
        return table(
          ['project', 'device', 'runs', 'budgets', 'id'],
          list.map((p) => [p.name, p.deviceName, p.runs, budgetText(p.budgets), p.id]),
        )
      })
    }),
  )
  projects
    .command('create <name>')
    .requiredOption('--device <device>', 'see "shoehorn devices"')
    .option(
      '--budgets <json>',
      'any of flashBytes ramBytes latencyMs energyUj accuracyDrop; left out, from the device',
      parseBudgets,
    )
    .action((name: string, options: { device: string; budgets?: Budgets }, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const project = await api.projects.create({
          name,
          device: deviceId.parse(options.device),
          budgets: options.budgets,
        })
        output.result(project, () => `Made ${project.name} for ${project.deviceName}: ${budgetText(project.budgets)}`)
      }),
    )
  keepingCommands(projects)
  fileCommands(projects)
}

/** Copies, and the ways out of sight and back. */
function keepingCommands(projects: Command) {
  projects
    .command('duplicate <project> <name>')
    .description('Device, budgets, model, data and recipe under another name; without the runs.')
    .action((from: string, name: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const project = await api.projects.duplicate({ id: (await findProject(api, from)).id, name })
        output.result(project, () => `Made ${project.name} for ${project.deviceName}.`)
      }),
    )
  projects
    .command('archive <project>')
    .description('Out of sight, with all it has; "projects restore" brings it back.')
    .action((name: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const project = await api.projects.archive({ id: (await findProject(api, name)).id, archived: true })
        output.result(project, () => `Archived ${project.name}.`)
      }),
    )
  projects
    .command('restore <project>')
    .description('Out of the archive, or out of the bin.')
    .action((name: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const project = await restore(api, name)
        output.result(project, () => `${project.name} is back.`)
      }),
    )
  projects
    .command('remove <project>')
    .description('Into the bin; with --for-good, out of it and out of the workspace.')
    .option('--for-good', 'with its runs, from the bin')
    .action((name: string, { forGood }: { forGood?: boolean }, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const project = forGood ? await findInBin(api, name) : await findProject(api, name)
        await (forGood ? api.projects.purge({ id: project.id }) : api.projects.remove({ id: project.id }))
        const back = 'It is in the bin; "shoehorn projects restore" brings it back.'
        output.result({ removed: project.id }, () =>
          `Removed ${project.name} and its runs. ${forGood ? '' : back}`.trim(),
        )
      }),
    )
  projects.command('bin').action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.projects.bin()
      output.result(list, () =>
        list.length === 0
          ? 'The bin is empty.'
          : table(
              ['project', 'device', 'runs', 'deleted', 'id'],
              list.map((p) => [p.name, p.deviceName, p.runs, p.deletedAt ?? '', p.id]),
            ),
      )
    }),
  )
}

function fileCommands(projects: Command) {
  projects
    .command('export <project>')
    .description('The whole project as one file: record, models, data, runs with packs and reports.')
    .requiredOption('--out <file>', 'for example gestures.shoeproject')
    .action((name: string, { out }: { out: string }, command: Command) =>
      withSession(command, async ({ api, app, output }) => {
        const project = await findProject(api, name)
        let bytes = 0
        await written(out, async () => {
          bytes = await app.services.projectArchives.toFile(project.id, out)
        })
        output.result({ path: out, bytes }, () => `Wrote ${out}: ${formatBytes(bytes)} bytes, ${project.runs} runs.`)
      }),
    )
  projects
    .command('import <file>')
    .description('A project file into this workspace; models and data that are there already are used.')
    .action((path: string, _options: unknown, command: Command) =>
      withSession(command, async ({ api, output }) => {
        const found = await api.projects.import({ source: { kind: 'path', path } })
        const { project, models, dataSets, runs, reused } = found
        const parts = `${models} models, ${dataSets} data sets, ${runs} runs`
        output.result(found, () => `Imported ${project.name}: ${parts}; ${reused} were here already.`)
      }),
    )
}

async function restore(api: Api, nameOrId: string): Promise<Project> {
  const archived = (await api.projects.list()).find((p) => isCalled(p, nameOrId) && p.archivedAt !== null)
  if (archived) return api.projects.archive({ id: archived.id, archived: false })
  return api.projects.restore({ id: (await findInBin(api, nameOrId)).id })
}

async function findInBin(api: Api, nameOrId: string): Promise<Project> {
  const found = (await api.projects.bin()).find((p) => isCalled(p, nameOrId))
  if (!found)
    throw new AppError('store.notFound', { kind: say`project in the bin`, id: nameOrId, plural: 'projects bin' })
  return found
}

const isCalled = (project: Project, nameOrId: string) => project.name === nameOrId || project.id === nameOrId

/** By name or by id. */
export async function findProject(api: Api, nameOrId: string): Promise<Project> {
  const found = (await api.projects.list()).find((p) => isCalled(p, nameOrId))
  if (!found) throw new AppError('store.notFound', { kind: say`project`, id: nameOrId, plural: 'projects' })
  return found
}

function parseBudgets(text: string): Budgets {
  try {
    return budgets.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError(
      'usage.invalid',
      { problem: `--budgets: ${cause instanceof Error ? cause.message : String(cause)}` },
      { cause },
    )
  }
}

const budgetText = (values: Budgets) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value?.toLocaleString('en-US')}`)
    .join(', ')
