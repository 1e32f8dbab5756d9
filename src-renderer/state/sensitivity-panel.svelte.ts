import type { Sensitivity } from '../../src-main/contract/analysis.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId, DeviceId, JobId, ModelId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'
import { type Measure, measures, measuresOf, sortLayers } from './heat-map.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { Resource } from './resource.svelte.ts'

export interface SensitivityTarget {
  readonly model: ModelId
  readonly data: DataSetId | null
  readonly device: DeviceId
}

/** How much the layers of a model mind each method: the stored result, or the job that finds it. */
export class SensitivityPanel {
  #api: Api
  #target: SensitivityTarget
  #measure = $state<string>(measures[0]!.key)
  #sorted = $state<string | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  readonly follower: JobFollower
  readonly found: Resource<Sensitivity | null>

  constructor(api: Api, target: SensitivityTarget) {
    this.#api = api
    this.#target = target
    this.follower = new JobFollower(api)
    const { model, data, device } = target
    this.found = new Resource(() => api.analysis.sensitivity({ model, data: data ?? undefined, device }))
  }

  get error(): ErrorInfo | null {
    return this.#error ?? this.found.error ?? this.follower.error ?? this.follower.job?.error ?? null
  }
  /** Measures that this model and these data have. */
  get offered(): readonly Measure[] {
    return this.found.value ? measuresOf(this.found.value) : []
  }
  get measure(): Measure {
    return this.offered.find(({ key }) => key === this.#measure) ?? measures[0]!
  }
  get rows() {
    return this.found.value ? sortLayers(this.found.value.layers, this.measure, this.#sorted) : []
  }
  get sorted() {
    return this.#sorted
  }
  get hasData() {
    return this.#target.data !== null
  }

  choose(measure: string) {
    this.#measure = measure
  }

  /** By that method, and back to the order of the network. */
  sortBy(method: string) {
    this.#sorted = this.#sorted === method ? null : method
  }

  /** What is stored, and the job that is under way, if there is one. */
  async open() {
    await this.found.load()
    try {
      const { job } = await this.#api.analysis.running({ model: this.#target.model })
      if (job) await this.#follow(job)
    } catch (error) {
      this.#error = toErrorInfo(error)
    }
  }

  async #follow(job: JobId) {
    if ((await this.follower.follow(job)) !== null) await this.found.load()
  }

  async start(again: boolean) {
    const { model, data, device } = this.#target
    if (data === null) return
    this.#error = null
    try {
      const { job } = await this.#api.analysis.start({ model, data, device, again })
      if (job) await this.#follow(job)
      else await this.found.load()
    } catch (error) {
      this.#error = toErrorInfo(error)
    }
  }

  stop() {
    this.follower.stop()
  }
}
