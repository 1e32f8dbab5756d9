import type { Api } from '../../src-main/contract/contract.ts'
import type { ModelId } from '../../src-main/contract/ids.ts'
import type { ModelOutline } from '../../src-main/contract/model.ts'
import { FileDownload } from './file-download.svelte.ts'
import { GraphPanel } from './graph-panel.svelte.ts'
import { toModelId, toProjectId } from './ids.ts'
import { DifferencePanel } from './model-difference.svelte.ts'
import { ModelEstimates } from './model-estimates.svelte.ts'
import { ModelRuns } from './model-runs.svelte.ts'
import { Resource } from './resource.svelte.ts'

export class ModelPage {
  /** There as soon as the file has been read. */
  readonly outline: Resource<ModelOutline>
  readonly estimates: ModelEstimates
  readonly graph: GraphPanel
  readonly difference: DifferencePanel
  readonly runs: ModelRuns
  readonly integers = new FileDownload()
  #api: Api
  #id: ModelId

  constructor(api: Api, id: string, project: string) {
    const modelId = toModelId(id)
    this.#api = api
    this.#id = modelId
    this.outline = new Resource(() => api.models.outline({ id: modelId }))
    this.estimates = new ModelEstimates(api, modelId)
    this.graph = new GraphPanel(api, modelId)
    this.difference = new DifferencePanel(api, modelId)
    this.runs = new ModelRuns(api, modelId, toProjectId(project))
  }

  saveIntegers(): Promise<void> {
    return this.integers.save(() => this.#api.models.integers({ id: this.#id }))
  }
}
