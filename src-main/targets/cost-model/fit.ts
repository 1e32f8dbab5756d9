// From profiles to costs: one non-negative least squares problem a kernel, in relative errors, so that small operators count
// as much as large ones. How well it does on models it has not seen is found by leaving each of them out.
import type { FitError, OperatorSample } from './cost-model.ts'
import { countOf } from './cost-model.ts'
import { nonNegativeLeastSquares } from './least-squares.ts'

export type KernelCosts = Readonly<Record<string, Readonly<Record<string, number>>>>

/** All operators of one plan that ran, and one inference of it as a whole. */
export interface PlanProfile {
  readonly name: string
  /** Profiles of one family have the same operators: the same model elsewhere, or one of the same architecture. */
  readonly family: string
  /** Of a network that somebody uses, not one made up for the fit. */
  readonly isModel: boolean
  readonly operators: readonly OperatorSample[]
  /** One inference, in the same unit. */
  readonly inference: number
}

export function fitKernels(samples: readonly OperatorSample[]): KernelCosts {
  const kernels = [...new Set(samples.map(({ kernel }) => kernel))].sort()
  return Object.fromEntries(
    kernels.map((kernel) => [kernel, fitKernel(samples.filter((each) => each.kernel === kernel))]),
  )
}

function fitKernel(samples: readonly OperatorSample[]): Record<string, number> {
  const used = samples.filter(({ cycles }) => cycles > 0)
  const names = [...new Set(used.flatMap(({ features }) => Object.keys(features)))]
  const rows = used.map(({ features, cycles }) => names.map((name) => (features[name] ?? 0) / cycles))
  const costs = nonNegativeLeastSquares(
    rows,
    used.map(() => 1),
  )
  return Object.fromEntries(names.flatMap((name, i) => (costs[i]! > 0 ? [[name, digits(costs[i]!)]] : [])))
}

const digits = (value: number) => Number(value.toPrecision(5))

/** What an inference takes besides its operators: a fixed part, and one for each operator. */
export function fitOverhead(profiles: readonly PlanProfile[]): { perInference: number; perOperator: number } {
  const own = profiles.map(({ inference, operators }) => Math.max(0, inference - total(operators)))
  const rows = profiles.map(({ operators }) => [1, operators.length])
  const [perInference = 0, perOperator = 0] = nonNegativeLeastSquares(rows, own)
  return { perInference: digits(perInference), perOperator: digits(perOperator) }
}

const total = (operators: readonly OperatorSample[]) => operators.reduce((sum, { cycles }) => sum + cycles, 0)

/** Each model estimated by a fit of everything outside its family. */
export function leaveOneModelOut(profiles: readonly PlanProfile[]): FitError {
  const ofOperators: number[] = []
  // On a second board of the class a model says the same again.
  const models = profiles
    .filter(({ isModel, name }, i) => isModel && profiles.findIndex((other) => other.name === name) === i)
    .map((left) => {
      const others = profiles.filter(({ family }) => family !== left.family)
      const kernels = fitKernels(others.flatMap(({ operators }) => operators))
      const { perInference, perOperator } = fitOverhead(others)
      const estimates = left.operators.map(({ kernel, features }) => countOf(kernels, kernel, features))
      left.operators.forEach(({ cycles }, i) => {
        if (cycles > 0) ofOperators.push(percentOff(estimates[i]!, cycles))
      })
      const estimated = estimates.reduce((sum, each) => sum + each, perInference + perOperator * estimates.length)
      return { model: left.name, counted: left.inference, estimated: Math.round(estimated) }
    })
  const errors = models.map(({ counted, estimated }) => percentOff(estimated, counted))
  return {
    medianPercent: digits(median(errors)),
    worstPercent: digits(Math.max(0, ...errors)),
    operatorMedianPercent: digits(median(ofOperators)),
    models,
  }
}

const percentOff = (estimated: number, counted: number) => (100 * Math.abs(estimated - counted)) / counted

function median(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
