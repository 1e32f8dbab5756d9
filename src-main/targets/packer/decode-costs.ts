// What coded weights cost on a device: instructions a weight to decode, and a multiply-accumulate in kernels that read the coded
// form (resources/runtime/decode-costs.json and direct-costs.json).
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type CodecName, codecNames } from '../../codecs/codec.ts'
import type { WeightStatistics } from './statistics.ts'

/** How figures were obtained. */
const obtained = { comment: z.string(), kind: z.enum(['measured', 'simulated', 'estimated']), source: z.string() }
const instructions = z.number().nonnegative()

/** A number is a base alone. */
const line = z.union([
  instructions.transform((base) => ({ base, perBit: 0, perNonzero: 0 })),
  z.strictObject({ base: instructions, perBit: instructions.default(0), perNonzero: instructions.default(0) }),
])
type Line = z.infer<typeof line>

const decodeSchema = z.strictObject({
  ...obtained,
  instructionsPerElement: z.strictObject({
    'cortex-m0': z.record(z.enum(codecNames), line),
    'cortex-m4': z.record(z.enum(codecNames), line),
  }),
})

const directSchema = z.strictObject({
  ...obtained,
  /** Of int8 too, to compare with. */
  instructionsPerMac: z.strictObject({
    'cortex-m0': z.partialRecord(z.enum(codecNames), line),
    'cortex-m4': z.partialRecord(z.enum(codecNames), line),
  }),
})

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../resources/runtime/${name}`, import.meta.url), 'utf8'))

let decode: z.infer<typeof decodeSchema> | undefined
let direct: z.infer<typeof directSchema> | undefined

/** Cores without a wide multiplier and with few registers in reach are one class, all others the other. */
const classOf = (core: string) => (/m0|m1\b/i.test(core) ? 'cortex-m0' : 'cortex-m4')

const at = ({ base, perBit, perNonzero }: Line, { entropyBits, sparsity }: WeightStatistics) =>
  base + perBit * entropyBits + perNonzero * (1 - sparsity)

export function instructionsPerElement(codec: CodecName, core: string, weights: WeightStatistics): number {
  decode ??= decodeSchema.parse(read('decode-costs.json'))
  return at(decode.instructionsPerElement[classOf(core)][codec], weights)
}

/** Of a kernel that reads the coded form, for each multiply-accumulate that plain int8 would do; 0 where there is none. */
export function directInstructionsPerMac(codec: CodecName, core: string, weights: WeightStatistics): number {
  direct ??= directSchema.parse(read('direct-costs.json'))
  const found = direct.instructionsPerMac[classOf(core)][codec]
  return found ? at(found, weights) : 0
}
