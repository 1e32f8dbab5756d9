// Which parameters of a step are shown: those one sets first, those behind "More", and none that do nothing as the others
// are set. And how a step is summed up in a line.
import type { PassField, Step } from './pass-fields.ts'

/** Shown first, in this order; a pass that is not here shows all. */
const first: Readonly<Record<string, readonly string[]>> = {
  factorize: ['rank', 'energy', 'share'],
  'prune-channels': ['share', 'importance'],
  'prune-magnitude': ['sparsity', 'scope', 'layers'],
  'prune-activation': ['sparsity', 'layers'],
  'prune-nm': ['n', 'm', 'layers'],
  'prune-obs': ['sparsity', 'allocation', 'layers'],
  'share-weights': ['k', 'scope', 'layers'],
  'quantize-weights': ['bits', 'method', 'granularity', 'groupSize', 'ends', 'layers'],
  'reconstruct-blocks': ['bits', 'granularity', 'groupSize', 'ends', 'steps', 'layers'],
  'quantize-int8': ['method', 'weights'],
}

/** What sums a step up. */
const key: Readonly<Record<string, readonly string[]>> = {
  'constant-batch': ['size'],
  factorize: ['energy', 'share'],
  'prune-channels': ['share'],
  'prune-magnitude': ['sparsity'],
  'prune-activation': ['sparsity'],
  'prune-nm': ['n', 'm'],
  'prune-obs': ['sparsity'],
  'share-weights': ['k'],
  equalize: ['clip'],
  'quantize-weights': ['bits', 'granularity', 'method'],
  'reconstruct-blocks': ['bits', 'granularity'],
  'bias-correct': ['method'],
  'quantize-int8': ['method'],
  'convert-floats': ['type'],
}

type Value = (name: string) => unknown
type Condition = (value: Value) => boolean
const is =
  (name: string, ...values: readonly unknown[]): Condition =>
  (value) =>
    values.includes(value(name))

const fewBits: Readonly<Record<string, Condition>> = {
  groupSize: is('granularity', 'group'),
  groupScales: is('granularity', 'group'),
  power: is('range', 'lp'),
  damping: is('method', 'gptq'),
  blockSize: is('method', 'gptq'),
  iterations: is('method', 'adaround'),
}
/** Rounding to the nearest asks no samples. */
const rounds = is('method', 'gptq', 'adaround')
const needsSecondOrder: Condition = (value) => value('compensate') === true || value('weighting') === 'hessian'

/** When a parameter does something; one that is not here always does. */
const conditions: Readonly<Record<string, Readonly<Record<string, Condition>>>> = {
  factorize: { energy: is('rank', 'energy'), share: is('rank', 'share'), positionsPerSample: is('activations', true) },
  'prune-nm': { damping: is('score', 'second-order'), positionsPerSample: is('score', 'activation', 'second-order') },
  'share-weights': {
    damping: needsSecondOrder,
    positionsPerSample: (value) => needsSecondOrder(value) || value('weighting') === 'activation',
  },
  'quantize-weights': { ...fewBits, correctInputs: rounds, sweeps: rounds, samples: rounds, positions: rounds },
  'reconstruct-blocks': { ...fewBits, scaleRate: is('scales', true), biasRate: is('biases', true) },
  'bias-correct': { samples: is('method', 'empirical') },
  'quantize-int8': {
    percentile: is('method', 'auto', 'percentile'),
    maxTrials: is('method', 'auto'),
    trialSamples: is('method', 'auto'),
  },
}

const valuesOf =
  ({ params }: Step, fields: readonly PassField[]): Value =>
  (name) =>
    name in params ? params[name] : fields.find((field) => field.name === name)?.initial

export function isChanged(step: Step, { name, initial }: PassField): boolean {
  return name in step.params && JSON.stringify(step.params[name]) !== JSON.stringify(initial)
}

export function shownFields(step: Step, fields: readonly PassField[]): { first: PassField[]; more: PassField[] } {
  const value = valuesOf(step, fields)
  const useful = fields.filter((field) => conditions[step.pass]?.[field.name]?.(value) ?? true)
  const order = first[step.pass]
  if (!order) return { first: useful, more: [] }
  const isFirst = (field: PassField) => order.includes(field.name)
  const ordered = useful.filter(isFirst).toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  return { first: ordered, more: useful.filter((field) => !isFirst(field)) }
}

export interface SummaryPart {
  readonly field: PassField
  readonly value: unknown
}

/** The parameters that make the step what it is, and whatever else is not as the pass takes it by itself. */
export function summaryParts(step: Step, fields: readonly PassField[]): SummaryPart[] {
  const value = valuesOf(step, fields)
  const does = ({ name }: PassField) => conditions[step.pass]?.[name]?.(value) ?? true
  const names = key[step.pass] ?? []
  const keyed = names.flatMap((name) => fields.filter((field) => field.name === name && does(field)))
  const others = fields.filter((field) => !names.includes(field.name) && isChanged(step, field) && does(field))
  return [...keyed, ...others].map((field) => ({ field, value: value(field.name) }))
}
