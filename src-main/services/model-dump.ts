// The weights of a model as integers, for others to measure.
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { ModelId } from '../contract/ids.ts'
import { writeNpz } from '../data/npz.ts'
import type { ServiceContext } from './context.ts'
import { catalogueDevices } from './devices.ts'
import { openInput } from './file-input.ts'
import { isBeyondDevices } from './large-model.ts'
import { estimatePack } from './model-analysis.ts'
import { modelFile } from './model-file.ts'
import { type NamedFile, runModelTask } from './model-task.ts'
import { loadModel } from './run/load.ts'
import { modelOf } from './stored-inputs.ts'
import type { Uploads } from './uploads.ts'
import { weightArrays } from './weight-facts.ts'

export interface ModelDump {
  readonly name: string
  /** One int8 array a tensor. */
  readonly npz: Uint8Array
  readonly tensors: number
}

export interface DumpInput extends NamedFile {
  readonly version: string
}

/** Refused when it has no integers. */
export async function dumpModel({ path, name, version }: DumpInput): Promise<ModelDump> {
  const model = await loadModel(path)
  if (isBeyondDevices(model.graph, catalogueDevices()))
    throw new AppError('model.noIntegers', { name, problem: say`it is larger than any device holds` })
  const { weights, problem } = await estimatePack(model, name, version)
  if (weights.length === 0)
    throw new AppError('model.noIntegers', { name, problem: problem ?? say`no layer has weights` })
  const npz = writeNpz(weightArrays(weights))
  return { name: `${name.replace(/\.[^.]*$/, '')}.npz`, npz, tensors: weights.length }
}

export function modelDumpService(context: ServiceContext, uploads: Uploads) {
  const { store, background, version } = context
  const dump = (file: NamedFile) => runModelTask(background, 'integers', { ...file, version })

  return {
    async dumpFile(path: string): Promise<ModelDump> {
      await using input = await openInput(context, uploads, { kind: 'path', path })
      return dump({ path: await modelFile(input.path), name: input.name })
    },
    async integers(id: ModelId) {
      const { name, npz } = await dump(modelOf(store, id))
      const mediaType = 'application/zip'
      return { fileName: name, mediaType, data: new Blob([new Uint8Array(npz)], { type: mediaType }) }
    },
  }
}
