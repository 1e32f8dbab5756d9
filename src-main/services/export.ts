// Packs out of Shoehorn: as C libraries with the part of the runtime that they need, and graphs as ONNX.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../base/errors.ts'
import { sha256 } from '../base/hash.ts'
import { say } from '../base/note.ts'
import type { LibraryFormat, LibrarySize } from '../contract/export.ts'
import type { RunId } from '../contract/ids.ts'
import { readShoe } from '../formats/shoe/index.ts'
import { kinds } from '../formats/shoe/layout.ts'
import { emitLibrary, type Library, type RuntimeText } from '../targets/emit/library.ts'
import { zipFiles } from '../targets/emit/zip.ts'
import type { ServiceContext } from './context.ts'
import { exportOnnx, type GraphExport } from './export-onnx.ts'
import { librarySizes, writeFiles } from './export-size.ts'
import type { RunEvents } from './run/run-input.ts'
import { runPack } from './stored-run.ts'
import { written } from './written.ts'

export interface LibraryExport {
  readonly path: string
  readonly as: LibraryFormat
  /** C prefix; left out, from the model's name. */
  readonly name?: string
  /** A folder that is empty or does not exist yet, or a file that ends in .zip. */
  readonly out: string
}

export interface LibraryExported {
  readonly path: string
  readonly name: string
  readonly as: LibraryFormat
  readonly files: readonly string[]
  readonly operators: readonly string[]
  readonly codecs: readonly string[]
  readonly arenaBytes: number
  readonly packBytes: number
  /** One a core, measured; null without the compiler. */
  readonly sizes: readonly LibrarySize[] | null
}

const runtimeFolder = fileURLToPath(new URL('../../resources/runtime', import.meta.url))

export function exportService({ store, version, clock }: ServiceContext) {
  async function build(pack: Uint8Array, as: LibraryFormat, name: string | undefined): Promise<Library> {
    const { plan, origin } = readShoe(pack)
    return emitLibrary({
      ...{ kind: as, name, version, plan, origin, pack },
      packSha256: sha256(pack),
      runtime: await readRuntime(),
      kindCodes: kinds,
    })
  }

  async function toFile({ path, as, name, out }: LibraryExport, signal: AbortSignal): Promise<LibraryExported> {
    const pack = await readPack(path)
    const library = await build(pack, as, name)
    if (/\.zip$/i.test(out)) await written(out, () => writeFile(out, archive(library)))
    else await writeFolder(out, library)
    return {
      ...{ path: out, name: library.name, as, files: library.files.map((file) => file.path) },
      operators: library.use.kinds,
      codecs: library.use.codecs,
      arenaBytes: readShoe(pack).plan.arenaBytes,
      packBytes: pack.length,
      sizes: await librarySizes(library, pack.length, signal),
    }
  }

  /** A pack on disk as a library, in a zip archive. */
  async function libraryOf(path: string, as: LibraryFormat, name: string | undefined) {
    const library = await build(await readPack(path), as, name)
    const mediaType = 'application/zip'
    return { fileName: `${library.name}-${as}.zip`, mediaType, data: new Blob([archive(library)], { type: mediaType }) }
  }

  return {
    toFile,
    onnx: (request: GraphExport, events: RunEvents) => exportOnnx(request, { clock, events }),
    libraryOf,
    async library({ run, as, name }: { run: RunId; as: LibraryFormat; name?: string | undefined }) {
      return libraryOf(runPack(store, run), as, name)
    },
  }
}

/** Everything under a folder of the library's name, as Arduino wants it. */
const archive = (library: Library) =>
  zipFiles(library.files.map(({ path, text }) => ({ path: `${library.name}/${path}`, text })))

async function readPack(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause) => {
    throw new AppError('usage.missingFile', { path }, { cause })
  })
  return new Uint8Array(bytes)
}

async function readRuntime(): Promise<RuntimeText> {
  const folder = join(runtimeFolder, 'src')
  const names = (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).sort()
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
  )
  const shoeHeader = await readFile(join(runtimeFolder, 'include/shoe.h'), 'utf8')
  const license = await readFile(join(runtimeFolder, '../../LICENSE'), 'utf8')
  return { shoeHeader, license, sources: new Map(texts) }
}

/** Files of an earlier export that this one does not have would be compiled with it. */
async function writeFolder(out: string, library: Library): Promise<void> {
  const found = await stat(out).catch(() => null)
  const content = found?.isDirectory() ? await readdir(out) : []
  if ((found && !found.isDirectory()) || content.length > 0)
    throw new AppError('usage.invalid', { problem: say`${basename(out)} exists and is not an empty folder.` })
  await written(out, () => writeFiles(out, library.files))
}
