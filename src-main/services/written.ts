import { AppError } from '../base/errors.ts'

/** Runs what writes a file that the user named. */
export async function written(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('usage.cannotWrite', { path, problem }, { cause })
  }
}
