// Deflated archive members, opened so that what they hold can be coded. Only where the same deflated bytes can be made again.
import { inflateRawSync } from 'node:zlib'
import { equalBytes } from '../../base/bytes.ts'
import { deflateLevels, deflateLikeZlib } from './deflate.ts'
import { npyTensor } from './npz-spans.ts'
import { chunkBytes, type ElementPiece, tensorPieces } from './pieces.ts'
import type { DeflatedSpan } from './span.ts'

/** A member is held in memory as it is, inflated and deflated again; larger ones stay as they are. */
export const maxReopenedBytes = 1 << 24

export interface Reopened {
  readonly level: number
  readonly inflated: Uint8Array
}

export const canReopen = ({ length, inflatedBytes }: DeflatedSpan) =>
  length <= maxReopenedBytes && inflatedBytes <= maxReopenedBytes

/** Null when no level of zlib gives these bytes. */
export function reopen(deflated: Uint8Array, inflatedBytes: number): Reopened | null {
  const inflated = inflate(deflated, inflatedBytes)
  if (!inflated) return null
  const level = likelyLevels(inflated, deflated).find((one) => equalBytes(deflateLikeZlib(inflated, one), deflated))
  return level === undefined ? null : { level, inflated }
}

function inflate(deflated: Uint8Array, bytes: number): Uint8Array | null {
  try {
    const inflated = inflateRawSync(deflated, { maxOutputLength: bytes + 1 })
    return inflated.length === bytes ? inflated : null
  } catch {
    return null
  }
}

/** Enough for several blocks even of sparse data. */
const trialBytes = 1 << 20
const fullTrials = 2

/** The levels whose stream for the first bytes goes along with the one that is there for longest. */
function likelyLevels(inflated: Uint8Array, deflated: Uint8Array): number[] {
  if (inflated.length <= trialBytes) return [...deflateLevels]
  const trials: { level: number; common: number }[] = []
  for (const level of deflateLevels) {
    const trial = deflateLikeZlib(inflated.subarray(0, trialBytes), level)
    const common = commonBytes(trial, deflated)
    trials.push({ level, common })
    if (common > trial.length / 2) break
  }
  const sorted = trials.sort((a, b) => b.common - a.common)
  return sorted.slice(0, fullTrials).map(({ level }) => level)
}

function commonBytes(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length)
  let at = 0
  while (at < end && a[at] === b[at]) at++
  return at
}

export type InnerPiece = ElementPiece | { readonly kind: 'other'; readonly offset: number; readonly length: number }

/** A member's bytes as pieces: an array's header and its elements, or plain bytes. */
export function piecesOfMember(name: string, inflated: Uint8Array): InnerPiece[] {
  const array = name.endsWith('.npy') ? npyTensor(inflated, inflated.length) : null
  const head = array?.offset ?? inflated.length
  const others: InnerPiece[] = []
  for (let offset = 0; offset < head; offset += chunkBytes)
    others.push({ kind: 'other', offset, length: Math.min(chunkBytes, head - offset) })
  return array ? [...others, ...tensorPieces({ ...array, name: name.slice(0, -4) })] : others
}
