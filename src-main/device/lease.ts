// One holder a device: two jobs must not talk to one board. Emulators and the twin are made anew for each session, so they
// are never busy. Between processes and threads the system's lock on the port does the same (links/serial.ts).
import { AppError } from '../base/errors.ts'
import type { Note } from '../base/note.ts'

const holders = new Map<string, Note>()
const madeForEachSession = new Set(['twin', 'pico', 'qemu'])

/** Throws device.busy while somebody else holds the device. */
export function acquireLease(device: string, holder: Note): Disposable {
  const path = physicalDevice(device)
  if (madeForEachSession.has(path.split(':')[0]!)) return { [Symbol.dispose]() {} }
  const other = holders.get(path)
  if (other !== undefined) throw new AppError('device.busy', { device, holder: other })
  holders.set(path, holder)
  let held = true
  return {
    [Symbol.dispose]() {
      if (held) holders.delete(path)
      held = false
    },
  }
}

export async function withLease<T>(device: string, holder: Note, work: () => Promise<T>): Promise<T> {
  using _ = acquireLease(device, holder)
  return await work()
}

/** The same port at another baud rate is the same device. */
const physicalDevice = (device: string) => (device.startsWith('serial:') ? device.replace(/:\d+$/, '') : device)
