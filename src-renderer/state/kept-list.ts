// A list in the browser's storage, the newest first and never longer than it may be. What cannot be read or written there is
// forgotten: nothing depends on it.
import { z } from 'zod'

/** @param storage sessionStorage: of this window only */
export function keptList<T>(
  storage: 'localStorage' | 'sessionStorage',
  key: string,
  schema: z.ZodType<T>,
  most: number,
) {
  const rows = z.array(schema)
  function all(): T[] {
    try {
      return rows.parse(JSON.parse(globalThis[storage]?.getItem(key) ?? '[]'))
    } catch {
      // Written by another version, or storage is not allowed.
      return []
    }
  }
  return {
    all,
    /** @param isSame whether another one is replaced */
    put(row: T, isSame: (other: T) => boolean): void {
      const others = all().filter((each) => !isSame(each))
      try {
        globalThis[storage]?.setItem(key, JSON.stringify([row, ...others].slice(0, most)))
      } catch {
        // Storage is full or not allowed.
      }
    },
  }
}
