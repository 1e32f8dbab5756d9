// Builds what needs a C compiler into resources/prebuilt, so that nobody else needs one: `npm run build:native`.
// With --check it builds into a temporary folder instead and compares byte for byte with what is checked in.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { equalBytes } from '../../src-main/base/bytes.ts'
import { sha256 } from '../../src-main/base/hash.ts'
import { type CodeSplit, codeSplit } from './code-split.ts'
import { codecsTarget } from './codecs.ts'
import { floatTarget } from './float.ts'
import { kernelsTarget } from './kernels.ts'
import type { NativeTarget } from './native-target.ts'
import { runtimeTarget } from './runtime.ts'

export interface ManifestEntry {
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  /** SHA-256 over the inputs' names and bytes. */
  readonly sources: string
  readonly compiler: string
  /** Of an agent image: the build number it gives in its hello. */
  readonly agentBuild?: string
  /** Of an image for a microcontroller: what its flash is for. */
  readonly code?: CodeSplit
}
export type Manifest = Record<string, ManifestEntry>

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const prebuilt = 'resources/prebuilt'
const manifestPath = join(prebuilt, 'manifest.json')

const run = (command: readonly string[]) =>
  execFileSync(command[0]!, command.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

export function sourcesHash(inputs: readonly string[]): string {
  return sha256(...[...inputs].sort().flatMap((path) => [path, '\0', sha256(readFileSync(path)), '\0']))
}

function build(target: NativeTarget, folder: string): ManifestEntry {
  const work = mkdtempSync(join(tmpdir(), 'shoehorn-native-'))
  try {
    const output = join(folder, target.output)
    for (const command of target.commands({ output, work })) run(command)
    const bytes = readFileSync(output)
    const map = target.linkMap?.({ output, work })
    return {
      file: target.output,
      sha256: sha256(bytes),
      bytes: bytes.byteLength,
      sources: sourcesHash(target.inputs),
      compiler: run(target.compilerVersion).split('\n')[0]!.trim(),
      ...(target.agentBuild === undefined ? {} : { agentBuild: target.agentBuild }),
      ...(map === undefined ? {} : { code: codeSplit(readFileSync(map.path, 'utf8'), map.sources) }),
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The runtime, the codecs, and the agents when their build is there. */
export async function nativeTargets(): Promise<readonly NativeTarget[]> {
  const agents = join(root, 'build/native/agent.ts')
  if (!existsSync(agents)) return [runtimeTarget(), codecsTarget(), floatTarget(), kernelsTarget()]
  const module: { agentTargets(): readonly NativeTarget[] | Promise<readonly NativeTarget[]> } = await import(
    pathToFileURL(agents).href
  )
  return [runtimeTarget(), codecsTarget(), floatTarget(), kernelsTarget(), ...(await module.agentTargets())]
}

export const readManifest = (): Manifest =>
  existsSync(manifestPath) ? (JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest) : {}

function report(entry: ManifestEntry, verdict: string) {
  console.log(
    `${entry.file.padEnd(32)} ${String(entry.bytes).padStart(8)} bytes  ${entry.sha256.slice(0, 16)}  ${verdict}`,
  )
}

function buildAll(targets: readonly NativeTarget[]) {
  mkdirSync(prebuilt, { recursive: true })
  for (const target of targets) {
    const entry = build(target, prebuilt)
    record(target.name, entry)
    report(entry, 'built')
  }
}

/** Reads the manifest anew each time, so that two builds of different targets at once lose nothing. */
function record(name: string, entry: ManifestEntry) {
  const manifest = Object.entries({ ...readManifest(), [name]: entry }).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(manifestPath, `${JSON.stringify(Object.fromEntries(manifest), null, 2)}\n`)
}

/** Why the checked-in file is not what the sources give, or null. */
function difference(target: NativeTarget, entry: ManifestEntry, folder: string): string | null {
  const recorded = readManifest()[target.name]
  const path = join(prebuilt, target.output)
  if (!recorded || !existsSync(path)) return 'not checked in'
  if (recorded.sources !== entry.sources) return 'built from other sources: run npm run build:native'
  if (recorded.compiler !== entry.compiler) return `built by ${recorded.compiler}, this is ${entry.compiler}`
  return equalBytes(readFileSync(path), readFileSync(join(folder, target.output))) ? null : 'different bytes'
}

function checkAll(targets: readonly NativeTarget[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'shoehorn-check-'))
  try {
    const problems = targets.map((target) => {
      const entry = build(target, folder)
      const problem = difference(target, entry, folder)
      report(entry, problem ?? 'same')
      return problem
    })
    return problems.every((problem) => problem === null)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(root)
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  const targets = (await nativeTargets()).filter((target) => names.length === 0 || names.includes(target.name))
  if (process.argv.includes('--check')) process.exitCode = checkAll(targets) ? 0 : 1
  else buildAll(targets)
}
