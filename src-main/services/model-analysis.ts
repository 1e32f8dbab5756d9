// What a model is and how it would do on the devices: read from its file, without a workspace.
import { systemClock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import type { Analysis } from '../contract/model.ts'
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

export async function analyzeModel(path: string, name: string, facts: AnalysisFacts): Promise<Analysis> {
  const model = await loadModel(path)
  return {
    model: modelFacts(model, name),
    producer: model.producer,
    opset: model.opset,
    layers: layersOf(model.graph),
    operators: operatorCounts(model.graph),
    ...(await weightsAndDevices(model, name, facts)),
  }
}

type Sized = Pick<Analysis, 'weights' | 'devices' | 'warnings'>

async function weightsAndDevices(model: LoadedModel, name: string, facts: AnalysisFacts): Promise<Sized> {
  const { graph, sha256, warnings } = model
  const devices = catalogueDevices()
  if (isBeyondDevices(graph, devices)) {
    const weights = weightCount(graph)
    return {
      weights: largeWeightFacts(graph),
      devices: devices.map((device) => beyondDevice(device, weights)),
      warnings: [...warnings, `${name}: ${sampledWeights}.`],
    }
  }
  const estimate = await estimatePack(model, name, facts.version)
  return {
    weights: weightFacts(estimate.weights),
    devices: deployability(sha256, estimate, facts),
    warnings: [...warnings],
  }
}

/** The model as the int8 recipe leaves it, as far as it gets. */
interface PackEstimate {
  readonly weights: readonly IntegerWeights[]
  readonly compressed: Compressed | null
  /** Why there is no pack. */
  readonly problem: string | null
}

/**
 * Sizes are those of a real int8 pack made with made-up calibration samples: ranges change the numbers in it, not its size,
 * and weights do not depend on them.
 */
export async function estimatePack(
  { graph, sha256 }: LoadedModel,
  name: string,
  version: string,
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
    progress: () => undefined,
    log: () => undefined,
  }
  let quantized: RecipeResult | null = null
  try {
    quantized = await applyRecipe(input)
    const compressed = packGraph(input, quantized)
    return { weights: weightsOfPlan(compressed.plan), compressed, problem: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const problem = `${error.message} ${error.next}`
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
