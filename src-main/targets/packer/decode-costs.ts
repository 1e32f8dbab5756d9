// What coded weights cost on a device: instructions a weight to decode, and a multiply-accumulate in kernels that read the coded
// form (resources/runtime/decode-costs.json and direct-costs.json).
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type CodecName, codecNames } from '../../codecs/codec.ts'

/** How figures were obtained. */
const obtained = { comment: z.string(), kind: z.enum(['measured', 'simulated', 'estimated']), source: z.string() }
const instructions = z.number().nonnegative()

const decodeSchema = z.strictObject({
  ...obtained,
  instructionsPerElement: z.strictObject({
    'cortex-m0': z.record(z.enum(codecNames), instructions),
    'cortex-m4': z.record(z.enum(codecNames), instructions),
  }),
})

const directSchema = z.strictObject({
  ...obtained,
  /** Of int8 too, to compare with. */
  instructionsPerMac: z.strictObject({
    'cortex-m0': z.partialRecord(z.enum(codecNames), instructions),
    'cortex-m4': z.partialRecord(z.enum(codecNames), instructions),
  }),
})

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../resources/runtime/${name}`, import.meta.url), 'utf8'))

let decode: z.infer<typeof decodeSchema> | undefined
let direct: z.infer<typeof directSchema> | undefined

/** Cores without a wide multiplier and with few registers in reach are one class, all others the other. */
const classOf = (core: string) => (/m0|m1\b/i.test(core) ? 'cortex-m0' : 'cortex-m4')

export function instructionsPerElement(codec: CodecName, core: string): number {
  decode ??= decodeSchema.parse(read('decode-costs.json'))
  return decode.instructionsPerElement[classOf(core)][codec]
}

const sparseCodecs: readonly CodecName[] = ['bitmap', 'relative']

/**
 * Instructions of a kernel that reads the coded form, for each multiply-accumulate that plain int8 would do.
 * @param density share of weights that are not zero
 */
export function directInstructionsPerMac(codec: CodecName, core: string, density: number): number {
  direct ??= directSchema.parse(read('direct-costs.json'))
  const perMac = direct.instructionsPerMac[classOf(core)][codec] ?? 0
  return sparseCodecs.includes(codec) ? perMac * density : perMac
}
