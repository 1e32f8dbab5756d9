import { ORPCError } from '@orpc/client'
import { type ErrorInfo, errorInfo } from '../../src-main/contract/error.ts'

/** What the user is told: the catalogue's sentence and next step, or a plain sentence for what has no row there. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof ORPCError) {
    const known = errorInfo.safeParse(error.data)
    if (known.success) return known.data
    if (error.code === 'BAD_REQUEST') {
      return plain('renderer.badRequest', 'Shoehorn did not accept this input.', 'Check the values and try again.')
    }
    return plain(
      'renderer.hostFailure',
      'Something went wrong inside Shoehorn.',
      'Try again. If it happens twice, please report it with the log of the host.',
    )
  }
  if (error instanceof LocalError) return error.info
  return plain(
    'renderer.lost',
    'Shoehorn did not answer.',
    'Check that it is still running; the page reconnects by itself.',
  )
}

/** A failure that the interface itself finds, before anything is sent. */
export class LocalError extends Error {
  readonly info: ErrorInfo

  constructor(code: string, message: string, next: string) {
    super(message)
    this.name = 'LocalError'
    this.info = plain(`renderer.${code}`, message, next)
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function plain(code: string, message: string, next: string): ErrorInfo {
  return { code, message, next, data: {} }
}
