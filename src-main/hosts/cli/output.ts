// What the command line writes: one JSON document or text on stdout, progress and errors on stderr.
import { isSentence, type Note, textOf } from '../../base/note.ts'
import type { ErrorInfo } from '../../contract/error.ts'

export interface Output {
  readonly json: boolean
  /** The result: the document with --json, else the text. */
  result(document: unknown, text: () => string): void
  note(line: Note): void
  progress(line: string): void
  failed(error: ErrorInfo): void
}

export function terminalOutput(json: boolean): Output {
  const live = process.stderr.isTTY === true
  let shown = ''
  const clear = () => {
    if (live && shown) process.stderr.write('\r\x1b[K')
    shown = ''
  }
  return {
    json,
    result(document, text) {
      clear()
      process.stdout.write(`${json ? inJson(document) : text()}\n`)
    },
    note(line) {
      clear()
      process.stderr.write(`${textOf(line)}\n`)
    },
    progress(line) {
      if (line === shown) return
      if (live) process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 100) - 1)}`)
      shown = line
    },
    failed(error) {
      clear()
      if (json) process.stdout.write(`${inJson({ error })}\n`)
      process.stderr.write(`error ${error.code}: ${error.message}\n${error.next}\n`)
    },
  }
}

/** Sentences as their English text: scripts read them, nobody translates them. */
const inJson = (document: unknown) =>
  JSON.stringify(document, (_key, value: unknown) => (isSentence(value) ? value.text : value), 2)

export type Cell = string | number | boolean | null

/** A table in plain text: first column left, numbers right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const numeric = head.map((_, column) =>
    rows.some((row) => typeof row[column] === 'number' || /^-?\d[\d., ]*( \S+)?$/.test(String(row[column] ?? ''))),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(cells[0] as string[]), rule, ...cells.slice(1).map((row) => line(row as string[]))].join('\n')
}

export const formatBytes = (bytes: number) => bytes.toLocaleString('en-US')
export const formatPercent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(2)} %`)
