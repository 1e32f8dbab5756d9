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

/**
 * Gives a class's members out by largest remainder, the test part first of equal ones; what rounding takes from one class is
 * carried to the next.
 */
function deal(members: number[], fractions: Fractions, parts: Record<Name, number[]>, carry: Record<Name, number>) {
  const due = names.map((name) => ({ name, share: members.length * fractions[name] + carry[name] }))
  const counts = new Map(due.map(({ name, share }) => [name, Math.max(0, Math.floor(share + 1e-9))]))
  const total = names.reduce((sum, name) => sum + fractions[name], 0)
  const wanted = Math.min(members.length, Math.round(due.reduce((sum, { share }) => sum + share, 0)))
  const left = () => (total > 1 - 1e-9 ? members.length : wanted) - [...counts.values()].reduce((sum, n) => sum + n, 0)
  const rest = ({ name, share }: (typeof due)[number]) => share - counts.get(name)!
  while (left() > 0) {
    const neediest = due.toReversed().reduce((most, each) => (rest(each) > rest(most) + 1e-9 ? each : most))
    counts.set(neediest.name, counts.get(neediest.name)! + 1)
  }
  while (left() < 0) {
    const richest = due.reduce((least, each) => (counts.get(each.name)! > 0 && rest(each) < rest(least) ? each : least))
    counts.set(richest.name, counts.get(richest.name)! - 1)
  }
  let at = 0
  for (const { name, share } of due) {
    const taken = counts.get(name)!
    carry[name] = share - taken
    for (const i of members.slice(at, at + taken)) parts[name].push(i)
    at += taken
  }
}
