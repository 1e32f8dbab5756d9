import { oc } from '@orpc/contract'
import { z } from 'zod'
import { appErrors } from './error.ts'
import { deviceId } from './ids.ts'
import { note } from './note.ts'
import { budgets } from './report.ts'

export const device = z.object({
  id: deviceId,
  /** Which profile of the catalogue describes it. */
  profile: z.string(),
  name: z.string(),
  kind: z.enum(['twin', 'emulator', 'board']),
  core: z.string(),
  clockHz: z.number().nullable(),
  flashBytes: z.number().nullable(),
  ramBytes: z.number().nullable(),
  /** The most that one pack may take: its place beside the firmware, as far as it is known. */
  packFlashBytes: z.number().nullable().default(null),
  available: z.boolean(),
  /** Why it cannot be used now, with what would help; null when it can. */
  problem: note.nullable(),
  /** Budgets a new project for it starts with. */
  defaultBudgets: budgets,
})
export type Device = z.infer<typeof device>

const base = oc.errors(appErrors)

export const devicesContract = {
  list: base.output(z.array(device)),
  /** Opens the link, says hello, and gives what the device said, with the raw frames. */
  identify: base.input(z.object({ id: deviceId })).output(
    z.object({
      board: z.string(),
      core: z.string(),
      clockHz: z.number(),
      agentBuild: z.string(),
      poolBytes: z.number(),
      codeBytes: z.number(),
      handshake: z.array(z.string()),
    }),
  ),
}
