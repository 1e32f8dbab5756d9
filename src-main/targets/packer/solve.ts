// Which option for each tensor: a multiple-choice knapsack. Budgets come first; within them one figure is made as small as
// possible and the other breaks ties. Small cases are searched exactly; larger ones start from each tensor's best, are brought
// within the limits by the cheapest exchanges, and improved by exchanges of one and of two tensors.
import { type EncodingOption, excess, type PackingLimits, type TensorOptions, totalsOf, unlimited } from './option.ts'

/** What is made small within the limits: time and then flash, or flash and then time. */
export type Objective = 'time' | 'flash'

/** Combinations that are searched one by one. */
const exactCombinations = 200_000

export function solve<O extends EncodingOption>(
  tensors: readonly TensorOptions<O>[],
  limits: PackingLimits,
  objective: Objective,
): readonly O[] {
  const offered = tensors.map(({ options }) => undominated(options))
  const combinations = offered.reduce((product, options) => product * options.length, 1)
  const rank = rankOf(limits, objective)
  return combinations <= exactCombinations ? exhaustive(offered, rank) : exchanged(offered, limits, objective, rank)
}

/** Options that another one beats or equals in everything never need to be looked at. The first of equals stays. */
export function undominated<O extends EncodingOption>(options: readonly O[]): readonly O[] {
  const figures = (o: EncodingOption) => [o.flashBytes, o.extraCycles, o.residentBytes, o.scratchBytes]
  const beats = (a: O, b: O) => figures(a).every((value, i) => value <= figures(b)[i]!)
  return options.filter(
    (option, i) => !options.some((other, j) => j !== i && beats(other, option) && (j < i || !beats(option, other))),
  )
}

/** By tensor. */
type Offered<O> = readonly (readonly O[])[]

/** Smaller is better, compared in order: what is over the limits, then the objective, then the other figure. */
type Rank = (choice: readonly EncodingOption[]) => readonly number[]

function rankOf(limits: PackingLimits, objective: Objective): Rank {
  return (choice) => {
    const totals = totalsOf(choice)
    const over = excess(totals, limits)
    const [first, second] =
      objective === 'time' ? [totals.extraCycles, totals.flashBytes] : [totals.flashBytes, totals.extraCycles]
    return [over.residentBytes, over.flashBytes, over.extraCycles, first, second, totals.residentBytes]
  }
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i])
  return at >= 0 && a[at]! < b[at]!
}

function exhaustive<O extends EncodingOption>(offered: Offered<O>, rank: Rank): readonly O[] {
  const at = offered.map(() => 0)
  const chosen = () => at.map((option, i) => offered[i]![option]!)
  let best = chosen()
  let bestRank = rank(best)
  while (advance(at, offered)) {
    const candidate = chosen()
    const candidateRank = rank(candidate)
    if (isLess(candidateRank, bestRank)) [best, bestRank] = [candidate, candidateRank]
  }
  return best
}

/** Counts through all combinations; false after the last. */
function advance(at: number[], offered: Offered<EncodingOption>): boolean {
  for (let i = 0; i < at.length; i++) {
    at[i] = at[i]! + 1
    if (at[i]! < offered[i]!.length) return true
    at[i] = 0
  }
  return false
}

function exchanged<O extends EncodingOption>(
  offered: Offered<O>,
  limits: PackingLimits,
  objective: Objective,
  rank: Rank,
): readonly O[] {
  const alone = rankOf(unlimited, objective)
  const start = offered.map((options) =>
    options.reduce((best, option) => (isLess(alone([option]), alone([best])) ? option : best)),
  )
  return improved(offered, repaired(offered, start, limits), rank)
}

/** Until every limit is kept: the exchange that costs the least of the other figures for what it takes off the excess. */
function repaired<O extends EncodingOption>(offered: Offered<O>, start: readonly O[], limits: PackingLimits): O[] {
  const choice = [...start]
  for (const figure of ['residentBytes', 'flashBytes', 'extraCycles'] as const) {
    while (excess(totalsOf(choice), limits)[figure] > 0) {
      const exchange = cheapest(offered, choice, figure)
      if (!exchange) break
      choice[exchange.tensor] = exchange.option
    }
  }
  return choice
}

function cheapest<O extends EncodingOption>(
  offered: Offered<O>,
  choice: readonly O[],
  figure: 'residentBytes' | 'flashBytes' | 'extraCycles',
) {
  let best: { tensor: number; option: O; price: number } | null = null
  const paid = figure === 'extraCycles' ? 'flashBytes' : 'extraCycles'
  for (const [tensor, options] of offered.entries()) {
    const current = choice[tensor]!
    for (const option of options) {
      const saved = current[figure] - option[figure]
      if (saved <= 0) continue
      const price = (option[paid] - current[paid]) / saved
      if (!best || price < best.price) best = { tensor, option, price }
    }
  }
  return best
}

/** Exchanges of one tensor, and of two at once, as long as one helps. */
function improved<O extends EncodingOption>(offered: Offered<O>, start: readonly O[], rank: Rank): readonly O[] {
  let best = [...start]
  let bestRank = rank(best)
  const accept = (candidate: O[]) => {
    const candidateRank = rank(candidate)
    if (!isLess(candidateRank, bestRank)) return false
    best = candidate
    bestRank = candidateRank
    return true
  }
  const exchange = (choice: readonly O[], tensor: number, option: O) =>
    choice.map((each, i) => (i === tensor ? option : each))
  const once = () => offered.some((options, a) => options.some((option) => accept(exchange(best, a, option))))
  const twice = () =>
    offered.some((options, a) =>
      options.some((option) => {
        const first = exchange(best, a, option)
        return offered.some((others, b) => b > a && others.some((other) => accept(exchange(first, b, other))))
      }),
    )
  let rounds = 0
  while (rounds < mostExchanges && (once() || (offered.length <= pairedTensors && twice()))) rounds++
  return best
}

const mostExchanges = 500

/** Pairs of more tensors than this take too long to try. */
const pairedTensors = 32
