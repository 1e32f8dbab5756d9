import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'

export const systemContract = {
  info: oc
    .errors(appErrors)
    .output(z.object({ version: z.string(), workspace: z.string(), host: z.enum(['electron', 'web', 'cli']) })),
}
