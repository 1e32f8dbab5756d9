// Content-addressed files. A tree is one file or a small folder of them (a model with its external data, a folder of
// images), kept under its own file names in blobs/<hash>/, because readers look at names and at neighbours. It is written
// beside its final place and renamed into it, so that a tree that is there is whole.
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { constants, copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, Bug } from '../base/errors.ts'
import { sha256 } from '../base/hash.ts'

export interface TreeFile {
  /** Relative, forward slashes, no '..'. */
  readonly path: string
  readonly from: { readonly path: string } | { readonly bytes: Uint8Array }
}

export interface Tree {
  readonly hash: string
  readonly dir: string
}

export interface Trees {
  add(files: readonly TreeFile[]): Promise<Tree>
  dir(hash: string): string
  remove(hash: string): Promise<void>
}

/** @param root folder of the trees; made when missing */
export function openTrees(root: string): Trees {
  const place = (hash: string) => join(root, hash)
  return {
    dir: place,
    remove: (hash) => rm(place(hash), { recursive: true, force: true }),
    async add(files) {
      for (const file of files) checkPath(file.path)
      const hash = await treeHash(files)
      const dir = place(hash)
      if (await exists(dir)) return { hash, dir }
      const building = join(root, `.new-${randomUUID()}`)
      try {
        await fill(building, files)
        await rename(building, dir)
      } catch (cause) {
        await rm(building, { recursive: true, force: true })
        // Somebody else put the same tree there meanwhile.
        if (await exists(dir)) return { hash, dir }
        if (isFull(cause)) throw new AppError('store.full', { path: dir }, { cause })
        throw cause
      }
      return { hash, dir }
    },
  }
}

/** One file: its own SHA-256. Several: the SHA-256 over the sorted list of paths and hashes. */
async function treeHash(files: readonly TreeFile[]): Promise<string> {
  const rows: [string, string][] = []
  for (const file of files)
    rows.push([file.path, 'bytes' in file.from ? sha256(file.from.bytes) : await hashFile(file.from.path)])
  if (rows.length === 1) return rows[0]![1]
  rows.sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(rows.map(([path, hash]) => `${hash} ${path}\n`).join(''))
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function fill(dir: string, files: readonly TreeFile[]) {
  await mkdir(dir, { recursive: true })
  for (const file of files) {
    const to = join(dir, file.path)
    await mkdir(dirname(to), { recursive: true })
    if ('bytes' in file.from) await writeFile(to, file.from.bytes)
    else await copyFile(file.from.path, to, constants.COPYFILE_FICLONE)
    const handle = await open(to, 'r')
    await handle.sync()
    await handle.close()
  }
}

function checkPath(path: string) {
  if (
    !path ||
    path.startsWith('/') ||
    path.includes('\\') ||
    path.split('/').some((part) => part === '..' || part === '')
  )
    throw new Bug(`path ${path} leaves its tree`)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

export function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

/** What a path on disk becomes as a tree: itself, or every file below it. `file` is what readers are then given. */
export async function filesBelow(path: string, name: string): Promise<TreeFile[]> {
  if (!(await stat(path)).isDirectory()) return [{ path: name, from: { path } }]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const full = join(entry.parentPath, entry.name)
      const relative = full.slice(path.length).replaceAll('\\', '/').replace(/^\/+/, '')
      return { path: `${name}/${relative}`, from: { path: full } }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}
