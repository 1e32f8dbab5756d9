import type { Api } from '../../src-main/contract/contract.ts'
import type { EncodedResult, EncodingKind, EncodingRequest } from '../../src-main/contract/encoding.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { toErrorInfo } from '../api/error.ts'
import type { PickedFile } from './dropped.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { Resource } from './resource.svelte.ts'
import { readWhole, saveAs } from './save-file.ts'
import { Upload } from './upload.svelte.ts'

/** A file of a result on its way to the user's disk. */
export interface Download {
  readonly result: EncodedResult
  readonly file: number
  readonly doneBytes: number
}

/** Weights into containers and back: one file at a time, and what came out so far. */
export class WeightsPage {
  readonly results: Resource<EncodedResult[]>
  readonly follower: JobFollower
  #api: Api
  #upload = $state.raw<Upload | null>(null)
  #download = $state.raw<Download | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  readonly busy = $derived.by(() => (this.#upload?.active ?? false) || this.follower.running)

  constructor(api: Api) {
    this.#api = api
    this.results = new Resource(() => api.encoding.list())
    this.follower = new JobFollower(api)
  }

  get upload() {
    return this.#upload
  }
  get download() {
    return this.#download
  }
  get error() {
    return this.#error
  }
  dismiss(): void {
    this.#error = null
  }

  /** What is there, and the job that goes on since before the page was loaded. */
  async load(): Promise<void> {
    await this.results.load()
    if (this.busy) return
    const open = await this.#try(() => this.#api.encoding.open())
    const last = open?.at(-1)
    if (last && !this.busy) await this.#follow(last)
  }

  /** @param asNpz of a container: its tensors by name instead of the file */
  async add(files: readonly PickedFile[], asNpz: boolean): Promise<void> {
    const first = files.find(({ path }) => kindOf(path) !== null) ?? files[0]
    if (!first || this.busy) return
    const kind = kindOf(first.path) ?? 'encode'
    const upload = new Upload(this.#api, { kind: 'model', name: first.path.split('/').at(-1) ?? '', files })
    this.#error = null
    this.#upload = upload
    await upload.run(async (id) => {
      const source = { kind: 'upload' as const, upload: id }
      const { job } = await this.#api.encoding.start({
        kind,
        source,
        ...(asNpz && kind === 'decode' ? { as: 'npz' } : {}),
      })
      void this.#follow(job)
    })
  }

  /** A container on the host's own machine. */
  async addPath(path: string): Promise<void> {
    await this.#start({ kind: 'decode', source: { kind: 'path', path } })
  }

  /** The file that a container was made of, from the container. */
  async decodeBack(result: EncodedResult): Promise<void> {
    await this.#start({ kind: 'decode', source: { kind: 'result', job: result.job } })
  }

  async cancel(): Promise<void> {
    if (this.#upload?.stage === 'sending') this.#upload.cancel()
    else await this.follower.cancel()
  }

  async remove(result: EncodedResult): Promise<void> {
    await this.#try(() => this.#api.encoding.remove({ job: result.job }))
    await this.results.load()
  }

  async save(result: EncodedResult, file: number): Promise<void> {
    if (this.#download) return
    const { path, bytes } = result.files[file]!
    await this.#try(async () => {
      const whole = await readWhole(
        bytes,
        (offset) => this.#api.encoding.read({ job: result.job, file, offset }),
        (doneBytes) => {
          this.#download = { result, file, doneBytes }
        },
      )
      saveAs(whole, path.split('/').at(-1)!)
    })
    this.#download = null
  }

  async #start(request: EncodingRequest): Promise<void> {
    if (this.busy) return
    this.#error = null
    this.#upload = null
    const started = await this.#try(() => this.#api.encoding.start(request))
    if (started) await this.#follow(started.job)
  }

  async #follow(job: Parameters<JobFollower['follow']>[0]): Promise<void> {
    await this.follower.follow(job)
    await this.results.load()
  }

  async #try<T>(request: () => Promise<T>): Promise<T | null> {
    try {
      return await request()
    } catch (error) {
      this.#error = toErrorInfo(error)
      return null
    }
  }
}

function kindOf(path: string): EncodingKind | null {
  if (/\.shoe$/i.test(path)) return 'decode'
  return /\.(onnx|tflite|npz)$/i.test(path) ? 'encode' : null
}
