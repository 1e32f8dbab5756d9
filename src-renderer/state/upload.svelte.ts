import type { Api } from '../../src-main/contract/contract.ts'
import type { PreprocessRecord } from '../../src-main/contract/data-set.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { UploadId } from '../../src-main/contract/ids.ts'
import { maxChunkBytes } from '../../src-main/contract/upload.ts'
import { toErrorInfo } from '../api/error.ts'
import { putFiles } from '../api/put-files.ts'
import type { PickedGroup } from './dropped.ts'

/** One group of files on its way to the host, and then being read there. */
export class Upload {
  readonly group: PickedGroup
  readonly totalBytes: number
  /** How data are to be read. */
  readonly preprocess: PreprocessRecord
  #sentBytes = $state(0)
  #stage = $state<'sending' | 'reading' | 'done' | 'failed' | 'cancelled'>('sending')
  #error = $state.raw<ErrorInfo | null>(null)
  #stop = new AbortController()
  #api: Api

  constructor(api: Api, group: PickedGroup, preprocess: PreprocessRecord = {}) {
    this.#api = api
    this.preprocess = preprocess
    this.group = group
    this.totalBytes = group.files.reduce((sum, file) => sum + file.blob.size, 0)
  }

  get sentBytes() {
    return this.#sentBytes
  }
  get stage() {
    return this.#stage
  }
  get error() {
    return this.#error
  }
  get active() {
    return this.#stage === 'sending' || this.#stage === 'reading'
  }

  cancel(): void {
    this.#stop.abort()
  }

  /** Sends all files, then lets `add` read them on the host. Failures stay visible here. */
  async run(add: (id: UploadId) => Promise<void>): Promise<void> {
    let id: UploadId | null = null
    try {
      const begun = await this.#api.uploads.begin({ files: this.#manifest() })
      id = begun.id
      if (begun.address !== null) await this.#put(begun.address)
      else await this.#sendChunks(id)
      this.#stage = 'reading'
      await add(id)
      this.#stage = 'done'
    } catch (error) {
      this.#stage = this.#stop.signal.aborted ? 'cancelled' : 'failed'
      if (this.#stage === 'failed') this.#error = toErrorInfo(error)
      // The host drops what it has of this upload; when even that fails there is nothing more to undo.
      if (id) await this.#api.uploads.cancel({ id }).catch(() => {})
    }
  }

  #manifest() {
    return this.group.files.map((file) => ({ path: file.path, bytes: file.blob.size }))
  }

  async #put(address: string): Promise<void> {
    const blobs = this.group.files.map((file) => file.blob)
    await putFiles(address, blobs, this.#stop.signal, (sentBytes) => {
      this.#sentBytes = sentBytes
    })
  }

  async #sendChunks(id: UploadId): Promise<void> {
    for (const [index, file] of this.group.files.entries()) {
      for (let offset = 0; offset < file.blob.size; offset += maxChunkBytes) {
        this.#stop.signal.throwIfAborted()
        const data = file.blob.slice(offset, offset + maxChunkBytes)
        await this.#api.uploads.chunk({ id, file: index, offset, data })
        this.#sentBytes += data.size
      }
    }
  }
}
