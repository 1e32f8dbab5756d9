// A workspace that goes away with the test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder extends Disposable {
  readonly path: string
  file(name: string): string
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'shoehorn-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () =>
      // A browser that was told to end may still write into its profile.
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  }
}
