// What profiles of one device say of the estimates for it: a factor for each kernel, and how far off they were.
import { type CoreClass, countOf, cyclesPerCount, type OperatorSample } from './cost-model.ts'

/** One inference that was profiled, all operators of it. Cycles are the core's. */
export interface StoredProfile {
  readonly packSha256: string
  readonly model: string
  readonly kind: 'measured' | 'simulated'
  readonly operators: readonly OperatorSample[]
}

export interface Refinement {
  /** Cycles that were counted over those that were estimated, by kernel. */
  readonly factors: Readonly<Record<string, number>>
  /** For kernels that no profile has. */
  readonly overall: number
  readonly profiles: number
  /** Each model estimated with the other models' profiles; null with one model only. */
  readonly error: { readonly medianPercent: number; readonly worstPercent: number; readonly models: number } | null
}

/** Hardware outweighs an emulator. */
const weightOf = { measured: 4, simulated: 1 } as const

/** Weight of the shipped model against profiles, in simulated operators: a kernel seen once moves half of the way. */
const priorWeight = 1

/** null without profiles. */
export function refine(chosen: CoreClass, profiles: readonly StoredProfile[]): Refinement | null {
  if (profiles.length === 0) return null
  return { ...factorsOf(chosen, profiles), profiles: profiles.length, error: errorOf(chosen, profiles) }
}

interface Factors {
  readonly factors: Readonly<Record<string, number>>
  readonly overall: number
}

function factorsOf(chosen: CoreClass, profiles: readonly StoredProfile[]): Factors {
  const logs = new Map<string, { sum: number; weight: number }>()
  const overall = { sum: 0, weight: 0 }
  for (const { kind, operators } of profiles)
    for (const { kernel, features, cycles } of operators) {
      const estimated = countOf(chosen.kernels, kernel, features) * cyclesPerCount(chosen)
      if (estimated <= 0 || cycles <= 0) continue
      const own = logs.get(kernel) ?? { sum: 0, weight: 0 }
      logs.set(kernel, own)
      for (const each of [own, overall]) {
        each.sum += weightOf[kind] * Math.log(cycles / estimated)
        each.weight += weightOf[kind]
      }
    }
  // Geometric mean, held back by the prior.
  const factor = ({ sum, weight }: { sum: number; weight: number }) => Math.exp(sum / (weight + priorWeight))
  return {
    factors: Object.fromEntries([...logs].map(([kernel, log]) => [kernel, factor(log)])),
    overall: factor(overall),
  }
}

function errorOf(chosen: CoreClass, profiles: readonly StoredProfile[]): Refinement['error'] {
  const models = [...new Set(profiles.map(({ model }) => model))]
  if (models.length < 2) return null
  const errors = models.map((model) => {
    const { factors, overall } = factorsOf(
      chosen,
      profiles.filter((profile) => profile.model !== model),
    )
    const own = profiles.findLast((profile) => profile.model === model)!
    const counted = own.operators.reduce((sum, { cycles }) => sum + cycles, 0)
    const estimated = own.operators.reduce((sum, { kernel, features }) => {
      const count = countOf(chosen.kernels, kernel, features) * cyclesPerCount(chosen)
      return sum + count * (factors[kernel] ?? overall)
    }, 0)
    return (100 * Math.abs(estimated - counted)) / counted
  })
  const sorted = errors.toSorted((a, b) => a - b)
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
  return { medianPercent: median, worstPercent: sorted.at(-1)!, models: models.length }
}
