// What came of making a run again from its record.
import { z } from 'zod'
import { note } from './note.ts'

export const verifiedFigure = z.object({
  /** Its place in the record, such as `pack.sha256`. */
  figure: z.string(),
  stated: note,
  /** null: it cannot be made again here, as what a device has counted. */
  found: note.nullable(),
  /**
   * same: recomputed, and equal. differs: recomputed, and not. stated: measured or counted on a device, so only that it is
   * there and says where it comes from was checked. missing: it is not there, or does not say.
   */
  outcome: z.enum(['same', 'differs', 'stated', 'missing']),
})
export type VerifiedFigure = z.infer<typeof verifiedFigure>

export const verification = z.object({
  /** File or run. */
  name: z.string(),
  verifiedAt: z.string(),
  producer: z.string(),
  confirmed: z.boolean(),
  /** Of a document: whether what people read in it is what its record says; null for a run, or a record alone. */
  document: z.enum(['same', 'differs', 'otherVersion']).nullable(),
  runs: z.array(
    z.object({
      run: z.string(),
      title: z.string(),
      confirmed: z.boolean(),
      figures: z.array(verifiedFigure),
    }),
  ),
})
export type Verification = z.infer<typeof verification>
