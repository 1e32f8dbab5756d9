import { writeFile } from 'node:fs/promises'
import { AppError } from '../../base/errors.ts'

/** Writes what the user asked for; a path that cannot be written is the user's to correct. */
export async function writeOutput(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('usage.cannotWrite', { path, problem }, { cause })
  }
}
