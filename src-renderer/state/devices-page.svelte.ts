import { SvelteMap } from 'svelte/reactivity'
import type { Api } from '../../src-main/contract/contract.ts'
import type { Device } from '../../src-main/contract/device.ts'
import type { AgentImage, DeviceDetails } from '../../src-main/contract/device-bench.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DeviceId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'
import { DeviceConsole } from './device-console.svelte.ts'
import { Resource } from './resource.svelte.ts'
import { saveAs } from './save-file.ts'

export type Identity = Awaited<ReturnType<Api['devices']['identify']>>

export type Identification =
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly identity: Identity }
  | { readonly state: 'failed'; readonly error: ErrorInfo }

export class DevicesPage {
  readonly devices: Resource<Device[]>
  #api: Api
  #answers = new SvelteMap<string, Identification>()
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api, devices: Resource<Device[]>) {
    this.#api = api
    this.devices = devices
  }

  /** Of a download. */
  get error() {
    return this.#error
  }

  answer(device: Pick<Device, 'id'>): Identification | null {
    return this.#answers.get(device.id) ?? null
  }

  async identify(device: Pick<Device, 'id'>): Promise<void> {
    this.#answers.set(device.id, { state: 'asking' })
    try {
      this.#answers.set(device.id, { state: 'answered', identity: await this.#api.devices.identify({ id: device.id }) })
    } catch (error) {
      this.#answers.set(device.id, { state: 'failed', error: toErrorInfo(error) })
    }
  }

  details(id: DeviceId): Resource<DeviceDetails> {
    return new Resource(() => this.#api.devices.details({ id }))
  }

  console(id: DeviceId): DeviceConsole {
    return new DeviceConsole(this.#api, id)
  }

  async download({ file }: AgentImage): Promise<void> {
    this.#error = null
    try {
      const { fileName, data } = await this.#api.devices.agentImage({ file })
      saveAs(data, fileName)
    } catch (error) {
      this.#error = toErrorInfo(error)
    }
  }
}

/** Whether what the device runs is what this version would flash; null when there is no image to compare with. */
export function agentFits(
  identity: Pick<Identity, 'agentBuild'>,
  details: Pick<DeviceDetails, 'agent'>,
): boolean | null {
  return details.agent.build === null ? null : details.agent.build === identity.agentBuild
}
