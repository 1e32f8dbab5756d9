// Run records to documents. Pure: the same records give the same bytes.
import type { RunReport } from '../contract/report.ts'
import type { ReportFormat, ReportLanguage, ReportSection } from '../contract/reports.ts'
import { writeCsv } from './csv.ts'
import { writeHtml } from './html.ts'
import { writeMarkdown } from './markdown.ts'
import { writePdf } from './pdf/report.ts'
import { recordOf } from './record.ts'

export interface ReportData {
  readonly title: string
  /** ISO 8601; given, never read from a clock. */
  readonly generatedAt: string
  readonly producer: string
  /** Left out: all. */
  readonly sections?: readonly ReportSection[]
  /** Left out: English. */
  readonly language?: ReportLanguage
  readonly runs: readonly RunReport[]
}

export interface ReportDocument {
  readonly fileName: string
  readonly mediaType: string
  readonly content: string | Uint8Array<ArrayBuffer>
}

export type TextFormat = Exclude<ReportFormat, 'pdf'>

const mediaTypes: Record<ReportFormat, string> = {
  html: 'text/html;charset=utf-8',
  pdf: 'application/pdf',
  md: 'text/markdown;charset=utf-8',
  csv: 'text/csv;charset=utf-8',
  json: 'application/json',
}

const writers: Record<TextFormat, (data: ReportData) => string> = {
  html: writeHtml,
  md: writeMarkdown,
  csv: writeCsv,
  json: (data) => `${JSON.stringify(recordOf(data), null, 2)}\n`,
}

export function renderReport(data: ReportData, format: ReportFormat): ReportDocument {
  return {
    fileName: `${fileStem(data.title)}.${format}`,
    mediaType: mediaTypes[format],
    content: format === 'pdf' ? writePdf(data) : renderText(data, format),
  }
}

export function renderText(data: ReportData, format: TextFormat): string {
  return writers[format](data)
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
