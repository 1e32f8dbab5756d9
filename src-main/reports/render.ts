// Run records to documents. Pure: the same records give the same text.
import type { RunReport } from '../contract/report.ts'
import type { ReportFormat } from '../contract/reports.ts'
import { writeCsv } from './csv.ts'
import { writeHtml } from './html.ts'
import { writeMarkdown } from './markdown.ts'

export interface ReportData {
  readonly title: string
  /** ISO 8601; given, never read from a clock. */
  readonly generatedAt: string
  readonly producer: string
  readonly runs: readonly RunReport[]
}

export interface ReportDocument {
  readonly fileName: string
  readonly mediaType: string
  readonly text: string
}

const writers: Record<ReportFormat, { mediaType: string; write: (data: ReportData) => string }> = {
  html: { mediaType: 'text/html', write: writeHtml },
  md: { mediaType: 'text/markdown', write: writeMarkdown },
  csv: { mediaType: 'text/csv', write: writeCsv },
  json: { mediaType: 'application/json', write: writeJson },
}

export function renderReport(data: ReportData, format: ReportFormat): ReportDocument {
  const { mediaType, write } = writers[format]
  return { fileName: `${fileStem(data.title)}.${format}`, mediaType, text: write(data) }
}

function writeJson(data: ReportData): string {
  return `${JSON.stringify({ schemaVersion: 1, ...data }, null, 2)}\n`
}

/** Letters, digits and dashes only, so that the name is safe on every file system. */
function fileStem(title: string): string {
  const stem = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return stem === '' ? 'report' : `shoehorn-${stem}`
}
