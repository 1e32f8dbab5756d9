// Trials: a set of ranges becomes a fake-quantised graph, runs over the calibration samples, and is judged by what comes out.
import { concatFloats } from '../../base/bytes.ts'
import { type Note, say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import type { CalibrationData, PassContext } from '../pass.ts'
import { affineGrid, type Range } from './grid.ts'
import { type Calibration, floatOutputs, type Observation } from './observe.ts'
import { chooseRange, type RangeMethod, type RangeOptions, rangeMethods } from './ranges.ts'
import type { GridGroup } from './sharing.ts'
import {
  floatOperands,
  floatWeights,
  operandOnGrid,
  type WeightGranularity,
  weightsOnGrid,
  withGridConstants,
} from './weights.ts'

/** A range method for each observation. */
export type Methods = readonly RangeMethod[]

export interface Trials {
  /** Range of each observation by method. */
  readonly ranges: RangeTable
  /** The quantised graph with these methods. */
  build(methods: Methods): Graph
  /** Output error of that graph against float, over the first `count` samples. */
  error(methods: Methods, count: number): Promise<number>
}

export function trials(
  graph: Graph,
  calibration: Calibration,
  samples: CalibrationData,
  options: RangeOptions & { readonly weights: WeightGranularity },
  context: PassContext,
): Trials {
  const ranges = rangeTable(calibration.observations, options)
  const build = builder(graph, calibration.observations, ranges, options.weights)
  const error = async (methods: Methods, count: number) => {
    const first = { count, read: (from: number, size: number) => samples.read(from, size) }
    const outputs = await runTrial(build(methods), first, context)
    const errors = [...outputs].map(([name, data]) =>
      outputError(isSoftmax(graph, name), calibration.outputs.get(name)!, data),
    )
    return errors.reduce((sum, value) => sum + value, 0)
  }
  return { ranges, build, error }
}

/** The graph when every group's grid is given and only weights and biases have none. */
export const withGivenGrids = (graph: Graph, groups: readonly GridGroup[], granularity: WeightGranularity): Graph =>
  builder(
    graph,
    groups.map((group) => ({ group })),
    [],
    granularity,
  )(groups.map(() => 'min-max'))

/** Constants of operands do not depend on the ranges and are made once; biases do, through the scale of the input. */
function builder(
  graph: Graph,
  observations: readonly Pick<Observation, 'group'>[],
  ranges: RangeTable,
  granularity: WeightGranularity,
): Trials['build'] {
  const operands = floatOperands(graph).map((name) => operandOnGrid(graph, name))
  const weights = floatWeights(graph, granularity)
  return (methods) => {
    const values = new Map(graph.values)
    for (const [i, { group }] of observations.entries()) {
      const quant = group.fixed ?? affineGrid(ranges[i]!.get(methods[i]!)!)
      for (const name of group.members) {
        const value = values.get(name)!
        if (!value.quant) values.set(name, { ...value, dtype: 'f32', quant })
      }
    }
    const scaleOf = (name: string) => values.get(name)?.quant?.scale[0] ?? 1
    const constants = weights.flatMap((held) => weightsOnGrid(graph, held, scaleOf(held.node.inputs[0]!)))
    return withGridConstants(graph, [...operands, ...constants], values)
  }
}

type RangeTable = readonly ReadonlyMap<RangeMethod, Range>[]

function rangeTable(observations: readonly Observation[], options: RangeOptions): RangeTable {
  return observations.map(
    ({ histogram }) => new Map(rangeMethods.map((method) => [method, chooseRange(method, histogram, options)])),
  )
}

async function runTrial(
  graph: Graph,
  samples: CalibrationData,
  context: PassContext,
): Promise<Map<string, Float32Array>> {
  await using host = await context.engine.open(graph, { quantization: 'fake' })
  const names = floatOutputs(graph)
  const parts = new Map<string, Float32Array[]>(names.map((name) => [name, []]))
  for await (const batch of host.runBatches(samples, { batchSize: 64, signal: context.signal }))
    for (const name of names) parts.get(name)!.push(batch.outputs[name]!.data)
  return new Map([...parts].map(([name, list]) => [name, concatFloats(list)]))
}

const isSoftmax = (graph: Graph, output: string) =>
  graph.nodes.some((node) => node.op === 'Softmax' && node.outputs[0] === output)

/**
 * Energy of the error over energy of the float output; for probabilities the Kullback-Leibler divergence from float, per
 * probability mass. `expected` may hold more samples than were run.
 */
export function outputError(probabilities: boolean, expected: Float32Array, found: Float32Array): number {
  let [error, scale] = [0, 0]
  for (let i = 0; i < found.length; i++) {
    const [p, q] = [expected[i]!, found[i]!]
    error += probabilities ? (p > 0 ? p * Math.log(p / Math.max(q, 1 / 512)) : 0) : (p - q) ** 2
    scale += probabilities ? p : p * p
  }
  return scale > 0 ? Math.max(0, error / scale) : error
}

export interface Choice {
  readonly methods: Methods
  readonly error: number
  readonly notes: readonly Note[]
}

export interface SearchLimits {
  readonly sampleCount: number
  /** Trials for single values after the best method for all is known. */
  readonly maxTrials: number
}

/** The best method for all values, then other methods for single values where that makes the measured error smaller. */
export async function searchMethods(
  { observations }: Calibration,
  trial: Trials,
  { sampleCount, maxTrials }: SearchLimits,
  context: PassContext,
): Promise<Choice> {
  const notes: Note[] = []
  let best: Choice | null = null
  for (const [i, method] of rangeMethods.entries()) {
    const methods = observations.map(() => method)
    const found = await trial.error(methods, sampleCount)
    context.progress(0.3 + 0.05 * (i + 1), say`${method}: output error ${found.toExponential(2)}`)
    notes.push(say`${method}: output error ${found.toExponential(3)}`)
    if (!best || found < best.error) best = { methods, error: found, notes }
  }
  return refine(best!, observations, trial, { sampleCount, maxTrials }, context)
}

async function refine(
  start: Choice,
  observations: readonly Observation[],
  trial: Trials,
  { sampleCount, maxTrials }: SearchLimits,
  context: PassContext,
): Promise<Choice> {
  const candidates = singleChanges(observations, trial.ranges, start.methods).slice(0, maxTrials)
  let { methods, error: least } = start
  let kept = 0
  for (const [i, { at, method }] of candidates.entries()) {
    const changed = methods.map((own, j) => (j === at ? method : own))
    const found = await trial.error(changed, sampleCount)
    context.progress(
      0.5 + (0.5 * (i + 1)) / candidates.length,
      say`single values, trial ${i + 1} of ${candidates.length}`,
    )
    if (found >= least) continue
    ;[methods, least] = [changed, found]
    kept++
  }
  const notes = [
    ...start.notes,
    say`output error ${least.toExponential(3)} after ${candidates.length} trials, ${kept} values with a method of their own`,
  ]
  return { methods, error: least, notes }
}

interface SingleChange {
  readonly at: number
  readonly method: RangeMethod
  readonly difference: number
}

/** Changes of one value's method, the ones that change its range most first; those that change nothing are left out. */
function singleChanges(observations: readonly Observation[], ranges: RangeTable, methods: Methods): SingleChange[] {
  const changes = observations.flatMap(({ group }, at) => {
    if (group.fixed) return []
    const step = (method: RangeMethod) => affineGrid(ranges[at]!.get(method)!).scale[0]!
    const own = step(methods[at]!)
    const seen = new Set([own])
    return rangeMethods.flatMap((method) => {
      const other = step(method)
      if (seen.has(other)) return []
      seen.add(other)
      return [{ at, method, difference: Math.abs(Math.log(other / own)) }]
    })
  })
  return changes.sort((a, b) => b.difference - a.difference || a.at - b.at)
}
