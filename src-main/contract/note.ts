import { z } from 'zod'
import type { NoteValue, Sentence } from '../base/note.ts'

const noteValue: z.ZodType<NoteValue> = z.union([z.string(), z.number(), z.lazy(() => sentence)])

const sentence: z.ZodType<Sentence> = z.object({
  template: z.string(),
  values: z.record(z.string(), noteValue),
  text: z.string(),
})

/** What the host says to the user. Older records hold plain English. */
export const note = z.union([z.string(), sentence])
