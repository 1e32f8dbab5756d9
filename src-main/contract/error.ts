import { z } from 'zod'
import { AppError } from '../base/errors.ts'

/** How an AppError travels: the catalogue's code, the sentence, the next step. */
export const errorInfo = z.object({
  code: z.string(),
  message: z.string(),
  next: z.string(),
  data: z.record(z.string(), z.unknown()),
})
export type ErrorInfo = z.infer<typeof errorInfo>

/** Every procedure may fail with this one declared error; anything else is a bug of ours. */
export const appErrors = { APP_ERROR: { data: errorInfo } } as const

/** What a user is told of any failure. A bug shows its message, for the report of it. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof AppError)
    return { code: error.code, message: error.message, next: error.next, data: { ...error.data } }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'bug', message, next: 'This is a fault of Shoehorn. Please report it with this message.', data: {} }
}
