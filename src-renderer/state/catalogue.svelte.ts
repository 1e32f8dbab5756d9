import type { Api } from '../../src-main/contract/contract.ts'
import { Resource } from './resource.svelte.ts'

/** What every project chooses from: devices, recipe presets, what is in the workspace. */
export class Catalogue {
  readonly devices
  readonly presets
  readonly passes
  readonly models
  readonly dataSets
  readonly system

  constructor(api: Api) {
    this.devices = new Resource(() => api.devices.list())
    this.presets = new Resource(() => api.recipes.presets())
    this.passes = new Resource(() => api.recipes.passes())
    this.models = new Resource(() => api.models.list())
    this.dataSets = new Resource(() => api.data.list())
    this.system = new Resource(() => api.system.info())
  }

  load(): void {
    for (const each of [this.devices, this.presets, this.passes, this.models, this.dataSets, this.system])
      void each.load()
  }
}
