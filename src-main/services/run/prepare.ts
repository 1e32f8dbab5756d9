// From files to a pack: import, data, calibration, compression. Shared by runs and by the commands that take a model.
import type { Clock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { EncodingGoal, RecipeRecord } from '../../contract/report.ts'
import type { PackTarget } from '../../targets/packer/situation.ts'
import { assertSingleBatch, type Compressed, calibrationIdentity, compress } from './compress.ts'
import {
  chooseSamples,
  type InputPort,
  type LoadedData,
  type LoadedModel,
  loadData,
  loadModel,
  portsOfGraph,
} from './load.ts'
import type { DataInput, ModelInput, RunEvents } from './run-input.ts'

export interface PrepareInput {
  readonly producer: string
  readonly model: ModelInput
  readonly data: DataInput
  /** null: the data set's own training samples, or a seeded part of the data. */
  readonly calibration: DataInput | null
  readonly calibrationLimit: number | null
  readonly recipe: RecipeRecord
  readonly encoding: EncodingGoal
  readonly target: PackTarget
  readonly seed: number
}

export interface Loaded {
  readonly model: LoadedModel
  readonly data: LoadedData
  readonly calibration: LoadedData
}

export interface Host {
  readonly clock: Clock
  readonly events: RunEvents
}

/** Samples that calibrate when the user does not say. */
export const calibrationSamples = 512

/** How many of the samples that are measured on calibrate as well, when there are no others. */
export const sharedCalibration = (samples: number, limit = calibrationSamples): number =>
  Math.min(limit, Math.max(32, Math.floor(samples / 4)))

export async function load(input: PrepareInput, events: RunEvents): Promise<Loaded> {
  events.progress('import', 0, input.model.name)
  const model = await loadModel(input.model.path)
  for (const warning of model.warnings) events.log(warning)
  assertSingleBatch(model.graph)
  events.progress('data', 0, input.data.name)
  const ports = portsOfGraph(model.graph)
  const data = await loadData(input.data, ports, 'test')
  if (data.samples.count === 0) throw new AppError('data.empty', { path: input.data.name })
  return { model, data, calibration: await calibrationOf(input, data, ports) }
}

export function compressLoaded(input: PrepareInput, loaded: Loaded, { clock, events }: Host): Promise<Compressed> {
  const { model, calibration } = loaded
  events.progress('compress', 0, input.recipe.name)
  return compress({
    graph: model.graph,
    modelName: input.model.name,
    modelSha256: model.sha256,
    recipe: { ...input.recipe, seed: input.seed },
    encoding: input.encoding,
    target: input.target,
    calibration: calibration.samples,
    calibrationSha256: calibrationIdentity(
      calibration.dataset.sha256,
      calibration.dataset.preprocess,
      calibration.indices,
    ),
    producer: input.producer,
    clock,
    signal: events.signal,
    progress: (fraction, note) => events.progress('compress', fraction, note),
    log: events.log,
  })
}

async function calibrationOf(input: PrepareInput, data: LoadedData, ports: readonly InputPort[]): Promise<LoadedData> {
  const limit = input.calibrationLimit ?? calibrationSamples
  const { train, calibration } = data.dataset.splits
  const own = train || calibration ? input.data : null
  const source = input.calibration ? undivided(input.calibration) : own
  if (source) return chooseSamples(await loadData({ ...source, limit: null }, ports, 'train'), limit, input.seed, ports)
  return chooseSamples(data, sharedCalibration(data.samples.count, limit), input.seed, ports)
}

/** All of a set that is given for calibration calibrates, whatever division it was asked to have. */
function undivided(input: DataInput): DataInput {
  const { split: _, ...preprocess } = input.preprocess
  return { ...input, preprocess }
}

/** Whether the model was calibrated with samples that it is also measured on. */
export function calibrationOverlaps(input: PrepareInput, loaded: Loaded): boolean {
  const { train, calibration } = loaded.data.dataset.splits
  return input.calibration === null && train === null && calibration === null
}
