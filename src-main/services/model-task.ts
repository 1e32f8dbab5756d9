// Reading and analysing a model takes a host's one thread as long as the model is large. Hosts that others wait for do it
// in a worker; the command line has nobody waiting and spares the worker's start.
import type { ModelEstimates } from '../contract/model.ts'
import type { ModelDifference, TensorHistogram } from '../contract/model-graph.ts'
import type { EncodingGoal } from '../contract/report.ts'
import { layerSizes, type ModelSizes } from './layer-sizes.ts'
import { type AnalysisFacts, estimateModel } from './model-analysis.ts'
import { differenceOf } from './model-difference.ts'
import { type DumpInput, dumpModel, type ModelDump } from './model-dump.ts'
import { type ReadModel, readModel } from './model-file.ts'
import type { ReportTask } from './report-task.ts'
import { loadModel } from './run/load.ts'
import { histogramOfFiles } from './tensor-histogram.ts'

/** Answer by action, of plain data. */
interface Actions {
  read: { readonly input: { readonly path: string; readonly name?: string }; readonly output: ReadModel }
  estimate: { readonly input: NamedFile & { readonly facts: AnalysisFacts }; readonly output: ModelEstimates }
  difference: { readonly input: { readonly a: NamedFile; readonly b: NamedFile }; readonly output: ModelDifference }
  histogram: { readonly input: HistogramInput; readonly output: TensorHistogram }
  integers: { readonly input: DumpInput; readonly output: ModelDump }
  repack: { readonly input: RepackInput; readonly output: Uint8Array }
  sizes: { readonly input: { readonly path: string }; readonly output: ModelSizes }
}
type Action = keyof Actions

export interface NamedFile {
  readonly path: string
  readonly name: string
}

export interface HistogramInput {
  readonly path: string
  readonly tensor: string
  /** Of a run; null: the model alone. */
  readonly pack: string | null
  readonly bins: number
}

export interface RepackInput {
  readonly path: string
  readonly encoding: EncodingGoal
  /** Left out: any. */
  readonly device?: string
}

export type ModelTask = {
  [A in Action]: { readonly task: 'model'; readonly action: A } & Actions[A]['input']
}[Action]

/** @param fraction 0 to 1 */
export type Progress = (fraction: number) => void

/** Runs plain data in a worker and gives the plain data that it answers. */
export type Background = (task: ModelTask | ReportTask, progress: Progress) => Promise<unknown>

export async function executeModelTask(task: ModelTask, progress: Progress = () => undefined): Promise<unknown> {
  switch (task.action) {
    case 'read':
      return readModel(task.path, task.name)
    case 'estimate':
      return estimateModel(task.path, task.name, task.facts, progress)
    case 'difference': {
      const [a, b] = [await loadModel(task.a.path), await loadModel(task.b.path)]
      return differenceOf({ ...a, name: task.a.name }, { ...b, name: task.b.name })
    }
    case 'histogram':
      return histogramOfFiles(task)
    case 'integers':
      return dumpModel(task)
    case 'repack': {
      const { repackFile } = await import('./packs.ts')
      return (await repackFile(task, new AbortController().signal)).pack
    }
    case 'sizes':
      return layerSizes((await loadModel(task.path)).graph)
  }
}

export async function runModelTask<A extends Action>(
  background: Background | null,
  action: A,
  input: Actions[A]['input'],
  progress: Progress = () => undefined,
): Promise<Actions[A]['output']> {
  const task = { task: 'model', action, ...input } as ModelTask
  const answer = await (background ? background(task, progress) : executeModelTask(task, progress))
  return answer as Actions[A]['output']
}
