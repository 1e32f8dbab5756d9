// Packs on disk: a folder a pack in the workspace, named by its hash, with the file, a record of it, and what was measured of it.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { JobId, PackId } from '../contract/ids.ts'
import { type PackFacts, type PackResult, packFacts, packResult } from '../contract/pack.ts'

export function openPackShelf(root: string) {
  mkdirSync(root, { recursive: true })
  const folder = (id: PackId) => join(root, id)
  const record = (id: PackId) => join(folder(id), 'pack.json')
  const results = (id: PackId) => join(folder(id), 'results')
  const npz = (id: PackId, job: JobId) => join(results(id), `${job}.npz`)

  function find(id: PackId): PackFacts {
    if (!existsSync(record(id)))
      throw new AppError('store.notFound', { kind: say`pack`, id, plural: 'compress --help' })
    return readJson(record(id), packFacts)
  }

  return {
    find,
    has: (id: PackId) => existsSync(record(id)),
    pathOf: (id: PackId) => join(folder(find(id).id), 'model.shoe'),
    list: (): PackFacts[] =>
      readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'pack.json')))
        .map(({ name }) => readJson(join(root, name, 'pack.json'), packFacts))
        .sort((a, b) => (a.addedAt < b.addedAt ? 1 : -1)),
    /** The record comes last: without it there is no pack. */
    add(facts: PackFacts, bytes: Uint8Array) {
      mkdirSync(results(facts.id), { recursive: true })
      writeFileSync(join(folder(facts.id), 'model.shoe'), bytes)
      writeWhole(record(facts.id), JSON.stringify(facts))
    },
    remove: (id: PackId) => rmSync(folder(find(id).id), { recursive: true, force: true }),
    keep(result: PackResult, outputs: Uint8Array | null) {
      mkdirSync(results(find(result.pack).id), { recursive: true })
      if (outputs) writeFileSync(npz(result.pack, result.job), outputs)
      writeWhole(join(results(result.pack), `${result.job}.json`), JSON.stringify(result))
    },
    results(id: PackId): PackResult[] {
      const at = results(find(id).id)
      return readdirSync(at)
        .filter((name) => name.endsWith('.json'))
        .map((name) => readJson(join(at, name), packResult))
        .sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1))
    },
    outputs(id: PackId, job: JobId): Uint8Array<ArrayBuffer> {
      // Ids of jobs come from outside, and are names of files here.
      const path = /^[\w-]+$/.test(job) ? npz(find(id).id, job) : ''
      if (!existsSync(path))
        throw new AppError('store.notFound', { kind: say`result`, id: job, plural: 'infer --help' })
      return new Uint8Array(readFileSync(path))
    },
  }
}

function readJson<S extends z.ZodType>(path: string, schema: S): z.infer<S> {
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
}

function writeWhole(path: string, text: string) {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
