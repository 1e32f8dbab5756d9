// The rows of all runs, fetched a part at a time, so that neither host nor page stands still over thousands.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ProjectId } from '../../src-main/contract/ids.ts'
import type { RunSummary } from '../../src-main/contract/run.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'

/** What the host gives within some milliseconds. */
const partRows = 500

export class RunRows {
  #api: Api
  #project: ProjectId
  #value = $state.raw<readonly RunSummary[] | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #asked = 0
  /** No state: whoever calls `load` in an effect would otherwise call it again after every answer. */
  #whole = false

  constructor(api: Api, project: ProjectId) {
    this.#api = api
    this.#project = project
  }

  get value() {
    return this.#value
  }
  get error() {
    return this.#error
  }

  /** What is shown stays until all of the new rows are here; the first time, the newest appear at once. */
  async load(): Promise<void> {
    this.#asked += 1
    const ticket = this.#asked
    const rows: RunSummary[] = []
    try {
      for (;;) {
        const part = await this.#api.runs.page({ project: this.#project, first: rows.length, count: partRows })
        if (ticket !== this.#asked) return
        rows.push(...part.rows)
        const whole = rows.length >= part.total || part.rows.length === 0
        const begun = !this.#whole && rows.length === part.rows.length
        if (begun || whole) this.#value = [...rows]
        if (whole) break
      }
      this.#whole = true
      this.#error = null
    } catch (error) {
      if (ticket === this.#asked && !isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }

  /** One row as the host answered it. */
  put(row: RunSummary): void {
    this.#value = this.#value?.map((each) => (each.id === row.id ? row : each)) ?? null
  }
}
