import { randomUUID } from 'node:crypto'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { deviceId, type ProjectId, projectId } from '../contract/ids.ts'
import { isOpen } from '../contract/job.ts'
import type { Project } from '../contract/project.ts'
import type { Budgets } from '../contract/report.ts'
import type { StoredProject } from '../store/library.ts'
import type { RunTally } from '../store/runs.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'

export type Projects = ReturnType<typeof projectsService>

type Changes = Partial<Pick<StoredProject, 'name' | 'budgets' | 'modelId' | 'dataSetId' | 'recipe' | 'choices'>>

export function projectsService({ store, jobs, clock }: ServiceContext) {
  function find(id: ProjectId): StoredProject {
    const project = store.projects.get(id)
    if (!project || project.deletedAt !== null)
      throw new AppError('store.notFound', { kind: say`project`, id, plural: 'projects' })
    return project
  }
  function inBin(id: ProjectId): StoredProject {
    const project = store.projects.get(id)
    if (project?.deletedAt == null)
      throw new AppError('store.notFound', { kind: say`project in the bin`, id, plural: 'projects bin' })
    return project
  }
  const shown = (project: StoredProject) => withTally(project, store.runs.tallies(project.id).get(project.id))
  function allShown(projects: readonly StoredProject[]): Project[] {
    const tallies = store.runs.tallies()
    return projects.map((project) => withTally(project, tallies.get(project.id)))
  }
  /** The name, or with the first number after it that is free. */
  function freeName(name: string): string {
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name} (${number})`
      if (!store.projects.byName(candidate)) return candidate
    }
  }
  function add(project: StoredProject): Project {
    store.transaction(() => {
      if (store.projects.byName(project.name)) throw nameTaken(project.name)
      store.projects.add(project)
    })
    return shown(project)
  }
  function change(id: ProjectId, changes: Changes & { archivedAt?: string | null }): Project {
    return store.transaction(() => {
      const project: StoredProject = { ...find(id), ...changes }
      const other = store.projects.byName(project.name)
      if (other && other.id !== id) throw nameTaken(project.name)
      store.projects.update(project)
      return shown(project)
    })
  }
  const fresh = () => ({
    id: projectId.parse(randomUUID()),
    createdAt: isoNow(clock),
    archivedAt: null,
    deletedAt: null,
  })

  return {
    find,
    freeName,
    list: () => allShown(store.projects.list()),
    bin: () => allShown(store.projects.bin()),
    get: (id: ProjectId) => shown(find(id)),
    create(name: string, device: string, budgets?: Budgets): Project {
      const profile = profileOf(device)
      const chosen = { device: deviceId.parse(device), budgets: budgets ?? profile.defaultBudgets }
      const choices = { options: null, recipes: [] }
      return add({ ...fresh(), name, ...chosen, modelId: null, dataSetId: null, recipe: 'int8', choices })
    },
    duplicate: (id: ProjectId, name: string): Project => add({ ...find(id), ...fresh(), name }),
    update({ id, ...changes }: { id: ProjectId } & Changes): Project {
      return change(id, Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)))
    },
    archive: (id: ProjectId, archived: boolean) => change(id, { archivedAt: archived ? isoNow(clock) : null }),
    remove(id: ProjectId) {
      const { name } = find(id)
      const job = jobs.list(id).find(isOpen)
      if (job) throw new AppError('store.busy', { name, title: job.title })
      store.projects.toBin(id, isoNow(clock))
    },
    restore(id: ProjectId): Project {
      store.transaction(() => store.projects.fromBin(id, freeName(inBin(id).name)))
      return shown(find(id))
    },
    purge(id: ProjectId) {
      inBin(id)
      store.projects.remove(id)
    },
  }
}

const nameTaken = (name: string) =>
  new AppError('store.conflict', { problem: say`There is a project called ${name} already.` })

const withTally = (project: StoredProject, tally: RunTally | undefined): Project => ({
  ...project,
  deviceName: profileOf(project.device).name,
  runs: tally?.runs ?? 0,
  bestRunId: tally?.best ?? null,
  best: tally?.bestSummary ?? null,
  lastRunAt: tally?.lastRunAt ?? null,
})
