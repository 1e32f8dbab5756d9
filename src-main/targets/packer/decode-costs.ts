// What decoding costs on a device: instructions a weight, by codec and class of core (resources/runtime/decode-costs.json).
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type CodecName, codecNames } from '../../codecs/codec.ts'

const perCodec = z.record(z.enum(codecNames), z.number().nonnegative())

const schema = z.strictObject({
  comment: z.string(),
  /** How the figures were obtained. */
  kind: z.enum(['measured', 'simulated', 'estimated']),
  source: z.string(),
  instructionsPerElement: z.strictObject({ 'cortex-m0': perCodec, 'cortex-m4': perCodec }),
})

type DecodeCosts = Readonly<z.infer<typeof schema>>

const path = new URL('../../../resources/runtime/decode-costs.json', import.meta.url)
let costs: DecodeCosts | undefined

export function decodeCosts(): DecodeCosts {
  costs ??= schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  return costs
}

/** Cores without a wide multiplier and with few registers in reach are one class, all others the other. */
export function instructionsPerElement(codec: CodecName, core: string): number {
  const { instructionsPerElement: by } = decodeCosts()
  return by[/m0|m1\b/i.test(core) ? 'cortex-m0' : 'cortex-m4'][codec]
}
