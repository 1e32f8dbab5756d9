import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { projectId, runId } from './ids.ts'

export const reportFormat = z.enum(['html', 'md', 'csv', 'json'])
export type ReportFormat = z.infer<typeof reportFormat>

const base = oc.errors(appErrors)

export const reportsContract = {
  /** A self-contained document over the given runs, or over all runs of a project. */
  render: base
    .input(z.object({ runs: z.array(runId).optional(), project: projectId.optional(), format: reportFormat }))
    .output(z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() })),
}
