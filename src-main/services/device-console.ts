// Open consoles, one a device. Lines wait in a bounded queue for whoever watches; what does not fit is dropped and said so.
import type { Clock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { ConsoleLine } from '../contract/device-bench.ts'
import type { DeviceId } from '../contract/ids.ts'
import { type DeviceConsole, openConsole } from '../device/console.ts'
import { acquireLease } from '../device/lease.ts'
import { linkTo } from '../device/links/drivers.ts'
import { type LinkPorts, systemLinkPorts } from '../device/links/ports.ts'

/** Lines that wait at the most. */
const mostWaiting = 1000

interface Open {
  readonly device: DeviceConsole
  readonly queue: LineQueue
}

export function consoleService(clock: Clock, ports: LinkPorts = systemLinkPorts) {
  const consoles = new Map<DeviceId, Open>()
  const line = (direction: ConsoleLine['direction'], kind: ConsoleLine['kind'], text: string): ConsoleLine => ({
    ...{ atMs: clock.nowMs(), direction, kind, text },
  })

  return {
    async *watch(id: DeviceId, signal: AbortSignal = new AbortController().signal): AsyncGenerator<ConsoleLine> {
      if (consoles.has(id)) throw new AppError('device.busy', { device: id, holder: say`another console` })
      using _lease = acquireLease(id, say`the console`)
      const link = linkTo(id, ports)
      const queue = new LineQueue((count) => line('note', 'dropped', String(count)))
      const end = () => queue.end()
      signal.addEventListener('abort', end, { once: true })
      await using device = await openConsole(link, signal, {
        text: ({ kind, text }) => queue.push(line('in', kind, text)),
        closed: (cause) => queue.end(line('note', 'closed', cause instanceof Error ? cause.message : '')),
      })
      consoles.set(id, { device, queue })
      try {
        yield line('note', 'opened', link.name)
        yield* queue.lines()
      } finally {
        consoles.delete(id)
        signal.removeEventListener('abort', end)
      }
    },
    async send(id: DeviceId, text: string) {
      const open = consoles.get(id)
      if (!open) throw new AppError('usage.invalid', { problem: say`There is no console open on ${id}.` })
      open.queue.push(line('out', 'text', text))
      await open.device.send(text)
    },
  }
}

export class LineQueue {
  readonly #dropped: (count: number) => ConsoleLine
  #waiting: ConsoleLine[] = []
  #lost = 0
  #ended = false
  #wake = Promise.withResolvers<void>()

  constructor(dropped: (count: number) => ConsoleLine) {
    this.#dropped = dropped
  }

  push(line: ConsoleLine) {
    if (this.#ended) return
    if (this.#waiting.length < mostWaiting) this.#waiting.push(line)
    else this.#lost++
    this.#wake.resolve()
  }

  end(last?: ConsoleLine) {
    if (last) this.push(last)
    this.#ended = true
    this.#wake.resolve()
  }

  async *lines(): AsyncGenerator<ConsoleLine> {
    for (;;) {
      const taken = this.#waiting
      const lost = this.#lost
      this.#waiting = []
      this.#lost = 0
      yield* taken
      if (lost > 0) yield this.#dropped(lost)
      if (this.#waiting.length > 0) continue
      if (this.#ended) return
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
  }
}
