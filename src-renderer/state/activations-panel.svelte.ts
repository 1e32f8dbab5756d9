// How the values inside a model are distributed: what is stored for these data and this run, or the job that observes them.
import type { Activation, Activations } from '../../src-main/contract/activations.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId, JobId, ModelId, RunId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'
import { JobFollower } from './job-follower.svelte.ts'
import { Resource } from './resource.svelte.ts'

export interface ActivationsTarget {
  readonly model: ModelId
  readonly data: DataSetId | null
  /** Whose pack is compared; null: the model alone. */
  readonly run: RunId | null
}

export class ActivationsPanel {
  #api: Api
  #target: ActivationsTarget
  #error = $state.raw<ErrorInfo | null>(null)
  readonly follower: JobFollower
  readonly found: Resource<Activations | null>
  #byTensor = $derived.by(() => new Map(this.found.value?.tensors.map((each) => [each.tensor, each])))
  #byNode = $derived.by(() => {
    const outputs = this.found.value?.tensors.flatMap((each) =>
      each.node === null ? [] : [[each.node, each] as const],
    )
    // Of several outputs the first.
    return new Map(outputs?.toReversed())
  })

  constructor(api: Api, target: ActivationsTarget) {
    this.#api = api
    this.#target = target
    this.follower = new JobFollower(api)
    const question = this.#question
    this.found = new Resource(async () => (question === null ? null : api.activations.find(question)))
  }

  get #question() {
    const { model, data, run } = this.#target
    return data === null ? null : { model, data, run: run ?? undefined }
  }
  get hasData() {
    return this.#target.data !== null
  }
  get error(): ErrorInfo | null {
    const ended = this.follower.job?.error ?? null
    // Whoever cancelled knows.
    return this.#error ?? this.found.error ?? this.follower.error ?? (ended?.code === 'job.cancelled' ? null : ended)
  }
  get byNode(): ReadonlyMap<string, Activation> {
    return this.#byNode
  }
  of(tensor: string): Activation | null {
    return this.#byTensor.get(tensor) ?? null
  }

  /** What is stored, and the job that is under way, if there is one. */
  async open(): Promise<void> {
    const question = this.#question
    if (question === null) return
    await this.found.load()
    if (this.found.value) return
    await this.#attempt(async () => (await this.#api.activations.running(question)).job)
  }

  async start(): Promise<void> {
    const question = this.#question
    if (question === null) return
    await this.#attempt(async () => (await this.#api.activations.start(question)).job, true)
  }

  /** @param load also when there is no job to wait for */
  async #attempt(ask: () => Promise<JobId | null>, load = false): Promise<void> {
    this.#error = null
    try {
      const job = await ask()
      const ended = job !== null && (await this.follower.follow(job)) !== null
      if (ended || (job === null && load)) await this.found.load()
    } catch (error) {
      this.#error = toErrorInfo(error)
    }
  }

  stop(): void {
    this.follower.stop()
  }
}
