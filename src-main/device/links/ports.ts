import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'

/** What links need from the host they run in. */
export interface LinkPorts {
  /** Folder of the compiled agents; a real folder, because QEMU reads images itself. */
  readonly prebuiltDir: string
  /** Monotonic nanoseconds, the twin's counter. */
  nowNs(): bigint
  /** For programs started and temporary files. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export const systemLinkPorts: LinkPorts = {
  prebuiltDir: fileURLToPath(new URL('../../../resources/prebuilt', import.meta.url)),
  nowNs: () => process.hrtime.bigint(),
  env: process.env,
}

export async function readPrebuilt(ports: LinkPorts, device: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(join(ports.prebuiltDir, file)))
  } catch (cause) {
    const help = say`Install Shoehorn again, or build the agents with "npm run build:native".`
    throw new AppError('device.open', { device, problem: say`${file} is missing`, help }, { cause })
  }
}
