// All values of one version of a network, for a few samples: on ONNX Runtime, on the twin, or on a device.
import { concatFloats } from '../../base/bytes.ts'
import { linkTo } from '../../device/links/drivers.ts'
import { systemLinkPorts } from '../../device/links/ports.ts'
import { opOutputBytes } from '../../device/pack-shape.ts'
import { openSession } from '../../device/session.ts'
import { openTwin } from '../../device/twin.ts'
import { openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import { isFloat } from '../../ir/dtype.ts'
import type { Graph } from '../../ir/graph.ts'
import type { TracedValue } from '../../search/divergence.ts'
import type { Plan } from '../../targets/plan.ts'
import { quantizeSample } from '../run/port-codec.ts'
import type { Host } from '../run/prepare.ts'

export async function traceOnHost(graph: Graph, samples: Samples, signal: AbortSignal): Promise<TracedValue[]> {
  const made = graph.nodes.flatMap((node) =>
    node.outputs
      .filter((name) => name !== '' && isFloat(graph.values.get(name)?.dtype ?? 'f32'))
      .map((name) => ({ name, op: node.op })),
  )
  await using host = await openHostModel(graph, { extraOutputs: made.map(({ name }) => name) })
  const parts = new Map<string, { readonly pieces: Float32Array[]; readonly shape: readonly number[] }>()
  for await (const { outputs } of host.runBatches(samples, { batchSize: 16, signal }))
    for (const { name } of made) {
      const { data, shape } = outputs[name]!
      const held = parts.get(name) ?? { pieces: [], shape }
      held.pieces.push(data)
      parts.set(name, held)
    }
  return made.map(({ name, op }) => {
    const { pieces, shape } = parts.get(name)!
    return { name, op, shape: shape.slice(1), layout: 'channels-first', data: concatFloats(pieces) }
  })
}

interface PackRun {
  readonly plan: Plan
  readonly pack: Uint8Array
  readonly samples: Samples
}

/** On the twin: the value of every operator. */
export async function traceOnTwin({ plan, pack, samples }: PackRun, signal: AbortSignal): Promise<TracedValue[]> {
  using twin = await openTwin(pack)
  return await traced(plan, samples, async (inputs) => {
    signal.throwIfAborted()
    const values: Int8Array[] = []
    twin.trace(quantizeSample(twin.inputs, inputs, 0), (_, output) => values.push(output.slice()))
    return values
  })
}

/** On a device, which runs the operators up to each value again for it. */
export async function traceOnDevice(
  { plan, pack, samples }: PackRun,
  device: string,
  { clock, events }: Host,
): Promise<TracedValue[]> {
  await using session = await openSession(linkTo(device, systemLinkPorts), { clock, signal: events.signal })
  await session.deploy(pack)
  using twin = await openTwin(pack)
  return await traced(plan, samples, async (inputs) => {
    for (const [index, ints] of quantizeSample(twin.inputs, inputs, 0).entries()) await session.setInput(index, ints)
    const values: Int8Array[] = []
    for (const [op, { output }] of plan.ops.entries()) {
      const bytes = await session.inspect(op, output, 0, opOutputBytes(plan, op))
      values.push(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    }
    return values
  })
}

type Read = (inputs: Awaited<ReturnType<Samples['read']>>) => Promise<readonly Int8Array[]>

async function traced(plan: Plan, samples: Samples, read: Read): Promise<TracedValue[]> {
  const pieces = plan.ops.map((): Float32Array[] => [])
  for (let sample = 0; sample < samples.count; sample++) {
    const values = await read(await samples.read(sample, 1))
    for (const [op, { output }] of plan.ops.entries()) {
      const { scale, zeroPoint } = plan.tensors[output]!
      pieces[op]!.push(Float32Array.from(values[op]!, (q) => (q - zeroPoint) * scale))
    }
  }
  return plan.ops.map(({ op, output }, i) => {
    const { name, shape } = plan.tensors[output]!
    const layout = shape.length >= 3 ? 'channels-last' : 'channels-first'
    return { name, op, shape: shape.slice(1), layout, data: concatFloats(pieces[i]!) }
  })
}
