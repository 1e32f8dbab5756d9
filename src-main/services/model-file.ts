// Which file of what was handed over is the model, and what is kept of it.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import type { ModelOutline } from '../contract/model.ts'
import type { ModelGraph } from '../contract/model-graph.ts'
import { outlineOf } from './model-analysis.ts'
import { graphOf } from './model-graph.ts'
import { loadModel } from './run/load.ts'

/** Several files dropped together are a model and its external data: the model is the one with a model's ending. */
export async function modelFile(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path
  const found = (await readdir(path)).find((name) => /\.(onnx|tflite)$/i.test(name))
  if (!found) throw new AppError('model.unknownFormat', { name: basename(path) })
  return join(path, found)
}

/** What is shown of a model as soon as it has been read. */
export interface DescribedModel {
  readonly outline: ModelOutline
  readonly graph: ModelGraph
}

export interface ReadModel extends DescribedModel {
  /** Files beside the model that it reads its weights from. */
  readonly siblings: readonly string[]
}

export async function readModel(path: string, name = basename(path)): Promise<ReadModel> {
  const model = await loadModel(path)
  return { outline: outlineOf(model, name), graph: graphOf(model.graph, name), siblings: model.siblings }
}
