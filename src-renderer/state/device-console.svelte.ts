// What one device says, line by line, from when its console was opened; the newest lines are kept.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ConsoleLine } from '../../src-main/contract/device-bench.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { DeviceId } from '../../src-main/contract/ids.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'

export const keptLines = 1000

/** Commands of the MLPerf text protocol that every agent knows. */
export const consoleCommands = ['name', 'profile', 'timestamp', 'help', 'db print', 'infer 1 0', 'results'] as const

export interface NumberedLine extends ConsoleLine {
  readonly number: number
}

export class DeviceConsole {
  readonly #api: Api
  readonly #id: DeviceId
  #lines = $state.raw<readonly NumberedLine[]>([])
  #error = $state.raw<ErrorInfo | null>(null)
  #state = $state<'closed' | 'opening' | 'open'>('closed')
  #ending: AbortController | null = null
  #arrived = 0

  constructor(api: Api, id: DeviceId) {
    this.#api = api
    this.#id = id
  }

  get lines() {
    return this.#lines
  }
  get error() {
    return this.#error
  }
  get state() {
    return this.#state
  }

  /** Until the device or the user ends it. */
  async open(): Promise<void> {
    if (this.#state !== 'closed') return
    const ending = new AbortController()
    this.#ending = ending
    this.#state = 'opening'
    this.#error = null
    try {
      for await (const line of await this.#api.devices.console({ id: this.#id }, { signal: ending.signal })) {
        if (ending.signal.aborted) break
        this.#state = 'open'
        this.#add(line)
      }
    } catch (error) {
      if (!ending.signal.aborted && !isCancelled(error)) this.#error = toErrorInfo(error)
    } finally {
      if (this.#ending === ending) this.#state = 'closed'
    }
  }

  close(): void {
    this.#ending?.abort()
    this.#ending = null
    this.#state = 'closed'
  }

  clear(): void {
    this.#lines = []
  }

  async send(text: string): Promise<void> {
    this.#error = null
    try {
      await this.#api.devices.send({ id: this.#id, line: text })
    } catch (error) {
      if (!isCancelled(error)) this.#error = toErrorInfo(error)
    }
  }

  #add(line: ConsoleLine) {
    this.#arrived += 1
    this.#lines = [...this.#lines.slice(1 - keptLines), { ...line, number: this.#arrived }]
  }
}

/** Whether the line may be sent: printable ASCII without the sign that ends a command. */
export const isSendable = (text: string): boolean => /^[\x20-\x24\x26-\x7e]{1,512}$/.test(text)
