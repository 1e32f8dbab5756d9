// The device that a project is for, and what its model would need there.
import type { Device } from '../../src-main/contract/device.ts'
import type { Deployability } from '../../src-main/contract/model.ts'
import type { ProjectPage } from './project-page.svelte.ts'

export interface ProjectDevice {
  /** null: not there now. */
  readonly device: Device | null
  /** What estimates are made for; a board has that of its kind. */
  readonly profile: string
  /** Of the model as an int8 pack; null: not known. */
  readonly estimate: Deployability | null
}

/** @param devices null while they are not known */
export function projectDevice(page: ProjectPage, devices: readonly Device[] | null): ProjectDevice {
  const id = page.project.value?.device
  const device = devices?.find((each) => each.id === id) ?? null
  const profile = device?.profile ?? id ?? ''
  const estimate = page.analysis.value?.devices.find((each) => each.device === profile) ?? null
  return { device, profile, estimate }
}
