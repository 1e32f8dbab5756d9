import { randomUUID } from 'node:crypto'
import { AppError } from '../base/errors.ts'
import { deviceId, type ProjectId, projectId } from '../contract/ids.ts'
import type { Project } from '../contract/project.ts'
import type { Budgets } from '../contract/report.ts'
import type { RunSummary } from '../contract/run.ts'
import type { StoredProject } from '../store/library.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'

export function projectsService({ store, clock }: ServiceContext) {
  function find(id: ProjectId): StoredProject {
    const project = store.projects.get(id)
    if (!project) throw new AppError('store.notFound', { kind: 'project', id, plural: 'projects' })
    return project
  }
  function shown(project: StoredProject): Project {
    return {
      ...project,
      deviceName: profileOf(project.device).name,
      runs: store.runs.countOf(project.id),
      bestRunId: bestRun(store.runs.list(project.id))?.id ?? null,
    }
  }
  return {
    list: () => store.projects.list().map(shown),
    get: (id: ProjectId) => shown(find(id)),
    create(name: string, device: string, budgets?: Budgets): Project {
      const profile = profileOf(device)
      const project: StoredProject = {
        id: projectId.parse(randomUUID()),
        name,
        device: deviceId.parse(device),
        budgets: budgets ?? profile.defaultBudgets,
        modelId: null,
        dataSetId: null,
        recipe: 'int8',
        createdAt: isoNow(clock),
      }
      store.transaction(() => {
        if (store.projects.byName(name)) throw nameTaken(name)
        store.projects.add(project)
      })
      return shown(project)
    },
    update({
      id,
      ...changes
    }: { id: ProjectId } & Partial<
      Pick<StoredProject, 'name' | 'budgets' | 'modelId' | 'dataSetId' | 'recipe'>
    >): Project {
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
      return store.transaction(() => {
        const project: StoredProject = { ...find(id), ...given }
        const other = store.projects.byName(project.name)
        if (other && other.id !== id) throw nameTaken(project.name)
        store.projects.update(project)
        return shown(project)
      })
    },
    remove(id: ProjectId) {
      find(id)
      store.projects.remove(id)
    },
  }
}

const nameTaken = (name: string) =>
  new AppError('store.conflict', { problem: `There is a project called ${name} already.` })

/** The most accurate run within all budgets; among equals the smallest. */
export function bestRun(runs: readonly RunSummary[]): RunSummary | null {
  const within = runs.filter((run) => run.withinBudgets)
  const better = (a: RunSummary, b: RunSummary) => (b.accuracy ?? 0) - (a.accuracy ?? 0) || a.flashBytes - b.flashBytes
  return within.sort(better)[0] ?? null
}
