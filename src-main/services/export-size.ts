// Flash of an exported library, measured: compiled for a core with the size of its own code only, linked with what an
// application calls and nothing else.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Bug } from '../base/errors.ts'
import type { LibrarySize } from '../contract/export.ts'
import type { Library, LibraryFile } from '../targets/emit/library.ts'

const run = promisify(execFile)
const compiler = 'arm-none-eabi-gcc'

/** Cores that the figure is given for, with the compiler's flags. */
export const sizeCores: Readonly<Record<string, readonly string[]>> = {
  'cortex-m0': ['-mcpu=cortex-m0', '-mthumb'],
  'cortex-m4': ['-mcpu=cortex-m4', '-mthumb', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard'],
}

/** null: the compiler is not installed. */
export async function librarySizes(
  library: Library,
  packBytes: number,
  signal: AbortSignal,
): Promise<LibrarySize[] | null> {
  const version = await compilerVersion(signal)
  if (version === null) return null
  const work = await mkdtemp(join(tmpdir(), 'shoehorn-export-'))
  try {
    await writeFiles(work, library.files)
    const sizes: LibrarySize[] = []
    for (const [core, cpu] of Object.entries(sizeCores)) {
      const { flash, ram } = await linkedBytes(library, cpu, work, signal)
      sizes.push({ core, codeBytes: flash - packBytes, packBytes, flashBytes: flash, ramBytes: ram, compiler: version })
    }
    return sizes
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function compilerVersion(signal: AbortSignal): Promise<string | null> {
  try {
    const { stdout } = await run(compiler, ['--version'], { signal })
    return stdout.split('\n')[0]!.trim()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** What the interface of the library reaches, with the compiler's own helpers (64-bit products on a Cortex-M0). */
async function linkedBytes({ name, sources }: Library, cpu: readonly string[], work: string, signal: AbortSignal) {
  const image = join(work, 'size.elf')
  const roots = ['init', 'input', 'output', 'run'].map((verb) => `-Wl,-u,${name}_${verb}`)
  const flags = [...cpu, '-std=c99', '-O2', '-ffunction-sections', '-fdata-sections', `-I${join(work, 'src')}`]
  const link = ['-nostartfiles', '-Wl,--gc-sections', `-Wl,--entry=${name}_run`, ...roots]
  const paths = sources.map((path) => join(work, path))
  await run(compiler, [...flags, ...paths, ...link, '-o', image], { signal })
  const { stdout } = await run('arm-none-eabi-size', [image], { signal })
  const [text, data, bss] = stdout.split('\n')[1]?.trim().split(/\s+/).map(Number) ?? []
  if (text === undefined || data === undefined || bss === undefined) throw new Bug(`size printed ${stdout}`)
  return { flash: text + data, ram: data + bss }
}

export async function writeFiles(folder: string, files: readonly LibraryFile[]): Promise<void> {
  for (const { path, text } of files) {
    const to = join(folder, path)
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, text)
  }
}
