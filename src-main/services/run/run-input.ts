// What a run is made from, as plain data that crosses a thread border.
import type { Note } from '../../base/note.ts'
import type { PreprocessRecord } from '../../contract/data-set.ts'
import type { JobStage } from '../../contract/job.ts'
import type { Budgets, RunReport } from '../../contract/report.ts'
import type { DeviceProfileRecord } from '../../store/analyses.ts'
import type { RunPredictions } from '../../store/runs.ts'
import type { PrepareInput } from './prepare.ts'

export interface ModelInput {
  readonly path: string
  readonly name: string
}

export interface DataInput {
  readonly path: string
  readonly name: string
  readonly preprocess: PreprocessRecord
  /** Samples to use; all when null. */
  readonly limit: number | null
}

export interface RunInput extends PrepareInput {
  readonly runId: string
  readonly project: { readonly id: string; readonly name: string } | null
  readonly device: string
  /** Samples that run on the device; null = as many as its time budget allows. */
  readonly deviceSamples: number | null
  readonly warmup: number
  readonly runs: number
  readonly budgets: Budgets
}

export interface RunOutput {
  readonly report: RunReport
  readonly pack: Uint8Array
  /** For the cost model. */
  readonly profile: DeviceProfileRecord
  readonly predictions: RunPredictions | null
}

/** What a run tells and obeys while it goes on. */
export interface RunEvents {
  progress(stage: JobStage, fraction: number, note: Note): void
  log(line: Note): void
  readonly signal: AbortSignal
}
