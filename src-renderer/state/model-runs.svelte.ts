// The runs of one model in a project, the one that the Model screen compares with, and the cycles its operators took.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ModelId, ProjectId, RunId } from '../../src-main/contract/ids.ts'
import type { RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { Resource } from './resource.svelte.ts'

export class ModelRuns {
  #api: Api
  readonly list: Resource<RunSummary[]>
  #asked = $state<RunId | null>(null)
  #chosen = $derived.by(() => {
    const runs = this.list.value ?? []
    return runs.find(({ id }) => id === this.#asked) ?? runs[0] ?? null
  })
  readonly report: Resource<RunReport | null>
  #cycles = $derived.by(() => {
    const report = this.report.value
    return report && report.id === this.#chosen?.id ? cyclesByNode(report) : null
  })

  constructor(api: Api, model: ModelId, project: ProjectId) {
    this.#api = api
    this.list = new Resource(() => api.models.runs({ id: model, project }))
    this.report = new Resource(async () => (this.#chosen ? this.#api.runs.get({ id: this.#chosen.id }) : null))
  }

  /** The one asked for, else the newest; null: the model has not run in this project. */
  get chosen(): RunSummary | null {
    return this.#chosen
  }
  /** By the name of the node; null until they are there. */
  get cycles(): ReadonlyMap<string, number> | null {
    return this.#cycles
  }

  choose(run: RunId): void {
    this.#asked = run
  }
}

/** An operator may have become several. */
export function cyclesByNode({ operators }: Pick<RunReport, 'operators'>): Map<string, number> {
  const cycles = new Map<string, number>()
  for (const { name, cycles: count } of operators) cycles.set(name, (cycles.get(name) ?? 0) + count)
  return cycles
}
