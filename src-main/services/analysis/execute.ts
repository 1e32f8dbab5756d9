// One analysis from files to result, in a worker: variants of the network, each layer's effect alone, bytes and cycles.
import { type Note, say } from '../../base/note.ts'
import type { CostBasis, Sensitivity } from '../../contract/analysis.ts'
import { fixedBatch } from '../../engine/batches.ts'
import { openHostModel } from '../../engine/host-model.ts'
import type { Samples } from '../../engine/samples.ts'
import type { Graph } from '../../ir/graph.ts'
import { openKernels } from '../../kernels/open.ts'
import { firstSamples } from '../../passes/samples.ts'
import { footprints } from '../../search/footprint.ts'
import { type Method, methodsNamed } from '../../search/methods.ts'
import { type Effects, type Footprint, type Sensitivity as LayerCosts, layerEffects } from '../../search/sensitivity.ts'
import { estimateCost } from '../../targets/cost.ts'
import { coreClass } from '../../targets/cost-model/cost-model.ts'
import { refine, type StoredProfile } from '../../targets/cost-model/refine.ts'
import type { Plan } from '../../targets/plan.ts'
import { assertSingleBatch } from '../run/compress.ts'
import { chooseSamples, loadData, loadModel, portsOfGraph } from '../run/load.ts'
import type { Host } from '../run/prepare.ts'
import type { DataInput, ModelInput } from '../run/run-input.ts'
import { loweredWith, type VersionContext, withSteps } from './versions.ts'

/** Of this device: operators with the nodes they came from, to be found again in the same model. */
export interface DeviceProfileInput extends StoredProfile {
  readonly modelSha256: string
  readonly isPlain: boolean
  readonly nodes: readonly string[]
}

export interface SensitivityInput {
  readonly task: 'sensitivity'
  readonly model: ModelInput
  readonly data: DataInput
  readonly calibration: DataInput | null
  readonly samples: number
  /** null: all. */
  readonly methods: readonly string[] | null
  readonly seed: number
  readonly device: {
    readonly id: string
    readonly name: string
    readonly core: string
    readonly links: readonly string[]
  }
  readonly profiles: readonly DeviceProfileInput[]
}

/** Calibration samples of methods that look at activations, and of the ranges. */
const calibrationSamples = 64

/** Activations before one layer, for all samples, stay below this; with large ones fewer samples are run. */
const activationBytes = 2 ** 30

export async function executeSensitivity(
  input: SensitivityInput,
  { clock, events }: Host,
): Promise<Sensitivity & LayerCosts> {
  const startMs = clock.monotonicMs()
  const { signal } = events
  const share = (from: number, to: number) => (fraction: number, note: Note) =>
    events.progress('analyze', from + (to - from) * fraction, note)
  const model = await loadModel(input.model.path)
  assertSingleBatch(model.graph)
  const { data, calibration } = await samplesOf(input, model.graph)
  await using kernels = await openKernels('auto', { signal })
  const context: VersionContext = { kernels, calibration, seed: input.seed, clock, signal }
  const graph = await withSteps(model.graph, [], context)
  const chosen = methodsNamed(input.methods)
  const variants = await variantsOf(model.graph, chosen, context, share(0, 0.2))
  const batchSize = fixedBatch(graph.inputs.map((name) => graph.values.get(name)!)) ?? 64
  const counted = Math.min(data.samples.count, affordable(graph))
  const effects = await layerEffects({
    ...{ graph, variants, samples: firstSamples(data.samples, counted), labels: data.labels, batchSize, signal },
    engine: { open: openHostModel },
    progress: share(0.2, 0.8),
  })
  const cost = await costsOf(model.graph, model.sha256, chosen, input, context, share(0.8, 1))
  const notes = [...cost.notes]
  if (counted < data.samples.count)
    notes.push(say`${counted} samples were run: activations of more need too much memory.`)
  return {
    schemaVersion: 1,
    createdAt: new Date(clock.nowMs()).toISOString(),
    model: { name: input.model.name, sha256: model.sha256 },
    data: { name: input.data.name, sha256: data.dataset.sha256, samples: counted },
    seed: input.seed,
    device: { id: input.device.id, name: input.device.name, core: input.device.core },
    cyclesKind: cost.cyclesKind,
    cost: cost.basis,
    originalAccuracy: effects.originalAccuracy,
    methods: chosen.map(({ name, title, description }) => ({ name, title, description })),
    layers: withFootprints(effects, cost),
    notes,
    durationMs: Math.round(clock.monotonicMs() - startMs),
  }
}

async function samplesOf(input: SensitivityInput, graph: Graph) {
  const ports = portsOfGraph(graph)
  const all = await loadData(input.data, ports, 'test')
  const data = chooseSamples(all, input.samples, input.seed, ports)
  const own = all.dataset.splits.train ? input.data : null
  const source = input.calibration ?? own
  const from = source ? await loadData({ ...source, limit: null }, ports, 'train') : all
  const calibration: Samples = chooseSamples(from, calibrationSamples, input.seed + 1, ports).samples
  return { data, calibration }
}

async function variantsOf(
  graph: Graph,
  methods: readonly Method[],
  context: VersionContext,
  progress: (fraction: number, note: Note) => void,
) {
  const variants: { method: Method; graph: Graph }[] = []
  for (const [i, method] of methods.entries()) {
    progress(i / methods.length, method.title)
    variants.push({ method, graph: await withSteps(graph, [method.step], context) })
  }
  return variants
}

function affordable(graph: Graph): number {
  const perSample = Math.max(
    ...[...graph.values.values()].map(({ name, shape }) =>
      graph.constants.has(name) || !shape
        ? 0
        : shape.slice(1).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 4),
    ),
  )
  // Several values may live at once, and each is held twice while it is joined.
  return Math.max(8, Math.floor(activationBytes / (4 * Math.max(1, perSample))))
}

interface Costs {
  readonly int8: ReadonlyMap<string, Footprint>
  readonly byMethod: ReadonlyMap<string, ReadonlyMap<string, Footprint>>
  readonly cyclesKind: Sensitivity['cyclesKind']
  readonly basis: CostBasis
  readonly notes: readonly Note[]
}

async function costsOf(
  graph: Graph,
  modelSha256: string,
  methods: readonly Method[],
  { device, profiles }: SensitivityInput,
  context: VersionContext,
  progress: (fraction: number, note: Note) => void,
): Promise<Costs> {
  const { core, links } = device
  const { signal } = context
  const refinement = refine(coreClass(core, links), profiles)
  const { plan, problem } = await loweredWith(graph, [], context)
  const known = plan && countedOf(plan, modelSha256, profiles)
  const options = { core, links, refinement, counted: known?.cycles ?? null, signal }
  const byMethod = new Map<string, ReadonlyMap<string, Footprint>>()
  for (const [i, { name, title, step }] of (plan ? methods : []).entries()) {
    progress(i / methods.length, say`bytes, ${title}`)
    const changed = await loweredWith(graph, [step], context)
    if (changed.plan) byMethod.set(name, footprints(changed.plan, { ...options, coded: true }))
  }
  return {
    int8: plan ? footprints(plan, { ...options, coded: false }) : new Map(),
    byMethod,
    cyclesKind: known?.kind ?? 'estimated',
    basis: plan ? estimateCost(plan, core, null, { refinement, links }).basis : noBasis(core),
    notes: problem === null ? [] : [say`Bytes and cycles are not known: ${problem}`],
  }
}

function noBasis(core: string): CostBasis {
  const { name, isExact, error, counter, cyclesPerInstruction } = coreClass(core)
  const { medianPercent, worstPercent, models } = error
  return {
    coreClass: name,
    isExact,
    counter,
    cyclesPerInstruction,
    medianPercent,
    worstPercent,
    models: models.length,
    profiles: 0,
  }
}

/** Cycles by node, where this device ran this model with plain weights and the same operators. */
function countedOf(plan: Plan, modelSha256: string, profiles: readonly DeviceProfileInput[]) {
  const nodes = plan.ops.map(({ node }) => node).join('\n')
  const same = profiles.find(
    (profile) => profile.isPlain && profile.modelSha256 === modelSha256 && profile.nodes.join('\n') === nodes,
  )
  if (!same) return null
  return { kind: same.kind, cycles: new Map(same.nodes.map((node, i) => [node, same.operators[i]!.cycles])) }
}

function withFootprints({ layers }: Effects, { int8, byMethod }: Costs): Sensitivity['layers'] {
  return layers.map((layer) => ({
    ...layer,
    int8: int8.get(layer.node) ?? null,
    cells: layer.cells.map((cell) => ({ ...cell, footprint: byMethod.get(cell.method)?.get(layer.node) ?? null })),
  }))
}
