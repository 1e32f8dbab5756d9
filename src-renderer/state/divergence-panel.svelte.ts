import type { Divergence } from '../../src-main/contract/analysis.ts'
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DataSetId, ModelId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'
import { toDeviceId } from './ids.ts'

/** '' is the model as imported. */
export type RecipeName = string

/** Two versions of one model, value by value. */
export class DivergencePanel {
  #api: Api
  #model: ModelId
  #data: DataSetId | null
  #found = $state.raw<Divergence | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #stop = $state.raw<AbortController | null>(null)
  first = $state<RecipeName>('')
  second = $state<RecipeName>('int8')
  thresholdDb = $state(20)

  constructor(api: Api, model: ModelId, data: DataSetId | null) {
    this.#api = api
    this.#model = model
    this.#data = data
  }

  get found() {
    return this.#found
  }
  get error() {
    return this.#error
  }
  get busy() {
    return this.#stop !== null
  }
  get hasData() {
    return this.#data !== null
  }

  async compare() {
    if (this.#data === null) return
    this.cancel()
    const stop = new AbortController()
    this.#stop = stop
    this.#error = null
    const versionOf = (recipe: RecipeName) => ({
      model: this.#model,
      ...(recipe === '' ? { on: 'host' as const } : { recipe, on: toDeviceId('twin') }),
    })
    const request = {
      first: versionOf(this.first),
      second: versionOf(this.second),
      data: this.#data,
      thresholdDb: this.thresholdDb,
    }
    try {
      this.#found = await this.#api.analysis.divergence(request, { signal: stop.signal })
    } catch (error) {
      if (!stop.signal.aborted) this.#error = toErrorInfo(error)
    } finally {
      if (this.#stop === stop) this.#stop = null
    }
  }

  cancel() {
    this.#stop?.abort()
    this.#stop = null
  }
}
