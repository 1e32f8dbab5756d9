// The record inside a report: all of what it shows, as JSON, so that another Shoehorn can make it again and compare.
import { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { issueNote } from '../base/issue.ts'
import { type Note, say, sentence } from '../base/note.ts'
import { type RunReport, runReport } from '../contract/report.ts'
import { reportLanguage, reportSection } from '../contract/reports.ts'
import { type Markup, verbatim } from './markup.ts'
import type { ReportData } from './render.ts'

const schema = z.object({
  schemaVersion: z.literal(1),
  title: z.string(),
  generatedAt: z.string(),
  producer: z.string(),
  sections: z.array(reportSection).optional(),
  language: reportLanguage.optional(),
  runs: z.array(runReport),
})

export interface ReportRecord {
  readonly data: ReportData
  readonly runs: readonly RunReport[]
  /** Whether it came inside a page. */
  readonly html: boolean
}

/** In the order of the schema, so that what is read gives the same text again. */
export function recordOf({ title, generatedAt, producer, sections, language, runs }: ReportData): object {
  return {
    schemaVersion: 1,
    title,
    generatedAt,
    producer,
    ...(sections && { sections }),
    ...(language && { language }),
    runs,
  }
}

const opening = '<script type="application/json" id="shoehorn-record">'
const closing = '</script>'

/** A block of data, which no browser runs. Nothing in it can end it. */
export function embeddedRecord(data: ReportData): Markup {
  const json = JSON.stringify(recordOf(data)).replaceAll('<', '\\u003c')
  return verbatim(`${opening}${json}${closing}\n`)
}

/** @param name of the file, for the message when it is no report */
export function readRecord(name: string, text: string): ReportRecord {
  const json = jsonIn(text)
  if (json === null) throw new AppError('report.noRecord', { name })
  try {
    const data = schema.parse(JSON.parse(json.text))
    return { data, runs: data.runs, html: json.html }
  } catch (cause) {
    throw new AppError('report.damaged', { name, problem: problemOf(cause) }, { cause })
  }
}

function jsonIn(text: string): { readonly text: string; readonly html: boolean } | null {
  const start = text.indexOf(opening)
  if (start >= 0) {
    const end = text.indexOf(closing, start)
    return end < 0 ? null : { text: text.slice(start + opening.length, end), html: true }
  }
  return text.trimStart().startsWith('{') ? { text, html: false } : null
}

function problemOf(cause: unknown): Note {
  if (cause instanceof z.ZodError) {
    const [issue] = cause.issues
    return issue
      ? sentence('{place}: {problem}', { place: issue.path.join('.'), problem: issueNote(issue.message) })
      : say`it is not in the form of a report`
  }
  return cause instanceof Error ? cause.message : String(cause)
}
