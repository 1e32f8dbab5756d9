// Results of encoding and decoding on disk: a folder a job in the workspace, with the files that came out and a record of them. A
// folder without a record is work under way, or what a dead process left.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { fileSource } from '../base/source.ts'
import { type EncodedResult, encodedResult, maxReadBytes } from '../contract/encoding.ts'
import { type JobId, jobId } from '../contract/ids.ts'

const recordName = 'result.json'

/** @param isOpen whether a job is still under way somewhere */
export function openEncodingResults(root: string, isOpen: (job: JobId) => boolean) {
  mkdirSync(root, { recursive: true })
  const folder = (job: JobId) => join(root, job)
  const record = (job: JobId) => join(folder(job), recordName)
  const all = () =>
    readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => jobId.parse(name))
  for (const job of all()) if (!existsSync(record(job)) && !isOpen(job)) discard(job)

  function discard(job: JobId) {
    rmSync(folder(job), { recursive: true, force: true })
  }
  function read(job: JobId): EncodedResult | null {
    // ids come from outside, and are names of folders here
    if (!/^[\w-]+$/.test(job) || !existsSync(record(job))) return null
    return encodedResult.parse(JSON.parse(readFileSync(record(job), 'utf8')))
  }
  function find(job: JobId): EncodedResult {
    const found = read(job)
    if (!found) throw new AppError('store.notFound', { kind: say`result of encoding`, id: job, plural: 'jobs' })
    return found
  }

  function pathOf(job: JobId, file: number): string {
    const named = find(job).files[file]
    if (!named) throw new AppError('usage.invalid', { problem: say`The result has no file number ${file}.` })
    return join(folder(job), 'files', named.path)
  }

  return {
    /** Where the files of a job come to lie. */
    filesOf: (job: JobId) => join(folder(job), 'files'),
    find,
    pathOf,
    discard,
    list: () =>
      all()
        .flatMap((job) => read(job) ?? [])
        .sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1)),
    /** From here on the result is there. */
    keep(result: EncodedResult) {
      const path = record(result.job)
      writeFileSync(`${path}.new`, JSON.stringify(result))
      renameSync(`${path}.new`, path)
    },
    remove(job: JobId) {
      find(job)
      discard(job)
    },
    /** Bytes of a file from `offset` on, none at its end. */
    read(job: JobId, file: number, offset: number): Uint8Array<ArrayBuffer> {
      const source = fileSource(pathOf(job, file))
      try {
        const length = Math.max(0, Math.min(maxReadBytes, source.size - offset))
        return new Uint8Array(source.read(offset, length))
      } finally {
        source.close()
      }
    },
  }
}
