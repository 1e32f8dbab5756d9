// Samples through a host model, a batch at a time.
import { AppError } from '../base/errors.ts'
import type { Value } from '../ir/graph.ts'
import type { Batch, BatchOptions, HostModel } from './host-model.ts'
import { type HostInput, type HostInputs, type HostOutputs, rowSize, rowsOf, type Samples } from './samples.ts'

const defaultBatchSize = 32

export async function* readBatches(model: HostModel, samples: Samples, options: BatchOptions): AsyncGenerator<Batch> {
  const fixed = fixedBatch(model.inputs)
  let batchSize = fixed ?? options.batchSize ?? defaultBatchSize
  for (let from = 0; from < samples.count; from += batchSize) {
    options.signal?.throwIfAborted()
    const count = Math.min(batchSize, samples.count - from)
    const inputs = fitInputs(model.inputs, await samples.read(from, count))
    let outputs: HostOutputs
    try {
      outputs = await model.run(fixed ? padRows(inputs, fixed) : inputs)
    } catch (error) {
      // A batch that is left open in name only: constants inside (a Reshape to [1, ...]) allow one sample at a time.
      if (fixed || from > 0 || count === 1 || !(error instanceof AppError)) throw error
      batchSize = 1
      from -= batchSize
      continue
    }
    options.progress?.(from + count, samples.count)
    yield { from, count, inputs, outputs: fixed ? cutRows(outputs, fixed, count) : outputs }
  }
}

/** The number of samples every run must have, or null when the first dimension is free. */
export function fixedBatch(inputs: readonly Value[]): number | null {
  const sizes = inputs.map((input) => input.shape?.[0]).filter((dim) => typeof dim === 'number')
  return sizes.length > 0 && sizes.every((size) => size === sizes[0]) ? sizes[0]! : null
}

/** Gives each input the rank the graph declares, provided that the elements of one sample fit. */
function fitInputs(declared: readonly Value[], inputs: HostInputs): HostInputs {
  return Object.fromEntries(
    declared.flatMap((value) => {
      const input = inputs[value.name]
      return input ? [[value.name, fitInput(value, input)]] : []
    }),
  )
}

function fitInput(value: Value, input: HostInput): HostInput {
  const dims = value.shape?.slice(1)
  if (!dims?.every((dim) => typeof dim === 'number')) return input
  const expected = dims.reduce((product, dim) => product * dim, 1)
  if (rowSize(input) !== expected)
    throw new AppError('data.shape', { found: input.shape.slice(1).join(' x '), expected: dims.join(' x ') })
  return { data: input.data, shape: [input.shape[0] ?? 1, ...dims] }
}

/** Repeats the last sample until the batch is full. */
function padRows(inputs: HostInputs, batch: number): HostInputs {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, padInput(input, batch)]))
}

function padInput(input: HostInput, batch: number): HostInput {
  const count = input.shape[0] ?? batch
  if (count === batch) return input
  const row = rowSize(input)
  const data = input.data.slice(0)
  const padded = new (data.constructor as Float32ArrayConstructor)(batch * row)
  padded.set(data as Float32Array)
  for (let i = count; i < batch; i++) padded.set(data.subarray((count - 1) * row) as Float32Array, i * row)
  return { data: padded, shape: [batch, ...input.shape.slice(1)] }
}

function cutRows(outputs: HostOutputs, batch: number, count: number): HostOutputs {
  if (count === batch) return outputs
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [
      name,
      output.shape[0] === batch ? rowsOf(output, 0, count) : output,
    ]),
  )
}
