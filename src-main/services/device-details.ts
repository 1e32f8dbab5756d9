// How a device was recognised, what its memories are, and which of our agent images is for it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import type { AgentImage, DeviceDetails, flashMethod } from '../contract/device-bench.ts'
import { type DeviceId, deviceId } from '../contract/ids.ts'
import { type DiscoveryPorts, type PortInfo, recogniseBoard, systemDiscovery } from '../device/discovery.ts'
import { readPrebuilt } from '../device/links/ports.ts'
import { type DeviceProfile, deviceProfiles } from '../targets/device-profile.ts'
import { agentImages } from './agent-images.ts'

export function deviceDetailsService(ports: DiscoveryPorts = systemDiscovery) {
  return {
    async details(id: DeviceId): Promise<DeviceDetails> {
      const port = await portOf(id, ports)
      const profiles = deviceProfiles()
      const { candidates, recognisedBy } = recognise(id, port, profiles)
      const profile = candidates.length === 1 ? candidates[0]! : null
      return {
        id: deviceId.parse(id),
        recognisedBy,
        usb: port && {
          path: port.path,
          vendorId: port.vendorId ?? null,
          productId: port.productId ?? null,
          manufacturer: port.manufacturer ?? null,
        },
        candidates: candidates.map(({ id: board, name }) => ({ id: board, name })),
        mcu: profile?.mcu ?? null,
        flash: profile && { ...profile.flash },
        ram: profile && { ...profile.ram },
        features: [...(profile?.features ?? [])],
        sources: [...(profile?.sources ?? [])],
        agent: agentOf(profile, id),
      }
    },
    async agentImage(file: string) {
      const bytes = await readPrebuilt(ports, file, file)
      return { fileName: file, data: new Blob([bytes], { type: 'application/octet-stream' }) }
    },
    agentFile: (file: string) => readFile(join(ports.prebuiltDir, file)),
  }
}

async function portOf(id: string, ports: DiscoveryPorts): Promise<PortInfo | null> {
  if (!id.startsWith('serial:')) return null
  const path = id.slice('serial:'.length).replace(/:\d+$/, '')
  const list = await ports.serialPorts().catch(() => [])
  return list.find((port) => port.path === path) ?? null
}

type Recognised = Pick<DeviceDetails, 'recognisedBy'> & { readonly candidates: readonly DeviceProfile[] }

function recognise(id: string, port: PortInfo | null, profiles: readonly DeviceProfile[]): Recognised {
  const linked = profiles.filter((profile) => profile.links.includes(id))
  if (linked.length > 0) return { recognisedBy: 'profile', candidates: linked }
  if (!port?.vendorId) return { recognisedBy: 'unknown', candidates: [] }
  const board = recogniseBoard(port, profiles)
  if (board) return { recognisedBy: 'usb', candidates: [board] }
  const same = (a: string, b: string | undefined) => a === b?.toLowerCase().padStart(4, '0')
  const candidates = profiles.filter(({ usb }) =>
    usb.some(({ vid, pid }) => same(vid, port.vendorId) && same(pid, port.productId)),
  )
  return { recognisedBy: candidates.length > 0 ? 'sharedUsb' : 'unknown', candidates }
}

/** Of one board its own images; of a port that is not recognised every image, since the user knows the board. */
function agentOf(profile: DeviceProfile | null, id: string): DeviceDetails['agent'] {
  const all = agentImages()
  if (!profile) return { build: null, images: id.startsWith('serial:') ? all.filter(isForBoards) : [], method: null }
  if (profile.agent === null) return { build: null, images: [], method: null }
  const name = `agent-${profile.agent}`
  const images = all.filter(({ file }) => file.replace(/\.\w+$/, '') === name)
  return { build: images[0]?.build ?? null, images, method: images.length > 0 ? methodOf(profile, images, id) : null }
}

const isForBoards = ({ file }: AgentImage) => !/twin|mps2/.test(file)

function methodOf(
  { id: profile }: DeviceProfile,
  images: readonly AgentImage[],
  id: string,
): z.infer<typeof flashMethod> {
  if (profile === 'twin') return 'inProcess'
  if (!id.startsWith('serial:') && !id.startsWith('tcp:')) return 'emulator'
  if (images.some(({ file }) => file.endsWith('.uf2'))) return 'uf2'
  return images.some(({ file }) => file.endsWith('.hex')) ? 'hexDrive' : 'debugProbe'
}
