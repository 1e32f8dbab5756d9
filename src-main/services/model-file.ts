// Which file of what was handed over is the model, and what is kept of it.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { type ModelFacts, modelFacts } from './model-facts.ts'
import { loadModel } from './run/load.ts'

/** Several files dropped together are a model and its external data: the model is the one with a model's ending. */
export async function modelFile(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path
  const found = (await readdir(path)).find((name) => /\.(onnx|tflite)$/i.test(name))
  if (!found) throw new AppError('model.unknownFormat', { name: basename(path) })
  return join(path, found)
}

export interface ReadModel {
  readonly facts: ModelFacts
  /** Files beside the model that it reads its weights from. */
  readonly siblings: readonly string[]
}

export async function readModel(path: string): Promise<ReadModel> {
  const model = await loadModel(path)
  return { facts: modelFacts(model, basename(path)), siblings: model.siblings }
}
