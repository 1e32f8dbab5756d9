// Splits of a data set that has none of its own: decided by the seed, with the classes in equal parts.
import { seededRandom, shuffledIndices } from '../base/random.ts'

export interface Fractions {
  readonly train: number
  readonly calibration: number
  readonly test: number
}

export interface SplitRequest {
  readonly count: number
  readonly labels: ArrayLike<number> | null
  readonly seed: number
  /** Each from 0, together at most 1. */
  readonly fractions: Fractions
}

const names = ['train', 'calibration', 'test'] as const
type Name = (typeof names)[number]

/** Indices in random order, so that the first n of a split are a fair part of it. */
export function splitIndices({ count, labels, seed, fractions }: SplitRequest): Record<Name, Uint32Array> {
  const classes = new Map<number, number[]>()
  for (const i of shuffledIndices(count, seed)) {
    const key = labels?.[i] ?? 0
    const members = classes.get(key)
    if (members) members.push(i)
    else classes.set(key, [i])
  }
  const parts: Record<Name, number[]> = { train: [], calibration: [], test: [] }
  const carry: Record<Name, number> = { train: 0, calibration: 0, test: 0 }
  for (const [, members] of [...classes].sort(([a], [b]) => a - b)) deal(members, fractions, parts, carry)
  const mixed = (list: number[], i: number) => {
    const order = shuffledIndices(list.length, seededRandom(seed + i + 1).below(2 ** 32))
    return Uint32Array.from(order, (k) => list[k]!)
  }
  return { train: mixed(parts.train, 0), calibration: mixed(parts.calibration, 1), test: mixed(parts.test, 2) }
}

/** Gives a class's members out; what rounding takes from one class is carried to the next. */
function deal(members: number[], fractions: Fractions, parts: Record<Name, number[]>, carry: Record<Name, number>) {
  let at = 0
  const whole = fractions.train + fractions.calibration + fractions.test > 1 - 1e-9
  for (const name of names) {
    const due = members.length * fractions[name] + carry[name]
    const left = members.length - at
    const taken = name === 'test' && whole ? left : Math.max(0, Math.min(left, Math.round(due)))
    carry[name] = due - taken
    for (const i of members.slice(at, at + taken)) parts[name].push(i)
    at += taken
  }
}
