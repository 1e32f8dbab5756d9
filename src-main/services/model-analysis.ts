// What a model is and how it would do on the devices: read from its file, without a workspace.
import { systemClock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import type { Analysis } from '../contract/model.ts'
import type { RecipeResult } from '../passes/pipeline.ts'
import { estimateCost } from '../targets/cost.ts'
import { checkFit } from '../targets/fit.ts'
import { catalogueDevices, type DeviceSummary } from './devices.ts'
import { layersOf, modelFacts, operatorCounts } from './model-facts.ts'
import { resolveRecipe } from './recipes.ts'
import { applyRecipe, type Compressed, type CompressInput, packGraph } from './run/compress.ts'
import { type LoadedModel, loadModel, portsOfGraph } from './run/load.ts'
import { anyDevice } from './run/pack-target.ts'
import { probePorts } from './run/probe-samples.ts'
import { type IntegerWeights, weightFacts, weightsOfGraph, weightsOfPlan } from './weight-facts.ts'

export async function analyzeModel(path: string, name: string): Promise<Analysis> {
  const model = await loadModel(path)
  const estimate = await estimatePack(model, name)
  const { id: _id, addedAt: _addedAt, ...facts } = { ...modelFacts(model, name), id: null, addedAt: null }
  return {
    model: facts,
    producer: model.producer,
    opset: model.opset,
    layers: layersOf(model.graph),
    operators: operatorCounts(model.graph),
    weights: weightFacts(estimate.weights),
    devices: deployability(estimate),
    warnings: [...model.warnings],
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
export async function estimatePack({ graph, sha256 }: LoadedModel, name: string): Promise<PackEstimate> {
  const input: CompressInput = {
    graph,
    modelName: name,
    modelSha256: sha256,
    recipe: resolveRecipe('int8-minmax', 0),
    encoding: 'int8',
    target: anyDevice,
    calibration: probePorts(portsOfGraph(graph), 32),
    calibrationSha256: null,
    producer: 'estimate',
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

function deployability({ compressed, problem }: PackEstimate): Analysis['devices'] {
  return catalogueDevices().map((device) => {
    if (compressed) return fitOf(device, compressed)
    const unknown = { fits: null, flashBytes: null, ramBytes: null, latencyMs: null, problem }
    return { device: device.id, name: device.name, ...unknown }
  })
}

function fitOf(device: DeviceSummary, { plan, pack }: Compressed): Analysis['devices'][number] {
  const fit = checkFit(plan, pack.length, device.limits)
  const { latencyUs } = estimateCost(plan, device.core, device.clockHz)
  const over = [fit.flash, fit.ram].filter((region) => region.over > 0)
  return {
    device: device.id,
    name: device.name,
    fits: fit.fits,
    flashBytes: fit.flash.needed,
    ramBytes: fit.ram.needed,
    latencyMs: latencyUs === null ? null : latencyUs / 1000,
    problem: fit.fits
      ? null
      : over.map((region) => `${region === fit.flash ? 'flash' : 'RAM'} ${region.over} bytes too few`).join(', '),
  }
}
