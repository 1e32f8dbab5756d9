// All samples through one implementation of a model: ONNX Runtime or the twin. Outputs are kept as real numbers, one row a
// sample.
import { createHash } from 'node:crypto'
import { argmax } from '../../data/metrics.ts'
import type { Twin } from '../../device/twin.ts'
import { openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import type { Graph } from '../../ir/graph.ts'
import type { RunPredictions } from '../../store/runs.ts'
import type { LoadedData } from './load.ts'
import { dequantizeInto, quantizeSample } from './port-codec.ts'

export interface Rows {
  /** Elements of one sample's output. */
  readonly width: number
  /** count x width */
  readonly data: Float32Array
  readonly count: number
}

export interface Walk {
  readonly signal: AbortSignal
  progress(done: number, total: number): void
}

/** The first output of the graph on the host, for every sample. */
export async function hostRows(
  graph: Graph,
  samples: Samples,
  quantization: 'fake' | 'drop',
  walk: Walk,
): Promise<Rows> {
  await using model = await openHostModel(graph, { quantization })
  const output = graph.outputs[0]!
  let rows: Rows = { width: 0, data: new Float32Array(0), count: samples.count }
  for await (const batch of model.runBatches(samples, {
    batchSize: 64,
    signal: walk.signal,
    progress: walk.progress,
  })) {
    const { data } = batch.outputs[output]!
    if (rows.width === 0) {
      const width = data.length / batch.count
      rows = { ...rows, width, data: new Float32Array(width * samples.count) }
    }
    rows.data.set(data, batch.from * rows.width)
  }
  return rows
}

const batchSize = 64

export interface TwinRows extends Rows {
  /** The integers of every output of every sample, as the twin gave them. */
  readonly raw: readonly Int8Array[][]
}

export async function twinRows(twin: Twin, samples: Samples, walk: Walk): Promise<TwinRows> {
  const width = twin.outputs[0]!.bytes
  const data = new Float32Array(width * samples.count)
  const raw: Int8Array[][] = []
  for (let from = 0; from < samples.count; from += batchSize) {
    walk.signal.throwIfAborted()
    const count = Math.min(batchSize, samples.count - from)
    const inputs = await samples.read(from, count)
    for (let i = 0; i < count; i++) {
      const outputs = twin.run(quantizeSample(twin.inputs, inputs, i))
      dequantizeInto(data, (from + i) * width, outputs[0]!, twin.outputs[0]!)
      raw.push(outputs)
    }
    walk.progress(from + count, samples.count)
  }
  return { width, data, count: samples.count, raw }
}

export function firstRows(rows: Rows, count: number): Rows {
  return { width: rows.width, count, data: rows.data.subarray(0, count * rows.width) }
}

/** The class that each of them gives every sample; null where outputs are no scores of classes. */
export function predictionsOf(
  { indices, labels, targets }: Pick<LoadedData, 'indices' | 'labels' | 'targets'>,
  twin: Rows,
  original: Rows,
): RunPredictions | null {
  if (twin.width < 2 || original.width !== twin.width || targets) return null
  return {
    indices: Array.from(indices),
    labels: labels && Array.from(labels),
    twin: winners(twin),
    original: winners(original),
  }
}

const winners = ({ data, width, count }: Rows) =>
  Array.from({ length: count }, (_, i) => argmax(data, i * width, width))

/** SHA-256: names everything that the twin gave. */
export function outputsSha256({ raw }: Pick<TwinRows, 'raw'>): string {
  const hash = createHash('sha256')
  for (const outputs of raw) for (const output of outputs) hash.update(output)
  return hash.digest('hex')
}
