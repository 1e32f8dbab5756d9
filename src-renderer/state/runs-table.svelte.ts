import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { RunReport } from '../../src-main/contract/report.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { toErrorInfo } from '../api/error.ts'
import { toProjectId } from './ids.ts'
import { Resource } from './resource.svelte.ts'
import { type RunColumn, sortRuns } from './run-columns.ts'

export const mostCompared = 5

export class RunsTable {
  readonly runs
  #api: Api
  #column = $state<RunColumn>('createdAt')
  #descending = $state(true)
  #selected = $state.raw<readonly RunSummary['id'][]>([])
  #compared = $state.raw<readonly RunReport[]>([])
  #error = $state.raw<ErrorInfo | null>(null)
  #request = 0
  readonly rows

  constructor(api: Api, project: string) {
    this.#api = api
    const id = toProjectId(project)
    this.runs = new Resource(() => api.runs.list({ project: id }))
    this.rows = $derived(sortRuns(this.runs.value ?? [], this.#column, this.#descending))
  }

  get column() {
    return this.#column
  }
  get descending() {
    return this.#descending
  }
  get selected() {
    return this.#selected
  }
  /** The full reports of the selected runs, in the order of selection; empty below two. */
  get compared() {
    return this.#compared
  }
  get error() {
    return this.#error
  }

  sortBy(column: RunColumn): void {
    this.#descending = this.#column === column ? !this.#descending : column === 'createdAt'
    this.#column = column
  }

  async toggle(id: RunSummary['id']): Promise<void> {
    const rest = this.#selected.filter((each) => each !== id)
    if (rest.length === this.#selected.length && rest.length >= mostCompared) return
    this.#selected = rest.length === this.#selected.length ? [...rest, id] : rest
    await this.#compare()
  }

  async #compare(): Promise<void> {
    this.#request += 1
    const request = this.#request
    this.#error = null
    const ids = [...this.#selected]
    try {
      const reports = ids.length < 2 ? [] : await this.#api.runs.compare({ ids })
      if (request === this.#request) this.#compared = reports
    } catch (error) {
      if (request === this.#request) this.#error = toErrorInfo(error)
    }
  }
}
