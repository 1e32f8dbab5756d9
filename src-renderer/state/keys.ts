// Shortcuts as the table of commands writes them (`Mod+Shift+D`), for the keyboard and for people.

/** What a keydown event has of them. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

export function matchesKeys(press: KeyPress, keys: string, mac: boolean): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1)!
  const mod = mac ? press.metaKey : press.ctrlKey
  const other = mac ? press.ctrlKey : press.metaKey
  return (
    press.key.toLowerCase() === key.toLowerCase() &&
    mod === parts.includes('Mod') &&
    !other &&
    press.altKey === parts.includes('Alt') &&
    press.shiftKey === parts.includes('Shift')
  )
}

const macSigns: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩' }

/** `Ctrl+K`, or `⌘K` on macOS. */
export function readableKeys(keys: string, mac: boolean): string {
  const parts = keys.split('+')
  if (mac) return parts.map((part) => macSigns[part] ?? part).join('')
  return parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)).join('+')
}
