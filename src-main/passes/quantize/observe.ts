// Calibration: the float graph runs over the samples twice, once for the extremes of the observed values and once for
// their histograms. Memory holds one batch.
import { concatFloats } from '../../base/bytes.ts'
import { Bug } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Batch, HostModel } from '../../engine/host-model.ts'
import { isFloat } from '../../ir/dtype.ts'
import type { Graph } from '../../ir/graph.ts'
import type { CalibrationData, PassContext } from '../pass.ts'
import type { Range } from './grid.ts'
import { Extremes, Histogram } from './histogram.ts'
import type { GridGroup } from './sharing.ts'

/** What calibration saw of one group. */
export interface Observation {
  readonly group: GridGroup
  readonly extremes: Extremes
  readonly histogram: Histogram
  /** Range of the first half of the samples; null when all came in one batch. */
  readonly firstHalf: Range | null
}

export interface Calibration {
  readonly observations: readonly Observation[]
  /** Outputs of the float graph for all samples, by name. */
  readonly outputs: ReadonlyMap<string, Float32Array>
}

/** Activations of one batch stay below this. */
const batchBytes = 64 * 2 ** 20
const largestBatch = 64

export async function calibrate(
  graph: Graph,
  groups: readonly GridGroup[],
  samples: CalibrationData,
  context: PassContext,
): Promise<Calibration> {
  const names = groups.flatMap((group) => group.observed)
  const extraOutputs = names.filter((name) => !graph.inputs.includes(name))
  await using host = await context.engine.open(graph, { extraOutputs })
  const batchSize = calibrationBatch(graph, names)
  const extremes = groups.map((group) => extremesOf(group))
  const parts = new Map<string, Float32Array[]>(floatOutputs(graph).map((name) => [name, []]))
  let halves: Range[] | null = null
  for await (const batch of sweep(host, samples, batchSize, context, 0)) {
    if (batch.from >= samples.count / 2) halves ??= extremes.map(({ low, high }) => ({ low, high }))
    see(groups, batch, extremes)
    for (const [name, list] of parts) list.push(batch.outputs[name]!.data)
  }
  const histograms = extremes.map((range) => new Histogram(range))
  for await (const batch of sweep(host, samples, batchSize, context, sweepShare)) see(groups, batch, histograms)
  return {
    observations: groups.map((group, i) => ({
      group,
      extremes: extremes[i]!,
      histogram: histograms[i]!,
      firstHalf: halves?.[i] ?? null,
    })),
    outputs: new Map([...parts].map(([name, list]) => [name, concatFloats(list)])),
  }
}

function extremesOf(group: GridGroup): Extremes {
  if (!group.fixed && group.observed.length === 0)
    throw new Bug(`nothing decides the range of ${group.members.join(', ')}`)
  const extremes = new Extremes()
  for (const constant of group.constants) extremes.include(constant)
  return extremes
}

/** Samples in one run, so that the observed activations fit. */
export function calibrationBatch(graph: Graph, names: readonly string[]): number {
  const perSample = names.reduce((sum, name) => {
    const dims = graph.values.get(name)?.shape ?? []
    return sum + dims.slice(1).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 4)
  }, 0)
  return Math.max(1, Math.min(largestBatch, Math.floor(batchBytes / Math.max(1, perSample))))
}

/** Share of the pass's time that one sweep is shown as. */
const sweepShare = 0.15

/** One pass over the samples. @param start progress at its beginning */
function sweep(host: HostModel, samples: CalibrationData, batchSize: number, context: PassContext, start: number) {
  const progress = (done: number, total: number) =>
    context.progress(start + (sweepShare * done) / total, say`calibration, ${done} of ${total} samples`)
  return host.runBatches(samples, { batchSize, signal: context.signal, progress })
}

/** Shows every group's statistic what its observed values were in a batch. */
function see(
  groups: readonly GridGroup[],
  { inputs, outputs }: Batch,
  statistics: readonly { add(data: Float32Array): void }[],
) {
  for (const [i, { observed }] of groups.entries())
    for (const name of observed) {
      const data = outputs[name]?.data ?? inputs[name]?.data
      if (data) statistics[i]!.add(data instanceof Float32Array ? data : Float32Array.from(data, Number))
    }
}

export const floatOutputs = (graph: Graph) =>
  graph.outputs.filter((name) => isFloat(graph.values.get(name)?.dtype ?? 'f32'))
