import type { Api } from '../../src-main/contract/contract.ts'
import type { ProjectId } from '../../src-main/contract/ids.ts'
import { GraphPanel } from './graph-panel.svelte.ts'
import { toModelId } from './ids.ts'
import { measuredCycles } from './measured-cycles.svelte.ts'
import { DifferencePanel } from './model-difference.svelte.ts'
import { Resource } from './resource.svelte.ts'

export class ModelPage {
  readonly analysis
  readonly graph: GraphPanel
  readonly difference: DifferencePanel
  #api: Api

  constructor(api: Api, id: string) {
    const modelId = toModelId(id)
    this.#api = api
    this.analysis = new Resource(() => api.models.analyze({ id: modelId }))
    this.graph = new GraphPanel(api, modelId)
    this.difference = new DifferencePanel(api, modelId)
  }

  /** Of the newest run of this model in the project. */
  measured(project: ProjectId) {
    return measuredCycles(this.#api, project, () => this.analysis.value?.model.sha256 ?? null)
  }
}
