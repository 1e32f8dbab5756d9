// Mean of each channel of a value over the calibration samples.
import { AppError } from '../../base/errors.ts'
import { say } from '../../base/note.ts'
import type { Graph } from '../../ir/graph.ts'
import { removeDead } from '../../ir/rewrite.ts'
import type { PassContext } from '../pass.ts'

export async function outputMeans(graph: Graph, value: string, context: PassContext): Promise<number[]> {
  const samples = context.calibration
  if (!samples?.count) throw new AppError('recipe.noCalibration', { pass: say`mean outputs` })
  await using host = await context.engine.open(removeDead({ ...graph, outputs: [value] }))
  let sums: Float64Array | null = null
  let count = 0
  for await (const { outputs } of host.runBatches(samples, { batchSize: 64, signal: context.signal })) {
    const { data, shape } = outputs[value]!
    const channels = shape[1]!
    const inner = data.length / (shape[0]! * channels)
    sums ??= new Float64Array(channels)
    for (let i = 0; i < data.length; i++) sums[Math.floor(i / inner) % channels]! += data[i]!
    count += data.length / channels
  }
  return Array.from(sums ?? [], (sum) => sum / Math.max(1, count))
}
