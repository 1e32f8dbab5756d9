// The application as electron-builder packs it, on a stand-in for the Electron distribution: a program that does nothing, with
// the fuse wire that a real one has.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { extractAll } from '@electron/asar'
import { repository } from './cli.ts'

/** Marks the fuses in Electron's binary (@electron/fuses, constants). */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const fuseCount = 10

export interface PackagedApp {
  /** The application's files, out of the archive. */
  readonly files: string
  /** State of each fuse as text, '0' off and '1' on. */
  readonly fuses: string
}

/** Packs what is built. @param folder an empty one, for everything that is made */
export async function packageApp(folder: string): Promise<PackagedApp> {
  const distribution = join(folder, 'electron')
  const { version } = JSON.parse(readFileSync(join(repository, 'node_modules/electron/package.json'), 'utf8')) as {
    version: string
  }
  mkdirSync(join(distribution, 'resources'), { recursive: true })
  mkdirSync(join(distribution, 'locales'))
  const wire = Buffer.concat([
    Buffer.from(fuseSentinel),
    Buffer.from([1, fuseCount]),
    Buffer.from('1'.repeat(fuseCount)),
  ])
  writeFileSync(join(distribution, 'electron'), Buffer.concat([readFileSync('/bin/true'), wire]), { mode: 0o755 })
  writeFileSync(join(distribution, 'version'), version)
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(distribution, name), '')
  const output = join(folder, 'dist')
  await promisify(execFile)(
    join(repository, 'node_modules/.bin/electron-builder'),
    [
      ...['--linux', 'dir', '-c', 'build/package/electron-builder.yml', '--publish', 'never'],
      ...[`-c.electronDist=${distribution}`, `-c.directories.output=${output}`],
    ],
    { cwd: repository, maxBuffer: 1 << 26 },
  )
  const files = join(folder, 'app')
  extractAll(join(output, 'linux-unpacked/resources/app.asar'), files)
  const binary = readFileSync(join(output, 'linux-unpacked/shoehorn'))
  const at = binary.indexOf(fuseSentinel) + fuseSentinel.length + 2
  return { files, fuses: binary.toString('latin1', at, at + fuseCount) }
}
