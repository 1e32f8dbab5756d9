// Models and data sets of the workspace: what is there, which projects use it, given to another one, deleted.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId, ModelId, ProjectId } from '../../src-main/contract/ids.ts'
import type { Project } from '../../src-main/contract/project.ts'
import { toErrorInfo } from '../api/error.ts'
import type { Catalogue } from './catalogue.svelte.ts'
import type { Projects } from './projects.svelte.ts'

export type Holding =
  | { readonly kind: 'model'; readonly id: ModelId; readonly name: string }
  | { readonly kind: 'data'; readonly id: DataSetId; readonly name: string }

export class LibraryPage {
  #api: Api
  #catalogue: Catalogue
  #projects: Projects
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api, catalogue: Catalogue, projects: Projects) {
    this.#api = api
    this.#catalogue = catalogue
    this.#projects = projects
  }

  get error() {
    return this.#error
  }

  async load(): Promise<void> {
    await Promise.all([this.#catalogue.models.load(), this.#catalogue.dataSets.load(), this.#projects.list.load()])
  }

  usersOf(each: Holding): Project[] {
    const isUser = ({ modelId, dataSetId }: Project) => (each.kind === 'model' ? modelId : dataSetId) === each.id
    return (this.#projects.list.value ?? []).filter(isUser)
  }

  /** @returns whether the project has it now */
  async use(each: Holding, project: ProjectId): Promise<boolean> {
    this.#error = null
    try {
      const chosen = each.kind === 'model' ? { modelId: each.id } : { dataSetId: each.id }
      this.#projects.changed(await this.#api.projects.update({ id: project, ...chosen }))
      return true
    } catch (error) {
      this.#error = toErrorInfo(error)
      return false
    }
  }

  /** Its failure is the dialog's that asked. */
  async remove(each: Holding): Promise<void> {
    if (each.kind === 'model') await this.#api.models.remove({ id: each.id })
    else await this.#api.data.remove({ id: each.id })
    await this.load()
  }
}
