// How long each stage of the last job took, kept in the browser's storage for the estimate of the next one.
import { z } from 'zod'

const storageKey = 'shoehorn.stageTimes'
/** Place of the stage, milliseconds. */
const stored = z.array(z.tuple([z.number(), z.number()]))

export function rememberedStageTimes(): ReadonlyMap<number, number> {
  try {
    return new Map(stored.parse(JSON.parse(globalThis.localStorage?.getItem(storageKey) ?? '[]')))
  } catch {
    // Written by another version, or storage is not allowed: then the first job times itself again.
    return new Map()
  }
}

export function rememberStageTimes(times: ReadonlyMap<number, number>): void {
  try {
    if (times.size > 0) globalThis.localStorage?.setItem(storageKey, JSON.stringify([...times]))
  } catch {
    // Storage is full or not allowed; only an estimate is lost.
  }
}
