import { z } from 'zod'

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
