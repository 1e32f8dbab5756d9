// What a model is and how it would do on the devices: read from its file, without a workspace.
import { systemClock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { joined, type Note, say } from '../base/note.ts'
import type { Analysis, ModelEstimates, ModelOutline } from '../contract/model.ts'
import type { RecipeResult } from '../passes/pipeline.ts'
import type { DeviceProfileRecord } from '../store/analyses.ts'
import { deployabilityOf, unknownDeployability } from './deployability.ts'
import { catalogueDevices } from './devices.ts'
import { beyondDevice, isBeyondDevices, largeWeightFacts, sampledWeights, weightCount } from './large-model.ts'
import { layersOf, modelFacts, operatorCounts } from './model-facts.ts'
import { resolveRecipe } from './recipes.ts'
import { applyRecipe, type Compressed, type CompressInput, packGraph } from './run/compress.ts'
import { type LoadedModel, loadModel, portsOfGraph } from './run/load.ts'
import { anyDevice } from './run/pack-target.ts'
import { probePorts } from './run/probe-samples.ts'
import { type IntegerWeights, weightFacts, weightsOfGraph, weightsOfPlan } from './weight-facts.ts'

/** What an analysis takes from the workspace, as plain data. */
export interface AnalysisFacts {
  readonly version: string
  /** By device of the catalogue, newest first. */
  readonly profiles: Readonly<Record<string, readonly DeviceProfileRecord[]>>
}

type Progress = (fraction: number) => void

export function analysisOf(outline: ModelOutline, { notes, ...estimates }: ModelEstimates): Analysis {
  return { ...outline, ...estimates, warnings: [...outline.warnings, ...notes] }
}

/** What is known of a model without compressing it. */
export function outlineOf(model: LoadedModel, name: string): ModelOutline {
  return {
    model: modelFacts(model, name),
    producer: model.producer,
    opset: model.opset,
    layers: layersOf(model.graph),
    operators: operatorCounts(model.graph),
    warnings: [...model.warnings],
  }
}

export async function estimateModel(
  path: string,
  name: string,
  facts: AnalysisFacts,
  progress: Progress = () => undefined,
): Promise<ModelEstimates> {
  return estimatesOf(await loadModel(path), name, facts, progress)
}

export async function estimatesOf(
  model: LoadedModel,
  name: string,
  facts: AnalysisFacts,
  progress: Progress = () => undefined,
): Promise<ModelEstimates> {
  const { graph, sha256 } = model
  const devices = catalogueDevices()
  // The twin is this computer, which need not be told whether it could; packing a model for it alone takes long.
  const boards = devices.filter(({ kind }) => kind !== 'twin')
  if (isBeyondDevices(graph, boards)) {
    const weights = weightCount(graph)
    return {
      weights: largeWeightFacts(graph, progress),
      devices: devices.map((device) => beyondDevice(device, weights)),
      notes: [say`${name}: ${sampledWeights}.`],
    }
  }
  const estimate = await estimatePack(model, name, facts.version, (fraction) => progress(0.6 * fraction))
  return {
    weights: weightFacts(estimate.weights, (fraction) => progress(0.6 + 0.4 * fraction)),
    devices: deployability(sha256, estimate, facts),
    notes: [],
  }
}

/** The model as the int8 recipe leaves it, as far as it gets. */
interface PackEstimate {
  readonly weights: readonly IntegerWeights[]
  readonly compressed: Compressed | null
  /** Why there is no pack. */
  readonly problem: Note | null
}

/**
 * Sizes are those of a real int8 pack made with made-up calibration samples: ranges change the numbers in it, not its size,
 * and weights do not depend on them.
 */
export async function estimatePack(
  { graph, sha256 }: LoadedModel,
  name: string,
  version: string,
  progress: Progress = () => undefined,
): Promise<PackEstimate> {
  const input: CompressInput = {
    graph,
    modelName: name,
    modelSha256: sha256,
    recipe: resolveRecipe('int8-minmax', 0),
    encoding: 'int8',
    target: anyDevice,
    calibration: probePorts(portsOfGraph(graph), 32),
    calibrationSha256: null,
    // As in a run, so that the sizes are the same to the byte.
    producer: `Shoehorn ${version}`,
    clock: systemClock,
    signal: new AbortController().signal,
    progress,
    log: () => undefined,
  }
  let quantized: RecipeResult | null = null
  try {
    quantized = await applyRecipe(input)
    const compressed = packGraph(input, quantized)
    return { weights: weightsOfPlan(compressed.plan), compressed, problem: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const problem = joined([error.note, error.nextNote], ' ')
    return { weights: weightsOfGraph(quantized?.graph ?? graph), compressed: null, problem }
  }
}

function deployability(modelSha256: string, { compressed, problem }: PackEstimate, { profiles }: AnalysisFacts) {
  const source = { profiles: { ofDevice: (device: string) => profiles[device] ?? [] } }
  return catalogueDevices().map((device) =>
    compressed
      ? deployabilityOf(device, { ...compressed, modelSha256 }, source)
      : unknownDeployability(device, problem),
  )
}
