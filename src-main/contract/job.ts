import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors, errorInfo } from './error.ts'
import { jobId, projectId, runId } from './ids.ts'
import { note } from './note.ts'

export const jobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'])
export type JobState = z.infer<typeof jobState>

/** The stages of a run, in order. */
export const stageName = z.enum([
  'import',
  'data',
  'original',
  'compress',
  'pack',
  'twin',
  'deploy',
  'measure',
  'validate',
  'store',
])
export type StageName = z.infer<typeof stageName>

/** An analysis has one stage. */
export const jobStage = z.enum([...stageName.options, 'analyze'])
export type JobStage = z.infer<typeof jobStage>

export const jobProgress = z.object({
  stage: jobStage,
  /** Of this stage, 0 to 1. */
  fraction: z.number().min(0).max(1),
  note,
})
export type JobProgress = z.infer<typeof jobProgress>

export const job = z.object({
  id: jobId,
  projectId: projectId.nullable(),
  title: note,
  state: jobState,
  progress: jobProgress.nullable(),
  log: z.array(z.object({ atMs: z.number(), line: note })),
  error: errorInfo.nullable(),
  runId: runId.nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
})
export type Job = z.infer<typeof job>

/** Waits or runs: it can still be cancelled, and what it makes is not there yet. */
export const isOpen = ({ state }: Pick<Job, 'state'>): boolean => state === 'queued' || state === 'running'

const base = oc.errors(appErrors)

export const jobsContract = {
  /** The newest first. @param open only those that have not ended, of this process and of others */
  list: base.input(z.object({ project: projectId.optional(), open: z.boolean().optional() })).output(z.array(job)),
  get: base.input(z.object({ id: jobId })).output(job),
  /** The job now, then after every change until it has ended. */
  watch: base.input(z.object({ id: jobId })).output(eventIterator(job)),
  cancel: base.input(z.object({ id: jobId })),
}
