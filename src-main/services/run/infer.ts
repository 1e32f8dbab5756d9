// Raw outputs of every sample by tensor name, as the device (or ONNX Runtime) gave them.
import type { Clock } from '../../base/clock.ts'
import { say } from '../../base/note.ts'
import { linkTo } from '../../device/links/drivers.ts'
import { systemLinkPorts } from '../../device/links/ports.ts'
import { openSession } from '../../device/session.ts'
import { openTwin } from '../../device/twin.ts'
import { openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import type { Graph } from '../../ir/graph.ts'
import type { OpenedPack } from '../packs.ts'
import { quantizeSample } from './port-codec.ts'
import type { RunEvents } from './run-input.ts'

export interface NamedOutput {
  /** Samples first. */
  readonly shape: readonly number[]
  readonly data: Float32Array | Int8Array
}
export type NamedOutputs = Readonly<Record<string, NamedOutput>>

const batchSize = 64

export async function hostOutputs(graph: Graph, samples: Samples, events: RunEvents): Promise<NamedOutputs> {
  await using model = await openHostModel(graph)
  const collected = new Map<string, { shape: number[]; data: Float32Array }>()
  const progress = (done: number, total: number) =>
    events.progress('original', done / total, say`${done} of ${total} samples`)
  for await (const batch of model.runBatches(samples, { batchSize, signal: events.signal, progress })) {
    for (const [name, { data, shape }] of Object.entries(batch.outputs)) {
      const width = data.length / batch.count
      const held = collected.get(name) ?? {
        shape: [samples.count, ...shape.slice(1)],
        data: new Float32Array(samples.count * width),
      }
      held.data.set(data, batch.from * width)
      collected.set(name, held)
    }
  }
  return Object.fromEntries(collected)
}

export interface PackJob {
  readonly opened: OpenedPack
  readonly device: string
  readonly samples: Samples
  readonly clock: Clock
}

/** Every sample on the device itself, through the protocol. */
export async function packOutputs(job: PackJob, events: RunEvents): Promise<NamedOutputs> {
  const { opened, samples } = job
  using twin = await openTwin(opened.pack)
  await using session = await openSession(linkTo(job.device, systemLinkPorts), {
    clock: job.clock,
    signal: events.signal,
  })
  await session.deploy(opened.pack)
  const outputs = twin.outputs.map((port) => new Int8Array(port.bytes * samples.count))
  for (let i = 0; i < samples.count; i++) {
    const given = await session.infer(quantizeSample(twin.inputs, await samples.read(i, 1), 0))
    for (const [k, output] of outputs.entries()) output.set(given[k]!, i * twin.outputs[k]!.bytes)
    events.progress('validate', (i + 1) / samples.count, say`sample ${i + 1} of ${samples.count}`)
  }
  return Object.fromEntries(
    twin.outputs.map((port, k) => [port.name, { shape: [samples.count, ...port.shape.slice(1)], data: outputs[k]! }]),
  )
}
