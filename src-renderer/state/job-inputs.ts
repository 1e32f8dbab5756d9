// What jobs were asked with, kept in the browser's storage, so that a failure says when its cause may be mended since.
import { z } from 'zod'
import type { JobId } from '../../src-main/contract/ids.ts'
import { keptList } from './kept-list.ts'

export const jobInput = z.enum(['model', 'data', 'recipe', 'budgets', 'options'])
export type JobInput = z.infer<typeof jobInput>
/** Whatever tells one from another. */
export type JobInputs = Readonly<Record<JobInput, string>>

const keptJobs = 30
const stored = z.tuple([z.string(), z.record(jobInput, z.string())])
/** A job that is not in it does not count as overtaken. */
const kept = keptList('localStorage', 'shoehorn.jobInputs', stored, keptJobs)

export function rememberJobInputs(job: JobId, inputs: JobInputs): void {
  kept.put([job, inputs], ([id]) => id === job)
}

/** What is not as it was when the job was asked for; none where that is not known. */
export function changedSince(job: JobId, now: JobInputs): JobInput[] {
  const then = kept.all().find(([id]) => id === job)?.[1]
  return then ? jobInput.options.filter((input) => then[input] !== now[input]) : []
}
