// What can be reached from here: the devices that need no hardware, with the reason when one is not available, and the
// serial ports with the board that their USB ids name.
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { joined, type Note, say } from '../base/note.ts'
import { type DeviceProfile, deviceProfiles } from '../targets/device-profile.ts'
import type { FigureKind } from './links/link.ts'
import { type LinkPorts, systemLinkPorts } from './links/ports.ts'
import { qemuMachines, qemuProgram } from './links/qemu.ts'

export interface FoundDevice {
  /** As the command line takes it. */
  readonly id: string
  readonly name: string
  readonly kind: FigureKind
  readonly emulated: boolean
  /** Id of the catalogue's board; null when it is not recognised, or several have these USB ids. */
  readonly profile: string | null
  readonly available: boolean
  /** Why not, and what to do. */
  readonly problem: Note | null
}

/** What the system says of a serial port. */
export interface PortInfo {
  readonly path: string
  readonly vendorId?: string | undefined
  readonly productId?: string | undefined
  readonly manufacturer?: string | undefined
}

export interface DiscoveryPorts extends LinkPorts {
  serialPorts(): Promise<readonly PortInfo[]>
}

export const systemDiscovery: DiscoveryPorts = {
  ...systemLinkPorts,
  serialPorts: async () => (await import('serialport')).SerialPort.list(),
}

export async function listDevices(ports: DiscoveryPorts = systemDiscovery): Promise<FoundDevice[]> {
  const profiles = deviceProfiles()
  const missingQemu = await qemuProblem(ports)
  const emulated = [
    { id: 'twin', name: 'Twin', kind: 'measured' as const, file: 'agent-twin.wasm', needs: null },
    {
      ...{ id: 'pico', name: 'Raspberry Pi Pico (emulated)', kind: 'simulated' as const },
      ...{ file: 'agent-rp2040.uf2', needs: null },
    },
    ...Object.entries(qemuMachines).map(([machine, { name, image }]) => ({
      ...{ id: `qemu:${machine}`, name, kind: 'simulated' as const, file: image, needs: missingQemu },
    })),
  ]
  const found = emulated.map(async ({ id, name, kind, file, needs }): Promise<FoundDevice> => {
    const problem = needs ?? (await imageProblem(ports, file))
    const profile = profiles.find((candidate) => candidate.links.includes(id))?.id ?? null
    return { id, name, kind, emulated: true, profile, available: problem === null, problem }
  })
  return [...(await Promise.all(found)), ...(await serialDevices(ports, profiles))]
}

async function serialDevices(ports: DiscoveryPorts, profiles: readonly DeviceProfile[]): Promise<FoundDevice[]> {
  // Built-in UARTs exist whether or not something is on them; a port with USB ids is a board or an adapter.
  const list = (await ports.serialPorts().catch(() => [])).filter((port) => port.vendorId !== undefined)
  return Promise.all(
    list.map(async (port): Promise<FoundDevice> => {
      const profile = recogniseBoard(port, profiles)
      const problem = await permissionProblem(port.path)
      const name = profile?.name ?? port.manufacturer ?? port.path
      const id = `serial:${port.path}`
      const available = problem === null
      return { id, name, kind: 'measured', emulated: false, profile: profile?.id ?? null, available, problem }
    }),
  )
}

/** Null when no board has these ids, or more than one. */
export function recogniseBoard(port: PortInfo, profiles: readonly DeviceProfile[]): DeviceProfile | null {
  const vid = port.vendorId?.toLowerCase().padStart(4, '0')
  const pid = port.productId?.toLowerCase().padStart(4, '0')
  const matching = profiles.filter(({ usb }) =>
    usb.some((id) => id.vid === vid && id.pid === pid && id.shared !== true),
  )
  return matching.length === 1 ? matching[0]! : null
}

async function qemuProblem(ports: LinkPorts): Promise<Note | null> {
  const names = process.platform === 'win32' ? [`${qemuProgram}.exe`] : [qemuProgram]
  const folders = (ports.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of folders) {
    for (const name of names) if (await usable(join(folder, name), constants.X_OK)) return null
  }
  const missing = new AppError('usage.missingTool', { tool: qemuProgram, package: qemuProgram })
  return joined([missing.note, missing.nextNote], ' ')
}

async function imageProblem(ports: LinkPorts, file: string): Promise<Note | null> {
  return (await usable(join(ports.prebuiltDir, file), constants.R_OK)) ? null : say`Its agent ${file} is missing.`
}

async function permissionProblem(path: string): Promise<Note | null> {
  if (process.platform !== 'linux' || (await usable(path, constants.R_OK | constants.W_OK))) return null
  return say`You may not use this port. Add yourself to the group dialout, and log in again.`
}

const usable = (path: string, mode: number) =>
  access(path, mode).then(
    () => true,
    () => false,
  )
