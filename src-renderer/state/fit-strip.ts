// What a recipe would need of the device, held against the budgets, before it runs: flash from the estimate of the recipe,
// RAM and latency from the model as an int8 pack, as far as the steps leave those as they are.
import type { Deployability } from '../../src-main/contract/model.ts'
import type { RecipeEstimate } from '../../src-main/contract/recipe.ts'
import type { Budgets, EncodingGoal, FigureKind } from '../../src-main/contract/report.ts'

export type FitBudget = 'flashBytes' | 'ramBytes' | 'latencyMs'

/** about: as near as the estimate is. atLeast, atMost: something that is not counted adds to it, or takes away. */
export type FitBound = 'about' | 'atLeast' | 'atMost'

export interface FitRow {
  readonly budget: FitBudget
  /** null: it cannot be estimated honestly. */
  readonly value: number | null
  readonly bound: FitBound
  readonly kind: FigureKind
  /** Of the project, or what the device has where that is less; null: none. */
  readonly limit: number | null
  /** null: the bound leaves it open. */
  readonly over: boolean | null
  /** Of the value, what is firmware; flash only. */
  readonly codeBytes: number
}

export interface FitQuestion {
  /** null while it is not known. */
  readonly estimate: RecipeEstimate | null
  /** The model as an int8 pack on the project's device; null: not known. */
  readonly device: Deployability | null
  readonly passes: readonly string[]
  readonly encoding: EncodingGoal
  readonly budgets: Budgets
}

/** What changes sizes of activations and numbers of multiplications, and how the need for RAM and time goes. */
const reshaping: Readonly<Record<string, 'less' | 'unknown'>> = { 'prune-channels': 'less', factorize: 'unknown' }

export function fitRows(question: FitQuestion): FitRow[] {
  const { device, passes, budgets } = question
  const isInteger = passes.includes('quantize-int8')
  const flash = isInteger ? flashOf(question) : null
  const limitOf = (budget: FitBudget, available: number | null | undefined) => {
    const limits = [budgets[budget], available].filter((each) => each !== undefined && each !== null)
    return limits.length === 0 ? null : Math.min(...limits)
  }
  const changes = passes.map((pass) => reshaping[pass]).filter((each) => each !== undefined)
  const isKnown = isInteger && !changes.includes('unknown')
  const bound = changes.includes('less') ? 'atMost' : flash?.isCoded ? 'atLeast' : 'about'
  // Fewer channels and decoding pull apart.
  const isOpen = changes.includes('less') && flash?.isCoded === true
  const ram = isKnown && !isOpen ? ramOf(question, flash?.packBytes ?? 0) : null
  const latency = isKnown && !isOpen ? (device?.latencyMs ?? null) : null
  const codeBytes = device?.flash?.codeBytes ?? 0
  return [
    row('flashBytes', flash?.bytes ?? null, 'about', limitOf('flashBytes', device?.flash?.availableBytes), codeBytes),
    row('ramBytes', ram, bound, limitOf('ramBytes', device?.ram?.availableBytes)),
    {
      ...row('latencyMs', latency, bound, budgets.latencyMs ?? null),
      kind: bound === 'about' ? (device?.latencyKind ?? 'estimated') : 'estimated',
    },
  ]
}

function row(budget: FitBudget, value: number | null, bound: FitBound, limit: number | null, codeBytes = 0): FitRow {
  const isOver = value === null || limit === null ? null : value > limit
  const isSettled = bound === 'about' || (bound === 'atLeast' ? isOver === true : isOver === false)
  return { budget, value, bound, kind: 'estimated', limit, over: isSettled ? isOver : null, codeBytes }
}

const isPackInRam = ({ ram }: Deployability) => (ram?.packBytes ?? 0) > 0

/** As the goal for the weights has it: coded always, never, or only when plain ones do not fit. */
function flashOf({ estimate, device, encoding, budgets }: FitQuestion) {
  if (!estimate || !device?.flash) return null
  const { codeBytes, availableBytes } = device.flash
  const bytesOf = (packBytes: number) => codeBytes + (isPackInRam(device) ? 0 : packBytes)
  const plain = estimate.flashBytes - estimate.weightsBytes + estimate.plainBytes
  const room = Math.min(budgets.flashBytes ?? Number.POSITIVE_INFINITY, availableBytes ?? Number.POSITIVE_INFINITY)
  const isCoded = encoding === 'auto' ? bytesOf(plain) > room : encoding === 'smallest' || encoding === 'streamed'
  const packBytes = isCoded ? estimate.flashBytes : plain
  return { packBytes, bytes: bytesOf(packBytes), isCoded }
}

function ramOf({ device }: FitQuestion, packBytes: number): number | null {
  if (!device?.ram || device.ramBytes === null) return null
  return isPackInRam(device) ? device.ramBytes - device.ram.packBytes + packBytes : device.ramBytes
}
