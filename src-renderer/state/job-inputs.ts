// What jobs were asked with, kept in the browser's storage, so that a failure says when its cause may be mended since.
import { z } from 'zod'
import type { JobId } from '../../src-main/contract/ids.ts'

export const jobInput = z.enum(['model', 'data', 'recipe', 'budgets', 'options'])
export type JobInput = z.infer<typeof jobInput>
/** Whatever tells one from another. */
export type JobInputs = Readonly<Record<JobInput, string>>

const storageKey = 'shoehorn.jobInputs'
const keptJobs = 30
const stored = z.array(z.tuple([z.string(), z.record(jobInput, z.string())]))

function all(): z.infer<typeof stored> {
  try {
    return stored.parse(JSON.parse(globalThis.localStorage?.getItem(storageKey) ?? '[]'))
  } catch {
    // Written by another version, or storage is not allowed: then no job counts as overtaken.
    return []
  }
}

export function rememberJobInputs(job: JobId, inputs: JobInputs): void {
  const others = all().filter(([id]) => id !== job)
  try {
    globalThis.localStorage?.setItem(storageKey, JSON.stringify([[job, inputs], ...others].slice(0, keptJobs)))
  } catch {
    // Storage is full or not allowed; only a remark is lost.
  }
}

/** What is not as it was when the job was asked for; none where that is not known. */
export function changedSince(job: JobId, now: JobInputs): JobInput[] {
  const then = all().find(([id]) => id === job)?.[1]
  return then ? jobInput.options.filter((input) => then[input] !== now[input]) : []
}
