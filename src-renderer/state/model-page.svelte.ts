import type { Api } from '../../src-main/contract/contract.ts'
import { toModelId } from './ids.ts'
import { Resource } from './resource.svelte.ts'

export class ModelPage {
  readonly analysis

  constructor(api: Api, id: string) {
    const modelId = toModelId(id)
    this.analysis = new Resource(() => api.models.analyze({ id: modelId }))
  }
}
