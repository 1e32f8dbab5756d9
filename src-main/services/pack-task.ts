// What a job does with a pack: the services of the command line, on a file of the workspace.
import type { PreprocessRecord } from '../contract/data-set.ts'
import type { PackResult, PackTask } from '../contract/pack.ts'
import { packsService } from './packs.ts'
import type { ExpectedFile } from './run/expected.ts'
import type { NamedOutputs } from './run/infer.ts'
import { outputsAsNpz } from './run/npz-output.ts'
import type { Host } from './run/prepare.ts'

export interface PackWork {
  readonly task: 'pack'
  readonly action: PackTask
  readonly path: string
  readonly device: string
  readonly data: { readonly path: string; readonly preprocess: PreprocessRecord } | null
  readonly limit?: number | undefined
  readonly deviceSamples?: number | undefined
  readonly warmup: number
  readonly runs: number
  readonly version: string
  readonly expect: ExpectedFile | null
}

export interface PackOutcome extends Pick<PackResult, 'deployment' | 'measures' | 'outputs'> {
  /** The npz of infer. */
  readonly file: Uint8Array | null
}

const nothing: PackOutcome = { deployment: null, measures: null, outputs: null, file: null }

export async function executePackTask(work: PackWork, { clock, events }: Host): Promise<PackOutcome> {
  const packs = packsService({ clock, version: work.version })
  const { path, device, warmup, runs, limit, deviceSamples } = work
  const request = {
    ...{ path, device, warmup, runs },
    ...(work.data && { data: work.data.path, preprocess: work.data.preprocess }),
    ...(limit !== undefined && { limit }),
    ...(work.expect && { expect: work.expect }),
    ...(deviceSamples !== undefined && { deviceSamples }),
  }
  switch (work.action) {
    case 'deploy':
      return { ...nothing, deployment: await packs.deploy(path, device, events) }
    case 'bench':
      return { ...nothing, measures: await packs.bench(request, events) }
    case 'validate':
      return { ...nothing, measures: await packs.validate(request, events) }
    case 'infer':
      return outcomeOf(await packs.infer(request, events))
  }
}

function outcomeOf(outputs: NamedOutputs): PackOutcome {
  const file = outputsAsNpz(outputs)
  const tensors = Object.entries(outputs).map(([name, { shape, data }]) => ({
    name,
    shape: [...shape],
    dtype: data instanceof Int8Array ? ('int8' as const) : ('float32' as const),
  }))
  return { ...nothing, outputs: { bytes: file.length, tensors }, file }
}
