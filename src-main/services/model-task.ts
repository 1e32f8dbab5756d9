// Reading and analysing a model takes a host's one thread as long as the model is large. Hosts that others wait for do it
// in a worker; the command line has nobody waiting and spares the worker's start.
import type { Analysis } from '../contract/model.ts'
import { type AnalysisFacts, analyzeModel } from './model-analysis.ts'
import { type ReadModel, readModel } from './model-file.ts'

interface ReadTask {
  readonly task: 'model'
  readonly action: 'read'
  readonly path: string
}
interface AnalyzeTask {
  readonly task: 'model'
  readonly action: 'analyze'
  readonly path: string
  readonly name: string
  readonly facts: AnalysisFacts
}
export type ModelTask = ReadTask | AnalyzeTask

/** Runs plain data in a worker and gives the plain data that it answers. */
export type Background = (task: ModelTask) => Promise<unknown>

export function executeModelTask(task: ModelTask): Promise<ReadModel | Analysis> {
  return task.action === 'read' ? readModel(task.path) : analyzeModel(task.path, task.name, task.facts)
}

export function runModelTask(background: Background | null, task: ReadTask): Promise<ReadModel>
export function runModelTask(background: Background | null, task: AnalyzeTask): Promise<Analysis>
export async function runModelTask(background: Background | null, task: ModelTask): Promise<unknown> {
  return background ? background(task) : executeModelTask(task)
}
