// Whether a classifier has come to give every sample the same class.
import { say } from '../base/note.ts'
import type { Graph } from '../ir/graph.ts'
import type { PassContext } from './pass.ts'
import { firstSamples } from './samples.ts'

const checkedSamples = 64

/** Warns when the classes that `before` tells apart over a few calibration samples have become one. */
export async function warnOfOneClass(before: Graph, after: Graph, context: PassContext) {
  if (!context.calibration || context.calibration.count < 2) return
  const samples = firstSamples(context.calibration, checkedSamples)
  const found = await oneClassOutputs(after, samples, context)
  if (found.length === 0) return
  const always = new Set(await oneClassOutputs(before, samples, context))
  for (const name of found)
    if (!always.has(name))
      context.warn(
        say`every one of ${samples.count} samples gets the same class at ${name} after this step, and did not before`,
      )
}

async function oneClassOutputs(
  graph: Graph,
  samples: ReturnType<typeof firstSamples>,
  context: PassContext,
): Promise<string[]> {
  await using host = await context.engine.open(graph)
  const parts = new Map<string, number[]>()
  for await (const { outputs } of host.runBatches(samples, { batchSize: checkedSamples, signal: context.signal }))
    for (const name of graph.outputs) parts.set(name, [...(parts.get(name) ?? []), ...(outputs[name]?.data ?? [])])
  return [...parts].flatMap(([name, data]) => (isOneClass(graph, name, data, samples.count) ? [name] : []))
}

/** For outputs of the form [samples, classes]. */
export function isOneClass(graph: Graph, name: string, data: ArrayLike<number>, samples: number): boolean {
  const shape = graph.values.get(name)?.shape
  const classes = data.length / samples
  if (shape?.length !== 2 || !Number.isInteger(classes) || classes < 2 || samples < 2) return false
  const winner = (sample: number) => {
    let best = 0
    for (let c = 1; c < classes; c++) if (data[sample * classes + c]! > data[sample * classes + best]!) best = c
    return best
  }
  const first = winner(0)
  for (let sample = 1; sample < samples; sample++) if (winner(sample) !== first) return false
  return true
}
