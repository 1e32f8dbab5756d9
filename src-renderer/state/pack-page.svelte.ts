// One pack: what is done with it on a device, and what came of it.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { LibraryFormat } from '../../src-main/contract/export.ts'
import type { DeviceId, JobId, PackId } from '../../src-main/contract/ids.ts'
import type { PackFacts, PackRequest, PackResult } from '../../src-main/contract/pack.ts'
import type { EncodingGoal } from '../../src-main/contract/report.ts'
import { toErrorInfo } from '../api/error.ts'
import { toPackId } from './ids.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { Resource } from './resource.svelte.ts'
import { saveAs } from './save-file.ts'
import { Upload } from './upload.svelte.ts'

export class PackPage {
  readonly id: PackId
  readonly facts: Resource<PackFacts>
  readonly results: Resource<PackResult[]>
  readonly follower: JobFollower
  #api: Api
  #error = $state.raw<ErrorInfo | null>(null)
  #starting = $state(false)
  #repacking = $state(false)
  #repacked = $state.raw<PackFacts | null>(null)
  #shown = $state.raw<JobId | null>(null)
  /** That was asked for, else the newest. */
  readonly shown = $derived.by(
    () => this.results.value?.find(({ job }) => job === this.#shown) ?? this.results.value?.[0] ?? null,
  )

  constructor(api: Api, id: string) {
    this.#api = api
    this.id = toPackId(id)
    this.facts = new Resource(() => api.packs.get({ id: this.id }))
    this.results = new Resource(() => api.packs.results({ id: this.id }))
    this.follower = new JobFollower(api)
  }

  get busy() {
    return this.#starting || this.follower.running
  }
  get repacking() {
    return this.#repacking
  }
  get repacked() {
    return this.#repacked
  }
  get error() {
    return this.#error
  }

  async load(): Promise<void> {
    await Promise.all([this.facts.load(), this.results.load()])
  }

  show(job: JobId): void {
    this.#shown = job
  }

  /** @param expect for validate: what the first output should be */
  async start(request: Omit<PackRequest, 'pack' | 'expect'>, expect: File | null = null): Promise<void> {
    if (this.busy) return
    this.#starting = true
    const started = await this.#try(() => this.#begin({ ...request, pack: this.id }, expect))
    this.#starting = false
    if (!started) return
    const ended = await this.follower.follow(started.job)
    if (ended?.state !== 'done') return
    this.#shown = ended.id
    await this.results.load()
  }

  /** What it became is the pack itself when not a byte changed. */
  async repack(encoding: EncodingGoal, device: DeviceId | null): Promise<void> {
    if (this.#repacking) return
    this.#repacking = true
    this.#repacked = null
    this.#repacked = await this.#try(() => this.#api.packs.repack({ id: this.id, encoding, ...(device && { device }) }))
    this.#repacking = false
  }

  async saveOutputs(job: JobId): Promise<void> {
    await this.#save(() => this.#api.packs.outputs({ id: this.id, job }))
  }

  /** @param name what its functions begin with; empty: from the model's */
  async saveLibrary(as: LibraryFormat, name: string): Promise<void> {
    await this.#save(() => this.#api.packs.library({ id: this.id, as, name: name.trim() || undefined }))
  }

  async #begin(request: PackRequest, expect: File | null): Promise<{ job: JobId } | null> {
    if (!expect) return this.#api.packs.start(request)
    let started: { job: JobId } | null = null
    const files = [{ path: expect.name, blob: expect }]
    const upload = new Upload(this.#api, { kind: 'data', name: expect.name, files })
    await upload.run(async (id) => {
      started = await this.#api.packs.start({ ...request, expect: { kind: 'upload', upload: id } })
    })
    this.#error = upload.error
    return started
  }

  async #save(fetch: () => Promise<{ data: Blob; fileName: string }>): Promise<void> {
    const found = await this.#try(fetch)
    if (found) saveAs(found.data, found.fileName)
  }

  async #try<T>(action: () => Promise<T>): Promise<T | null> {
    this.#error = null
    try {
      return await action()
    } catch (error) {
      this.#error = toErrorInfo(error)
      return null
    }
  }
}
