// One data set looked at: its samples page by page, preprocessing as it would take effect, and splits.
import type { Api } from '../../src-main/contract/contract.ts'
import type { DataSet, PreprocessRecord } from '../../src-main/contract/data-set.ts'
import type { PreprocessEffect } from '../../src-main/contract/data-view.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId } from '../../src-main/contract/ids.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import { Resource } from './resource.svelte.ts'

export const samplesPerPage = 24

export class DataPage {
  readonly samples
  readonly splits
  readonly effect: LiveEffect
  seed = $state(0)
  first = $state(0)
  /** The sample that is looked at closely. */
  selected = $state(0)

  readonly #count: () => number

  /** @param set as it is now */
  constructor(api: Api, id: DataSetId, set: () => DataSet | null) {
    this.#count = () => set()?.count ?? 0
    this.effect = new LiveEffect(api, id)
    this.splits = new Resource(() => api.data.splits({ id, seed: this.seed }))
    this.samples = new Resource(() => {
      const left = Math.max(1, (set()?.count ?? samplesPerPage) - this.first)
      return api.data.preview({ id, first: this.first, count: Math.min(samplesPerPage, left) })
    })
  }

  turn(first: number): void {
    this.first = Math.max(0, first)
    void this.samples.load()
  }

  get canTurnBack(): boolean {
    return this.first > 0
  }
  get canTurnOn(): boolean {
    return this.first + samplesPerPage < this.#count()
  }

  /** By so many pages, with the selection. */
  turnBy(pages: number): void {
    const first = this.first + pages * samplesPerPage
    if (first < 0 || first >= this.#count()) return
    this.selected = first
    this.turn(first)
  }

  /** Turns the page when the sample is on another. */
  select(index: number): void {
    const to = Math.min(Math.max(0, Math.trunc(index) || 0), Math.max(0, this.#count() - 1))
    this.selected = to
    const first = Math.floor(to / samplesPerPage) * samplesPerPage
    if (first !== this.first) this.turn(first)
  }

  reseed(seed: number): void {
    this.seed = seed
    void this.splits.load()
  }
}

interface Question {
  readonly index: number
  readonly preprocess: PreprocessRecord
}

/** While somebody types, one question is under way and only the newest of the others is asked after it. */
export class LiveEffect {
  readonly #api: Api
  readonly #id: DataSetId
  #value = $state.raw<PreprocessEffect | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #asking = false
  #next: Question | null = null

  constructor(api: Api, id: DataSetId) {
    this.#api = api
    this.#id = id
  }

  get value() {
    return this.#value
  }
  get error() {
    return this.#error
  }

  async show(index: number, preprocess: PreprocessRecord): Promise<void> {
    this.#next = { index, preprocess }
    if (this.#asking) return
    this.#asking = true
    while (this.#next) {
      const question: Question = this.#next
      this.#next = null
      await this.#ask(question)
    }
    this.#asking = false
  }

  async #ask(question: Question) {
    try {
      this.#value = await this.#api.data.effect({ id: this.#id, ...question })
      this.#error = null
    } catch (error) {
      if (!isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }
}
