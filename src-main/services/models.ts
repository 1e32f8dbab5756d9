import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { systemClock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { type ModelId, modelId, type ProjectId } from '../contract/ids.ts'
import type { Analysis, fileSourceInput, Model } from '../contract/model.ts'
import { writeNpz } from '../data/npz.ts'
import type { RecipeResult } from '../passes/pipeline.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { deployabilityOf, unknownDeployability } from './deployability.ts'
import { catalogueDevices } from './devices.ts'
import { openInput } from './file-input.ts'
import { beyondDevice, isBeyondDevices, largeWeightFacts, sampledWeights, weightCount } from './large-model.ts'
import { layersOf, modelFacts, operatorCounts } from './model-facts.ts'
import { resolveRecipe } from './recipes.ts'
import { applyRecipe, type Compressed, type CompressInput, packGraph } from './run/compress.ts'
import { type LoadedModel, loadModel, portsOfGraph } from './run/load.ts'
import { anyDevice } from './run/pack-target.ts'
import { probePorts } from './run/probe-samples.ts'
import type { Uploads } from './uploads.ts'
import { type IntegerWeights, weightArrays, weightFacts, weightsOfGraph, weightsOfPlan } from './weight-facts.ts'

export function modelsService(context: ServiceContext, uploads: Uploads) {
  const { store, clock } = context

  function find(id: ModelId) {
    const found = store.models.get(id)
    if (!found) throw new AppError('store.notFound', { kind: 'model', id, plural: 'models' })
    return found
  }

  return {
    list: () => store.models.list().map(({ model }) => model),
    get: (id: ModelId) => find(id).model,
    async add(source: z.infer<typeof fileSourceInput>, project?: ProjectId): Promise<Model> {
      await using input = await openInput(context, uploads, source)
      const path = await modelFile(input.path)
      const loaded = await loadModel(path)
      const name = path.split(/[\\/]/).at(-1)!
      const known = store.models.bySha256(loaded.sha256)
      const model: Model = known?.model ?? {
        ...modelFacts(loaded, name),
        id: modelId.parse(randomUUID()),
        addedAt: isoNow(clock),
      }
      if (!known) {
        const files = [name, ...loaded.siblings].map((file) => ({
          path: file,
          from: { path: join(dirname(path), file) },
        }))
        const tree = await store.trees.add(files)
        store.models.add({ model, tree: tree.hash, file: name })
      }
      if (project) chooseForProject(context, project, { modelId: model.id })
      return model
    },
    async analyze(id: ModelId): Promise<Analysis> {
      const { model, tree, file } = find(id)
      return analyze(context, join(store.trees.dir(tree), file), model.name)
    },
    async analyzeFile(path: string): Promise<Analysis> {
      await using input = await openInput(context, uploads, { kind: 'path', path })
      return analyze(context, await modelFile(input.path), input.name)
    },
    /** Its weights as integers, an npz; refused when it has none. */
    async dumpFile(
      path: string,
    ): Promise<{ readonly name: string; readonly npz: Uint8Array; readonly tensors: number }> {
      await using input = await openInput(context, uploads, { kind: 'path', path })
      const model = await loadModel(await modelFile(input.path))
      if (isBeyondDevices(model.graph, catalogueDevices()))
        throw new AppError('model.noIntegers', { name: input.name, problem: 'it is larger than any device holds' })
      const { weights, problem } = await estimatePack(context, model, input.name)
      if (weights.length === 0)
        throw new AppError('model.noIntegers', { name: input.name, problem: problem ?? 'no layer has weights' })
      const name = `${input.name.replace(/\.[^.]*$/, '')}.npz`
      return { name, npz: writeNpz(weightArrays(weights)), tensors: weights.length }
    },
    remove(id: ModelId) {
      const { tree } = find(id)
      store.models.remove(id)
      return store.trees.remove(tree)
    },
  }
}

/** Several files dropped together are a model and its external data: the model is the one with a model's ending. */
async function modelFile(path: string): Promise<string> {
  const { readdir, stat } = await import('node:fs/promises')
  if (!(await stat(path)).isDirectory()) return path
  const found = (await readdir(path)).find((name) => /\.(onnx|tflite)$/i.test(name))
  if (!found) throw new AppError('model.unknownFormat', { name: path.split(/[\\/]/).at(-1) })
  return join(path, found)
}

export function chooseForProject(
  { store }: ServiceContext,
  id: ProjectId,
  choice: { modelId?: ModelId; dataSetId?: import('../contract/ids.ts').DataSetId },
) {
  store.transaction(() => {
    const project = store.projects.get(id)
    if (!project) throw new AppError('store.notFound', { kind: 'project', id, plural: 'projects' })
    store.projects.update({ ...project, ...choice })
  })
}

async function analyze(context: ServiceContext, path: string, name: string): Promise<Analysis> {
  const model = await loadModel(path)
  return {
    model: modelFacts(model, name),
    producer: model.producer,
    opset: model.opset,
    layers: layersOf(model.graph),
    operators: operatorCounts(model.graph),
    ...(await weightsAndDevices(context, model, name)),
  }
}

type Sized = Pick<Analysis, 'weights' | 'devices' | 'warnings'>

async function weightsAndDevices(context: ServiceContext, model: LoadedModel, name: string): Promise<Sized> {
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
  const estimate = await estimatePack(context, model, name)
  return {
    weights: weightFacts(estimate.weights),
    devices: deployability(context, sha256, estimate),
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
async function estimatePack(
  { version }: ServiceContext,
  { graph, sha256 }: LoadedModel,
  name: string,
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

function deployability(context: ServiceContext, modelSha256: string, { compressed, problem }: PackEstimate) {
  return catalogueDevices().map((device) =>
    compressed
      ? deployabilityOf(device, { ...compressed, modelSha256 }, context.store)
      : unknownDeployability(device, problem),
  )
}
