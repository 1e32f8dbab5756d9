import { AppError } from '../base/errors.ts'

/** Runs what writes a file that the user named. */
export async function written<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('usage.cannotWrite', { path, problem }, { cause })
  }
}

/** Of the file system, not of what makes the content. */
const isSystemError = (cause: unknown) => cause instanceof Error && 'syscall' in cause
