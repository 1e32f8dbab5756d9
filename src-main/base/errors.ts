// Three kinds of failure are kept apart: AppError is expected and speaks to the user, Bug is ours, and cancellation is
// whatever AbortSignal.reason says.
import { catalogue, type ErrorCode, type ErrorData } from './catalogue.ts'

export type { ErrorCode, ErrorData } from './catalogue.ts'

/** An expected failure. `message` is the catalogue's sentence with `data` filled in; `next` says what the user can do. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly data: ErrorData
  readonly next: string

  constructor(code: ErrorCode, data: ErrorData = {}, options: { cause?: unknown } = {}) {
    super(fill(catalogue[code].sentence, data), options)
    this.name = 'AppError'
    this.code = code
    this.data = data
    this.next = fill(catalogue[code].next, data)
  }

  /** The exit status of the command line for this error, 2 to 10 by family. */
  get exitCode(): number {
    return AppError.exitCodeOf(this.code)
  }

  static exitCodeOf(code: string): number {
    return exitCodes[code.split('.')[0] as string] ?? 1
  }
}

/** A broken invariant of our own. Never thrown for bad input. */
export class Bug extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'Bug'
  }
}

const exitCodes: Record<string, number> = {
  usage: 2,
  model: 3,
  data: 4,
  fit: 5,
  device: 6,
  recipe: 7,
  kernel: 7,
  store: 8,
  job: 9,
  pack: 3,
  serve: 10,
  report: 11,
}

function fill(template: string, data: ErrorData): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => (key in data ? String(data[key]) : whole))
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** For the exhaustive end of a switch: reaching it is a bug. */
export function unreachable(value: never): never {
  throw new Bug(`unreachable: ${String(value)}`)
}
