// Which commands can be called now. A screen offers what it can do while it is shown; the keyboard, the menus and the
// palette call it by name.
import { SvelteMap } from 'svelte/reactivity'
import { type CommandId, commands } from '../../src-main/contract/commands.ts'
import { type KeyPress, matchesKeys } from './keys.ts'

export class Commands {
  readonly mac = /Mac/.test(globalThis.navigator?.platform ?? '')
  #actions = new SvelteMap<CommandId, () => void>()

  /** Until the returned function is called. The last offer of a command counts. */
  offer(actions: Partial<Record<CommandId, () => void>>): () => void {
    const entries = Object.entries(actions) as [CommandId, () => void][]
    for (const [id, action] of entries) this.#actions.set(id, action)
    return () => {
      for (const [id, action] of entries) if (this.#actions.get(id) === action) this.#actions.delete(id)
    }
  }

  /** Those that something on the screen does now, in the order of the table. */
  get available(): CommandId[] {
    return commands.flatMap(({ id }) => (this.#actions.has(id) ? [id] : []))
  }

  can(id: CommandId): boolean {
    return this.#actions.has(id)
  }

  /** @returns false when nothing on the screen does that now */
  run(id: CommandId): boolean {
    const action = this.#actions.get(id)
    action?.()
    return action !== undefined
  }

  /** @returns whether the keys were those of a command that can be called now */
  press(press: KeyPress): boolean {
    const command = commands.find(({ keys }) => keys !== null && matchesKeys(press, keys, this.mac))
    return command ? this.run(command.id) : false
  }
}
