import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import type { Api } from '../../../contract/contract.ts'
import { deviceId } from '../../../contract/ids.ts'
import type { Project } from '../../../contract/project.ts'
import { type Budgets, budgets } from '../../../contract/report.ts'
import { table } from '../output.ts'
import { withSession } from '../session.ts'

export function projectCommands(program: Command) {
  const projects = program.command('projects').description('One target device each, with its budgets and runs.')
  projects.action((_options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const list = await api.projects.list()
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
  projects.command('remove <project>').action((name: string, _options: unknown, command: Command) =>
    withSession(command, async ({ api, output }) => {
      const project = await findProject(api, name)
      await api.projects.remove({ id: project.id })
      output.result({ removed: project.id }, () => `Removed ${project.name} and its runs.`)
    }),
  )
}

/** By name or by id. */
export async function findProject(api: Api, nameOrId: string): Promise<Project> {
  const found = (await api.projects.list()).find((p) => p.name === nameOrId || p.id === nameOrId)
  if (!found) throw new AppError('store.notFound', { kind: 'project', id: nameOrId, plural: 'projects' })
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
