import type { Api } from '../../src-main/contract/contract.ts'
import type { DeviceId, ProjectId } from '../../src-main/contract/ids.ts'
import type { Project } from '../../src-main/contract/project.ts'
import type { Budgets } from '../../src-main/contract/report.ts'
import { t } from '../i18n/locale.ts'
import { Resource } from './resource.svelte.ts'

export class Projects {
  readonly list
  #api: Api

  constructor(api: Api) {
    this.#api = api
    this.list = new Resource(() => api.projects.list())
  }

  async create(input: { name: string; device: DeviceId; budgets: Budgets }): Promise<Project> {
    const made = await this.#api.projects.create(input)
    await this.list.load()
    return made
  }

  async remove(id: ProjectId): Promise<void> {
    await this.#api.projects.remove({ id })
    await this.list.load()
  }

  /** A project as the host now has it, put in its place in the list. */
  changed(project: Project): void {
    const rows = this.list.value
    const asked = this.list.busy
    if (rows) this.list.set(rows.map((row) => (row.id === project.id ? project : row)))
    // The list that is on its way may hold projects that these rows do not, and counts as older now.
    if (asked) void this.list.load()
  }
}

/** One word for the list: what is still missing, or how far it got. */
export function projectState(project: Project): { word: string; tone: 'good' | 'open' | 'todo' } {
  if (project.bestRunId) return { word: t('projects.state.within'), tone: 'good' }
  if (project.runs > 0) return { word: t('projects.state.runs', { count: project.runs }), tone: 'open' }
  if (!project.modelId) return { word: t('projects.state.needsModel'), tone: 'todo' }
  if (!project.dataSetId) return { word: t('projects.state.needsData'), tone: 'todo' }
  return { word: t('projects.state.ready'), tone: 'open' }
}
