// Packs of the workspace: those that were given to us as files, and copies of those of runs.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { PackId, RunId } from '../../src-main/contract/ids.ts'
import type { PackFacts } from '../../src-main/contract/pack.ts'
import { toErrorInfo } from '../api/error.ts'
import type { PickedFile } from './dropped.ts'
import { Resource } from './resource.svelte.ts'
import { saveAs } from './save-file.ts'
import { Upload } from './upload.svelte.ts'

type PackSource = Parameters<Api['packs']['add']>[0]['source']

export class Packs {
  readonly list: Resource<PackFacts[]>
  #api: Api
  #busy = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api) {
    this.#api = api
    this.list = new Resource(() => api.packs.list())
  }

  get busy() {
    return this.#busy
  }
  get error() {
    return this.#error
  }
  dismiss(): void {
    this.#error = null
  }

  /** null when it is none; the error then says why. */
  async add(file: PickedFile): Promise<PackFacts | null> {
    let added: PackFacts | null = null
    const upload = new Upload(this.#api, { kind: 'model', name: file.path, files: [file] })
    this.#error = null
    this.#busy = true
    await upload.run(async (id) => {
      added = await this.#api.packs.add({ source: { kind: 'upload', upload: id } })
    })
    this.#busy = false
    this.#error = upload.error
    await this.list.load()
    return added
  }

  addPath(path: string): Promise<PackFacts | null> {
    return this.#addKnown({ kind: 'path', path })
  }

  addRun(run: RunId): Promise<PackFacts | null> {
    return this.#addKnown({ kind: 'run', run })
  }

  /** The pack of a run as a file of the user's. */
  async saveRun(run: RunId): Promise<void> {
    const pack = await this.addRun(run)
    if (pack) await this.save(pack.id)
  }

  async save(id: PackId): Promise<void> {
    await this.#try(async () => {
      const { data, fileName } = await this.#api.packs.file({ id })
      saveAs(data, fileName)
    })
  }

  /** Its failure is the dialog's that asked. */
  async remove(id: PackId): Promise<void> {
    await this.#api.packs.remove({ id })
    await this.list.load()
  }

  async #addKnown(source: PackSource): Promise<PackFacts | null> {
    const added = await this.#try(() => this.#api.packs.add({ source }))
    if (added) await this.list.load()
    return added
  }

  async #try<T>(action: () => Promise<T>): Promise<T | null> {
    this.#error = null
    this.#busy = true
    try {
      return await action()
    } catch (error) {
      this.#error = toErrorInfo(error)
      return null
    } finally {
      this.#busy = false
    }
  }
}
