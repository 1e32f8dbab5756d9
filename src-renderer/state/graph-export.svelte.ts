// The compressed graph of a run as ONNX, or the outputs of a model: a job makes them, then the files are saved.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId, JobId, ModelId, RunId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { readWhole, saveAs } from './save-file.ts'

export class GraphExport {
  readonly follower: JobFollower
  #api: Api
  #busy = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api) {
    this.#api = api
    this.follower = new JobFollower(api)
  }

  get busy() {
    return this.#busy
  }
  get error() {
    return this.#error
  }

  save(run: RunId): Promise<void> {
    return this.#make(() => this.#api.export.graph({ run }))
  }

  /** Of the model as it is, over all of the data. */
  saveOutputs(model: ModelId, data: DataSetId): Promise<void> {
    return this.#make(() => this.#api.export.outputs({ model, data }))
  }

  async #make(start: () => Promise<{ job: JobId }>): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    this.#error = null
    try {
      const { job } = await start()
      const ended = await this.follower.follow(job)
      if (ended?.state === 'done') await this.#saveFiles(job).finally(() => this.#api.export.discardGraph({ job }))
      else if (ended?.state !== 'cancelled') this.#error = ended?.error ?? this.follower.error
    } catch (error) {
      this.#error = toErrorInfo(error)
    } finally {
      this.#busy = false
    }
  }

  async #saveFiles(job: JobId): Promise<void> {
    for (const [file, { name, bytes }] of (await this.#api.export.graphFiles({ job })).entries()) {
      const whole = await readWhole(bytes, (offset) => this.#api.export.readGraph({ job, file, offset }))
      saveAs(whole, name)
    }
  }
}
