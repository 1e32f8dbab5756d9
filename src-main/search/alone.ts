// One layer changed and everything else left: the network runs on from that layer only, with the activations before it kept
// from one run of the whole, and one session for all weights that are tried.
import { concatFloats } from '../base/bytes.ts'
import type { HostModel } from '../engine/host-model.ts'
import type { HostInput, HostInputs, Samples } from '../engine/samples.ts'
import type { Graph, Node } from '../ir/graph.ts'
import type { HostEngine } from '../passes/pass.ts'
import { fedWeights, liveBefore, part, withFedWeights } from './parts.ts'

/** All samples' values that live at one place of the graph. */
export type Activations = ReadonlyMap<string, HostInput>

export interface WalkOptions {
  readonly engine: HostEngine
  readonly batchSize: number
  readonly signal?: AbortSignal
}

export async function inputActivations(graph: Graph, samples: Samples): Promise<Activations> {
  const inputs = await samples.read(0, samples.count)
  return new Map(graph.inputs.map((name) => [name, inputs[name]!]))
}

/** From what lives before node `from` to what lives before node `to`. */
export async function advance(
  graph: Graph,
  before: Activations,
  [from, to]: readonly [number, number],
  options: WalkOptions,
): Promise<Activations> {
  const wanted = liveBefore(graph, to)
  const kept = wanted.filter((name) => before.has(name))
  const made = wanted.filter((name) => !before.has(name))
  const next = new Map(kept.map((name) => [name, before.get(name)!]))
  if (made.length === 0) return next
  await using host = await options.engine.open(part(graph, from, to, made))
  const parts = new Map<string, { readonly pieces: Float32Array[]; shape: readonly number[] }>()
  for (const batch of batches(host, before, options)) {
    options.signal?.throwIfAborted()
    const outputs = await host.run(batch.inputs)
    for (const name of made) {
      const output = outputs[name]!
      const held = parts.get(name)
      if (held) held.pieces.push(output.data)
      else parts.set(name, { pieces: [output.data], shape: output.shape })
    }
  }
  for (const [name, { pieces, shape }] of parts) next.set(name, joined(pieces, shape))
  return next
}

function joined(pieces: readonly Float32Array[], shape: readonly number[]): HostInput {
  const data = concatFloats(pieces)
  const row = shape.slice(1).reduce((a, b) => a * b, 1)
  return { data, shape: [data.length / row, ...shape.slice(1)] }
}

interface Slice {
  readonly count: number
  readonly inputs: HostInputs
}

function* batches(host: Pick<HostModel, 'inputs'>, held: Activations, { batchSize }: WalkOptions): Generator<Slice> {
  const names = host.inputs.map(({ name }) => name).filter((name) => held.has(name))
  const total = held.get(names[0]!)!.shape[0]!
  for (let from = 0; from < total; from += batchSize) {
    const count = Math.min(batchSize, total - from)
    const inputs = names.map((name) => {
      const { data, shape } = held.get(name)!
      const row = data.length / shape[0]!
      return [
        name,
        { data: data.subarray(from * row, (from + count) * row), shape: [count, ...shape.slice(1)] },
      ] as const
    })
    yield { count, inputs: Object.fromEntries(inputs) }
  }
}

/** What the layer itself gave and what the network gave, for all samples. */
export interface LayerRun {
  readonly own: Float32Array
  readonly output: Float32Array
}

export interface LayerTrial extends AsyncDisposable {
  /** @param weights real numbers in the order of the tensor */
  run(weights: Float32Array): Promise<LayerRun>
}

/**
 * The layer with its weights fed, and the rest of the network behind it, are two sessions: the rest keeps its own weights as
 * constants, which ONNX Runtime packs once.
 * @param before what lives before `node`
 */
export async function openTrial(
  graph: Graph,
  node: Node,
  before: Activations,
  options: WalkOptions,
): Promise<LayerTrial> {
  const at = graph.nodes.indexOf(node)
  const output = graph.outputs[0]!
  const own = node.outputs[0]!
  const shape = graph.constants.get(node.inputs[1]!)!.shape
  const { engine, signal } = options
  const layer = await engine.open(withFedWeights(part(graph, at, at + 1, [own]), node))
  const isLast = own === output
  const rest = isLast ? null : await engine.open(part(graph, at + 1, graph.nodes.length, [output]))
  const beside = new Map([...before].filter(([name]) => rest?.inputs.some((input) => input.name === name)))
  return {
    async run(weights) {
      const owns: Float32Array[] = []
      const outputs: Float32Array[] = []
      const others = rest && beside.size > 0 ? [...batches(rest, beside, options)] : []
      for (const [i, { inputs }] of [...batches(layer, before, options)].entries()) {
        signal?.throwIfAborted()
        const found = (await layer.run({ ...inputs, [fedWeights]: { data: weights, shape } }))[own]!
        owns.push(found.data)
        if (rest) outputs.push((await rest.run({ ...others[i]?.inputs, [own]: found }))[output]!.data)
      }
      const made = concatFloats(owns)
      return { own: made, output: rest ? concatFloats(outputs) : made }
    },
    async [Symbol.asyncDispose]() {
      await layer.close()
      await rest?.close()
    },
  }
}
