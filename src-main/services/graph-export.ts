// What a job makes for the user to save: the compressed graph of a run as ONNX, made again from its record, and the outputs of a
// model. The files wait beside the uploads, which the next start of a host clears.
import { rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { fileSource } from '../base/source.ts'
import { maxReadBytes } from '../contract/encoding.ts'
import type { DataSetId, JobId, ModelId, RunId } from '../contract/ids.ts'
import type { RunReport } from '../contract/report.ts'
import type { ServiceContext } from './context.ts'
import type { GraphOutcome, GraphWork } from './graph-task.ts'
import type { OutputsWork } from './outputs-task.ts'
import type { PrepareInput } from './run/prepare.ts'
import { safeName } from './safe-name.ts'
import { dataOf, modelOf } from './stored-inputs.ts'

export function graphExportService(
  { store, jobs, version }: ServiceContext,
  runs: { get(id: RunId): RunReport },
  inputOf: (report: RunReport) => PrepareInput,
) {
  const made = new Map<JobId, readonly string[]>()

  function pathOf(job: JobId, file: number): string {
    const path = made.get(job)?.[file]
    if (!path) throw new AppError('store.notFound', { kind: say`export`, id: job, plural: 'export --help' })
    return path
  }

  return {
    start(run: RunId): JobId {
      const report = runs.get(run)
      const input = inputOf(report)
      const name = `${safeName(`${report.model.name.replace(/\.[^.]*$/, '')}-${report.recipe.name}`, 'graph')}.onnx`
      const id: JobId = jobs.enqueue({
        title: say`${name} for export`,
        projectId: null,
        request: { graphOf: run },
        input: async (): Promise<GraphWork> => ({ task: 'graph', input, out: join(folder(id), name) }),
        finish: async (result) => ({
          runId: null,
          commit: () => made.set(id, (result as GraphOutcome).paths),
        }),
      })
      return id
    },
    /** Of every sample of the data, by the model as it is in ONNX Runtime. */
    startOutputs({ model, data }: { readonly model: ModelId; readonly data: DataSetId }): JobId {
      const [{ path, name: modelName }, input] = [modelOf(store, model), dataOf(store, data)]
      const name = `${safeName(modelName.replace(/\.[^.]*$/, ''), 'model')}-outputs.npz`
      const id: JobId = jobs.enqueue({
        title: say`Outputs of ${modelName} in ONNX Runtime`,
        projectId: null,
        request: { outputsOf: model, data },
        input: async (): Promise<OutputsWork> => ({
          ...{ task: 'outputs', path, data: input, version, out: join(folder(id), name) },
        }),
        finish: async (result) => ({
          runId: null,
          commit: () => made.set(id, (result as GraphOutcome).paths),
        }),
      })
      return id
    },
    files: (job: JobId) => {
      pathOf(job, 0)
      return made.get(job)!.map((path) => ({ name: basename(path), bytes: statSync(path).size }))
    },
    /** Bytes from `offset` on, none at the end. */
    read(job: JobId, file: number, offset: number): Uint8Array<ArrayBuffer> {
      const source = fileSource(pathOf(job, file))
      try {
        return new Uint8Array(source.read(offset, Math.max(0, Math.min(maxReadBytes, source.size - offset))))
      } finally {
        source.close()
      }
    },
    discard(job: JobId) {
      pathOf(job, 0)
      made.delete(job)
      rmSync(folder(job), { recursive: true, force: true })
    },
  }

  function folder(job: JobId): string {
    return join(store.folders.uploads, `graph-${job}`)
  }
}
