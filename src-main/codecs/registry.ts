// All codecs, and which of them stores a tensor in the fewest bytes.
import { Bug } from '../base/errors.ts'
import { arithmetic } from './arithmetic.ts'
import { binary } from './binary.ts'
import { bitmap } from './bitmap.ts'
import { codebook } from './codebook.ts'
import type { Codec, CodecName, Coded, IntTensor } from './codec.ts'
import { huffman } from './huffman.ts'
import { int4 } from './int4.ts'
import { int8 } from './int8.ts'
import { rans } from './rans.ts'
import { relative } from './relative.ts'
import { ternary } from './ternary.ts'

export type { Codec, CodecName, Coded, IntTensor } from './codec.ts'

/** In the order of their ids. */
export const codecs: readonly Codec[] = [
  int8,
  int4,
  ternary,
  binary,
  bitmap,
  relative,
  codebook,
  huffman,
  rans,
  arithmetic,
]

export function codecOf(name: CodecName): Codec {
  const codec = codecs.find((one) => one.name === name)
  if (!codec) throw new Bug(`there is no codec ${name}`)
  return codec
}

export const decode = (coded: Coded): Int8Array => codecOf(coded.codec).decode(coded)

/** How one codec does on one tensor. */
export interface CodecSize {
  readonly codec: CodecName
  readonly payloadBytes: number
  readonly tableBytes: number
  /** RAM of the decoder, bytes. */
  readonly stateBytes: number
}

export interface CodecRefusal {
  readonly codec: CodecName
  /** Why it cannot store this tensor. */
  readonly reason: string
}

export interface CodecChoice {
  /** Payload and table together are the fewest bytes; at a tie the codec with the lower id, which decodes faster. */
  readonly best: Coded
  /** Every codec that accepts the tensor, in the order of their ids. */
  readonly sizes: readonly CodecSize[]
  readonly refusals: readonly CodecRefusal[]
}

const totalBytes = (coded: Coded) => coded.payload.length + coded.table.length

/** Encodes under every codec (or those named) that accepts the tensor. int8 accepts all. */
export function bestCodec(tensor: IntTensor, names?: readonly CodecName[]): CodecChoice {
  const sizes: CodecSize[] = []
  const refusals: CodecRefusal[] = []
  let best: Coded | undefined
  for (const codec of codecs.filter((one) => names?.includes(one.name) ?? true)) {
    const accepted = codec.accepts(tensor)
    if (accepted !== true) {
      refusals.push({ codec: codec.name, reason: accepted })
      continue
    }
    const coded = codec.encode(tensor)
    sizes.push({
      codec: codec.name,
      payloadBytes: coded.payload.length,
      tableBytes: coded.table.length,
      stateBytes: codec.stateBytes(coded),
    })
    if (!best || totalBytes(coded) < totalBytes(best)) best = coded
  }
  return { best: best ?? int8.encode(tensor), sizes, refusals }
}
