// How the values inside a network are distributed over samples: the model in ONNX Runtime, and the pack of a run on the twin,
// value by value over the same samples. Two sweeps: the first finds the extremes, the second counts.
import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { sha256 } from '../../base/hash.ts'
import type { Activation, Activations } from '../../contract/activations.ts'
import { runId } from '../../contract/ids.ts'
import { openTwin } from '../../device/twin.ts'
import { type Batch, openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import { readShoe } from '../../formats/shoe/index.ts'
import { isFloat } from '../../ir/dtype.ts'
import type { Graph } from '../../ir/graph.ts'
import { Extremes } from '../../passes/quantize/histogram.ts'
import { calibrationBatch } from '../../passes/quantize/observe.ts'
import { align } from '../../search/divergence.ts'
import { ErrorSum } from '../../search/measures.ts'
import type { Plan, PlanTensor } from '../../targets/plan.ts'
import { chooseSamples, type InputPort, loadData, loadModel, portsOfGraph, portsOfPlan } from '../run/load.ts'
import { dequantizeInto, quantizeSample } from '../run/port-codec.ts'
import type { Host } from '../run/prepare.ts'
import type { DataInput, ModelInput } from '../run/run-input.ts'
import { DistributionSum } from '../tensor-histogram.ts'
import { arrangedLike, type Order, orderLike } from './arrangement.ts'

export interface ActivationsInput {
  readonly task: 'activations'
  readonly model: ModelInput
  readonly data: DataInput & { readonly sha256: string }
  readonly pack: { readonly path: string; readonly run: string; readonly recipe: string } | null
  readonly samples: number
  readonly seed: number
}

const bins = 64

export async function executeActivations(input: ActivationsInput, { clock, events }: Host): Promise<Activations> {
  const startMs = clock.monotonicMs()
  const model = await loadModel(input.model.path)
  const values = observedValues(model.graph)
  const extraOutputs = values.flatMap(({ name, node }) => (node === null ? [] : [name]))
  await using host = await openHostModel(model.graph, { extraOutputs })
  const samples = await samplesFor(input, portsOfGraph(model.graph))
  const batchSize = calibrationBatch(model.graph, extraOutputs)
  const sweep = (from: number, to: number) =>
    host.runBatches(samples, {
      batchSize,
      signal: events.signal,
      progress: (done, total) => events.progress('analyze', from + ((to - from) * done) / total, `${done} / ${total}`),
    })
  const seen = new Map(values.map((value) => [value.name, new Seen(value)]))
  for await (const batch of sweep(0, 0.3)) for (const each of seen.values()) each.measure(batch)
  const pack = input.pack && new Uint8Array(await readFile(input.pack.path))
  const packed = pack && (await openPacked(pack, [...seen.values()], input))
  for (const each of seen.values()) each.begin()
  for await (const batch of sweep(0.3, 1)) {
    for (const each of seen.values()) each.count(batch)
    await packed?.count(batch, events.signal)
  }
  const found = [...seen.values()].filter(({ elements }) => elements > 0)
  return {
    schemaVersion: 1,
    createdAt: new Date(clock.nowMs()).toISOString(),
    model: { name: input.model.name, sha256: model.sha256 },
    data: { name: input.data.name, sha256: input.data.sha256, samples: samples.count },
    seed: input.seed,
    pack: input.pack && pack && { run: runId.parse(input.pack.run), sha256: sha256(pack), recipe: input.pack.recipe },
    tensors: found.map((each) => each.activation(input.pack ? partOf(model.graph, each.name, seen) : null)),
    durationMs: Math.round(clock.monotonicMs() - startMs),
  }
}

async function samplesFor({ data, samples, seed }: ActivationsInput, ports: readonly InputPort[]): Promise<Samples> {
  const loaded = await loadData(data, ports, 'test')
  return chooseSamples(loaded, samples, seed, ports).samples
}

interface ObservedValue {
  readonly name: string
  readonly op: string
  readonly node: string | null
}

/** Inputs of the model, and every number that a node gives. */
function observedValues(graph: Graph): ObservedValue[] {
  const isNumber = (name: string) => name !== '' && isFloat(graph.values.get(name)?.dtype ?? 'f32')
  return [
    ...graph.inputs.filter(isNumber).map((name) => ({ name, op: 'Input', node: null })),
    ...graph.nodes.flatMap(({ name: node, op, outputs }) =>
      outputs.filter(isNumber).map((name) => ({ name, op, node })),
    ),
  ]
}

/** A value of the pack beside the model's. */
class Packed {
  readonly tensor: PlanTensor
  readonly alignedBy: 'name' | 'position'
  readonly gridLow: number
  readonly gridHigh: number
  readonly error = new ErrorSum()
  clipped = 0
  order: Order | null = null
  counts = new DistributionSum(0, 0, bins)

  constructor(tensor: PlanTensor, alignedBy: 'name' | 'position') {
    const { scale, zeroPoint } = tensor
    this.tensor = tensor
    this.alignedBy = alignedBy
    this.gridLow = (-128 - zeroPoint) * scale
    this.gridHigh = (127 - zeroPoint) * scale
  }

  /** @param reference the model's values of the same sample; `shape` is theirs */
  add(ints: Int8Array, reference: Float32Array, shape: readonly number[]) {
    const reals = new Float32Array(ints.length)
    dequantizeInto(reals, 0, ints, this.tensor)
    this.order ??= orderLike(reals, this.tensor.shape, reference, shape)
    const values = arrangedLike(reals, this.order, shape)
    this.counts.add(values)
    this.error.add(values, reference)
    const [low, high] = [this.gridLow - this.tensor.scale / 2, this.gridHigh + this.tensor.scale / 2]
    for (const value of reference) if (value < low || value > high) this.clipped++
  }
}

/** One value of the model over all samples. */
class Seen {
  readonly name: string
  readonly op: string
  readonly #node: string | null
  readonly #extremes = new Extremes()
  /** Of one sample. */
  shape: readonly number[] = []
  packed: Packed | null = null
  #counts = new DistributionSum(0, 0, bins)

  constructor({ name, op, node }: ObservedValue) {
    this.name = name
    this.op = op
    this.#node = node
  }

  get elements() {
    return this.#extremes.count
  }
  /** As alignment takes it: elements of one sample. */
  get data() {
    return { length: this.shape.reduce((product, size) => product * size, 1) }
  }

  measure(batch: Batch) {
    const { data, shape } = this.#of(batch)
    this.shape = shape.slice(1)
    this.#extremes.add(data)
  }

  begin() {
    const { smallest, largest } = this.#extremes
    const { gridLow = smallest, gridHigh = largest } = this.packed ?? {}
    const [low, high] = [Math.min(smallest, gridLow), Math.max(largest, gridHigh)]
    this.#counts = new DistributionSum(low, high, bins)
    if (this.packed) this.packed.counts = new DistributionSum(low, high, bins)
  }

  count(batch: Batch) {
    this.#counts.add(this.#of(batch).data)
  }

  sample(batch: Batch, index: number): Float32Array {
    const { length } = this.data
    return this.#of(batch).data.subarray(index * length, (index + 1) * length)
  }

  /** @param partOf said where the pack has no such value */
  activation(partOf: string | null): Activation {
    const before = this.#counts.distribution()
    const { low, high } = this.#counts
    const { packed } = this
    return {
      ...{ tensor: this.name, node: this.#node, op: this.op, low, high, before },
      after: packed && {
        ...packed.counts.distribution(),
        ...{ name: packed.tensor.name, alignedBy: packed.alignedBy },
        ...{ scale: packed.tensor.scale, zeroPoint: packed.tensor.zeroPoint },
        ...{
          gridLow: packed.gridLow,
          gridHigh: packed.gridHigh,
          clipped: packed.clipped / Math.max(1, before.elements),
        },
        ...packed.error.figures(),
      },
      partOf: packed ? null : partOf,
    }
  }

  #of({ inputs, outputs }: Batch): { readonly data: Float32Array; readonly shape: readonly number[] } {
    const { data, shape } = outputs[this.name] ?? inputs[this.name]!
    return { data: data instanceof Float32Array ? data : Float32Array.from(data, Number), shape }
  }
}

/** The pack on the twin beside the model's values: those that both have. */
async function openPacked(pack: Uint8Array, seen: readonly Seen[], input: ActivationsInput) {
  const { plan } = readShoe(pack)
  const twin = await openTwin(pack)
  const samples = await samplesFor(input, portsOfPlan(plan))
  const byTensor = pairedTensors(plan, seen)
  return {
    async count(batch: Batch, signal: AbortSignal) {
      const inputs = await samples.read(batch.from, batch.count)
      for (let index = 0; index < batch.count; index++) {
        // A word to stop comes between two samples.
        await setImmediate()
        signal.throwIfAborted()
        const see = (tensor: number, ints: Int8Array) => {
          const value = byTensor.get(tensor)
          value?.packed?.add(ints, value.sample(batch, index), value.shape)
        }
        const ints = quantizeSample(twin.inputs, inputs, index)
        for (const [port, { tensor }] of plan.inputs.entries()) see(tensor, ints[port]!)
        twin.trace(ints, (op, output) => see(plan.ops[op]!.output, output))
      }
    },
  }
}

function pairedTensors(plan: Plan, seen: readonly Seen[]): Map<number, Seen> {
  const elements = (tensor: number) => plan.tensors[tensor]!.shape.reduce((product, size) => product * size, 1)
  const entry = (tensor: number, op: string) => ({
    ...{ name: plan.tensors[tensor]!.name, op, tensor, data: { length: elements(tensor) }, value: null },
  })
  const held = [
    ...plan.inputs.map(({ tensor }) => entry(tensor, 'Input')),
    ...plan.ops.map(({ op, output }) => entry(output, op)),
  ].filter(({ tensor }) => plan.tensors[tensor]!.dtype === 'i8')
  const own = seen.map((value) => ({ name: value.name, op: value.op, data: value.data, tensor: -1, value }))
  const paired = new Map<number, Seen>()
  for (const { first, second, alignedBy } of align<(typeof own)[number] | (typeof held)[number]>(own, held).pairs) {
    // The operator that reorders an input gives its output the same name.
    if (!first.value || first.value.packed) continue
    first.value.packed = new Packed(plan.tensors[second.tensor]!, alignedBy)
    paired.set(second.tensor, first.value)
  }
  return paired
}

/** Along the only reader of each value to the first one that the pack has. */
function partOf(graph: Graph, name: string, seen: ReadonlyMap<string, Seen>): string | null {
  const visited = new Set<string>()
  for (let at = name; !visited.has(at); ) {
    if (seen.get(at)?.packed) return at
    visited.add(at)
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(at))
    const next = readers.length === 1 ? readers[0]!.outputs[0] : undefined
    if (next === undefined) return null
    at = next
  }
  return null
}
