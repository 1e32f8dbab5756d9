// What a job does to give the raw outputs of a model as it is: `infer --device host` on files of the workspace.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { GraphOutcome } from './graph-task.ts'
import { packsService } from './packs.ts'
import { outputsAsNpz } from './run/npz-output.ts'
import type { Host } from './run/prepare.ts'
import type { DataInput } from './run/run-input.ts'

export interface OutputsWork {
  readonly task: 'outputs'
  /** Of the model. */
  readonly path: string
  readonly data: DataInput
  readonly out: string
  readonly version: string
}

export async function executeOutputsTask(work: OutputsWork, { clock, events }: Host): Promise<GraphOutcome> {
  const { path, data, out, version } = work
  const request = { path, data: data.path, preprocess: data.preprocess, device: 'host' }
  const outputs = await packsService({ clock, version }).infer(request, events)
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, outputsAsNpz(outputs))
  return { paths: [out] }
}
