// Three kinds of failure are kept apart: AppError is expected and speaks to the user, Bug is ours, and cancellation is
// whatever AbortSignal.reason says.
import { catalogue, type ErrorCode, type ErrorData } from './catalogue.ts'
import { type Sentence, sentence } from './note.ts'

export type { ErrorCode, ErrorData } from './catalogue.ts'

/** An expected failure. `message` is the catalogue's sentence with `data` filled in; `next` says what the user can do. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly data: ErrorData
  readonly next: string

  constructor(code: ErrorCode, data: ErrorData = {}, options: { cause?: unknown } = {}) {
    super(sentence(catalogue[code].sentence, data).text, options)
    this.name = 'AppError'
    this.code = code
    this.data = data
    this.next = sentence(catalogue[code].next, data).text
  }

  /** What happened, to be put into another sentence. */
  get note(): Sentence {
    return sentence(catalogue[this.code].sentence, this.data)
  }

  /** What the user can do. */
  get nextNote(): Sentence {
    return sentence(catalogue[this.code].next, this.data)
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

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** For the exhaustive end of a switch: reaching it is a bug. */
export function unreachable(value: never): never {
  throw new Bug(`unreachable: ${String(value)}`)
}
