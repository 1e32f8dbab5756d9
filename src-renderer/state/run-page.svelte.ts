import type { Api } from '../../src-main/contract/contract.ts'
import { toRunId } from './ids.ts'
import { Resource } from './resource.svelte.ts'

export class RunPage {
  readonly id
  readonly run
  readonly sinceLast
  #api: Api

  constructor(api: Api, id: string) {
    this.#api = api
    this.id = toRunId(id)
    this.run = new Resource(() => api.runs.get({ id: this.id }))
    this.sinceLast = new Resource(() => api.runs.sinceLast({ id: this.id }))
  }

  async remove(): Promise<void> {
    await this.#api.runs.remove({ id: this.id })
  }
}
