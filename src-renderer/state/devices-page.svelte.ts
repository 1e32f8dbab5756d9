import { SvelteMap } from 'svelte/reactivity'
import type { Api } from '../../src-main/contract/contract.ts'
import type { Device } from '../../src-main/contract/device.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { toErrorInfo } from '../api/error.ts'
import type { Resource } from './resource.svelte.ts'

export type Identity = Awaited<ReturnType<Api['devices']['identify']>>

export type Identification =
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly identity: Identity }
  | { readonly state: 'failed'; readonly error: ErrorInfo }

export class DevicesPage {
  readonly devices: Resource<Device[]>
  #api: Api
  #answers = new SvelteMap<string, Identification>()

  constructor(api: Api, devices: Resource<Device[]>) {
    this.#api = api
    this.devices = devices
  }

  answer(device: Device): Identification | null {
    return this.#answers.get(device.id) ?? null
  }

  async identify(device: Device): Promise<void> {
    this.#answers.set(device.id, { state: 'asking' })
    try {
      this.#answers.set(device.id, { state: 'answered', identity: await this.#api.devices.identify({ id: device.id }) })
    } catch (error) {
      this.#answers.set(device.id, { state: 'failed', error: toErrorInfo(error) })
    }
  }
}
