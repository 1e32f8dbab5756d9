import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { jobId, projectId, runId } from './ids.ts'
import { verification } from './verification.ts'

export const reportFormat = z.enum(['html', 'pdf', 'md', 'csv', 'json'])
export type ReportFormat = z.infer<typeof reportFormat>

/** `comparison` is there when a report has several runs. CSV is one table and takes no sections. */
export const reportSection = z.enum([
  'comparison',
  'summary',
  'figures',
  'weights',
  'quality',
  'operators',
  'memory',
  'recipe',
  'provenance',
])
export type ReportSection = z.infer<typeof reportSection>
export const reportSections: readonly ReportSection[] = reportSection.options

export const reportLanguage = z.enum(['en', 'zh'])
export type ReportLanguage = z.infer<typeof reportLanguage>

const base = oc.errors(appErrors)

export const reportsContract = {
  /** A self-contained document over the given runs, or over all runs of a project. */
  render: base
    .input(
      z.object({
        runs: z.array(runId).optional(),
        project: projectId.optional(),
        format: reportFormat,
        /** Left out = all. */
        sections: z.array(reportSection).optional(),
        /** Left out = English. CSV and JSON are the same in every language. */
        language: reportLanguage.optional(),
      }),
    )
    .output(z.object({ fileName: z.string(), mediaType: z.string(), data: z.instanceof(Blob) })),
  /** Makes a run again from its record and compares. Gives the job to watch; then ask for its verification. */
  verify: base
    .input(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('run'), run: runId }),
        /** A report that was exported as HTML or JSON. */
        z.object({ kind: z.literal('document'), name: z.string(), text: z.string().max(64 << 20) }),
      ]),
    )
    .output(z.object({ job: jobId })),
  verification: base.input(z.object({ job: jobId })).output(verification),
  /** The newest that a run has been through; null when it has been through none. */
  verificationOf: base.input(z.object({ run: runId })).output(verification.nullable()),
}
