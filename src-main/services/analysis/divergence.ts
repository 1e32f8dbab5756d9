// Two versions of a network side by side: each is made (as imported, compressed, or a pack that is there), run over the same
// samples, and the values of both are compared in order.
import type { Clock } from '../../base/clock.ts'
import { type Note, sentence } from '../../base/note.ts'
import type { Divergence } from '../../contract/analysis.ts'
import type { Samples } from '../../engine/samples.ts'
import { align, compareValues, type TracedValue } from '../../search/divergence.ts'
import { isQuantized } from '../model-facts.ts'
import { isPack, type OpenedPack, openPack } from '../packs.ts'
import { resolveRecipe } from '../recipes.ts'
import { applyRecipe, type CompressInput, packGraph } from '../run/compress.ts'
import { chooseSamples, type LoadedModel, loadData, loadModel, portsOfGraph, portsOfPlan } from '../run/load.ts'
import { anyDevice } from '../run/pack-target.ts'
import type { Host } from '../run/prepare.ts'
import type { DataInput, ModelInput } from '../run/run-input.ts'
import { traceOnDevice, traceOnHost, traceOnTwin } from './traces.ts'

export interface VersionInput {
  /** A model, or a pack. */
  readonly model: ModelInput
  /** A preset's name or a recipe's text; left out, the model as imported. */
  readonly recipe?: string | undefined
  /** `host`, or a device: a pack runs there. */
  readonly on: string
}

export interface DivergenceInput {
  readonly first: VersionInput
  readonly second: VersionInput
  readonly data: DataInput
  readonly samples?: number | undefined
  readonly thresholdDb?: number | undefined
  readonly seed?: number | undefined
}

const defaultSamples = 8
/** About 3 bits of signal: below it a value is no longer what it was. */
const defaultThresholdDb = 20
/** Ranges come from as many samples as in a run. */
const calibrationSamples = 512

export async function compareVersions(
  input: DivergenceInput,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Divergence> {
  const host: Host = { clock, events: { signal, progress: () => undefined, log: () => undefined } }
  const notes: Note[] = []
  const first = await traceOf(input.first, input, host, notes)
  const second = await traceOf(input.second, input, host, notes)
  const { pairs, unmatched } = align(first, second)
  const thresholdDb = input.thresholdDb ?? defaultThresholdDb
  const { rows, firstBelow } = compareValues(pairs, thresholdDb)
  return {
    first: titleOf(input.first),
    second: titleOf(input.second),
    samples: input.samples ?? defaultSamples,
    thresholdDb,
    rows: rows.map(({ first: a, second: b, alignedBy, figures }) => ({
      ...{ name: a.name, otherName: b.name, op: a.op, otherOp: b.op, alignedBy, ...figures },
      elements: a.shape.reduce((product, size) => product * size, 1),
    })),
    firstBelow,
    unmatched: { first: [...unmatched.first], second: [...unmatched.second] },
    notes,
  }
}

const titleOf = ({ model, recipe, on }: VersionInput) =>
  `${model.name}${recipe === undefined ? '' : `, ${recipe.length > 40 ? 'a recipe' : recipe}`}, ${on}`

async function traceOf(
  version: VersionInput,
  input: DivergenceInput,
  host: Host,
  notes: Note[],
): Promise<TracedValue[]> {
  if (await isPack(version.model.path)) return traceOfPack(await openPack(version.model.path), version, input, host)
  const model = await loadModel(version.model.path)
  const samples = await samplesFor(input, portsOfGraph(model.graph))
  // A model runs on a device as a pack only, so that one as imported is compressed there with the usual recipe.
  const recipe = version.recipe ?? (version.on === 'host' ? undefined : 'int8')
  if (recipe === undefined) return traceOnHost(model.graph, samples, host.events.signal)
  const request = await compressInput(model, version, recipe, input, host)
  const changed = await applyRecipe(request)
  for (const { pass, warnings } of changed.steps)
    notes.push(...warnings.map((line) => sentence('{pass}: {line}', { pass, line })))
  if (version.on === 'host') return traceOnHost(changed.graph, samples, host.events.signal)
  const { plan, pack } = packGraph(request, changed)
  return traceOfPack({ name: version.model.name, plan, pack }, version, input, host)
}

async function traceOfPack(
  { plan, pack }: Pick<OpenedPack, 'name' | 'plan' | 'pack'>,
  { on }: VersionInput,
  input: DivergenceInput,
  host: Host,
): Promise<TracedValue[]> {
  const run = { plan, pack, samples: await samplesFor(input, portsOfPlan(plan)) }
  return on === 'host' || on === 'twin' ? traceOnTwin(run, host.events.signal) : traceOnDevice(run, on, host)
}

async function samplesFor(input: DivergenceInput, ports: Parameters<typeof loadData>[1]): Promise<Samples> {
  const data = await loadData(input.data, ports, 'test')
  return chooseSamples(data, input.samples ?? defaultSamples, input.seed ?? 0, ports).samples
}

async function compressInput(
  model: LoadedModel,
  version: VersionInput,
  recipe: string,
  input: DivergenceInput,
  { clock, events }: Host,
): Promise<CompressInput> {
  const ports = portsOfGraph(model.graph)
  const needsData = !isQuantized(model.graph)
  const data = needsData ? await loadData(input.data, ports, 'train') : null
  return {
    graph: model.graph,
    modelName: version.model.name,
    modelSha256: model.sha256,
    recipe: resolveRecipe(recipe, input.seed),
    encoding: 'int8',
    target: anyDevice,
    calibration: data ? chooseSamples(data, calibrationSamples, input.seed ?? 0, ports).samples : null,
    calibrationSha256: null,
    producer: 'comparison',
    clock,
    signal: events.signal,
    progress: () => undefined,
    log: () => undefined,
  }
}
