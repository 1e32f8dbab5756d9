// Analyses of models: asking for one, keeping what it gave, and comparing two versions of a network value by value.
import { basename } from 'node:path'
import { canonicalJson, sha256 } from '../base/hash.ts'
import { say } from '../base/note.ts'
import type { Divergence, DivergenceRequest, Sensitivity, SensitivityRequest } from '../contract/analysis.ts'
import type { PreprocessRecord } from '../contract/data-set.ts'
import type { DataSetId, DeviceId, JobId, ModelId } from '../contract/ids.ts'
import { isOpen } from '../contract/job.ts'
import { compareVersions, type DivergenceInput } from './analysis/divergence.ts'
import type { SensitivityInput } from './analysis/execute.ts'
import type { ServiceContext } from './context.ts'
import { deviceProfiles, linksOf } from './cost.ts'
import { profileOf } from './devices.ts'
import { dataOf, modelOf } from './stored-inputs.ts'

/** Changes when results of the same input change. */
const analysisVersion = 1
const defaultSamples = 256
const defaultDevice = 'pico'

interface FileVersion {
  readonly path: string
  readonly recipe?: string | undefined
  readonly on: string
}

export interface FileComparison extends Omit<DivergenceInput, 'first' | 'second' | 'data'> {
  readonly first: FileVersion
  readonly second: FileVersion
  readonly data: string
  readonly preprocess?: PreprocessRecord | undefined
}

export function analysisService(context: ServiceContext) {
  const { store, jobs } = context
  /** Of this process, by what they find. */
  const started = new Map<string, { readonly job: JobId; readonly model: ModelId }>()

  function inputOf(request: SensitivityRequest): SensitivityInput & { readonly key: string } {
    const model = modelOf(store, request.model)
    const data = dataOf(store, request.data)
    const calibration = request.calibration ? dataOf(store, request.calibration) : null
    const device = profileOf(request.device ?? defaultDevice)
    const input: SensitivityInput = {
      task: 'sensitivity',
      model,
      data,
      calibration,
      samples: request.samples ?? defaultSamples,
      methods: request.methods ?? null,
      seed: request.seed ?? 0,
      device: { id: device.id, name: device.name, core: device.core, links: linksOf(device.id) },
      profiles: deviceProfiles(store, device.id),
    }
    return { ...input, key: keyOf(input, [model, data, calibration]) }
  }

  return {
    start(request: SensitivityRequest): { job: JobId | null } {
      const { key, ...input } = inputOf(request)
      const known = started.get(key)
      if (known && isOpen(jobs.get(known.job))) return { job: known.job }
      if (!request.again && store.sensitivities.get(key)) return { job: null }
      const job = jobs.enqueue({
        title: say`Sensitivity of ${input.model.name}`,
        projectId: null,
        request,
        input: async () => input,
        finish: async (result) => ({
          runId: null,
          commit: () => store.sensitivities.add({ key, dataSetId: request.data, result: result as Sensitivity }),
        }),
      })
      started.set(key, { job, model: request.model })
      return { job }
    },
    running(model: ModelId): { job: JobId | null } {
      const own = [...started.values()].findLast((each) => each.model === model && isOpen(jobs.get(each.job)))
      return { job: own?.job ?? null }
    },
    sensitivity(request: { model: ModelId; data?: DataSetId; device?: DeviceId }): Sensitivity | null {
      const device = request.device === undefined ? null : profileOf(request.device).id
      return store.sensitivities.newest(modelOf(store, request.model).sha256, request.data ?? null, device)
    },
    /** The same for files that are not in the workspace: models or packs. */
    divergenceOfFiles(request: FileComparison, signal: AbortSignal): Promise<Divergence> {
      const versionOf = ({ path, ...version }: FileVersion) => ({ ...version, model: { path, name: basename(path) } })
      const { preprocess = {}, data: path } = request
      const data = { path, name: basename(path), preprocess, limit: null }
      return compareVersions(
        { ...request, first: versionOf(request.first), second: versionOf(request.second), data },
        { clock: context.clock, signal },
      )
    },
    divergence(request: DivergenceRequest, signal: AbortSignal = new AbortController().signal): Promise<Divergence> {
      const versionOf = (version: DivergenceRequest['first']) => ({ ...version, model: modelOf(store, version.model) })
      return compareVersions(
        {
          ...request,
          first: versionOf(request.first),
          second: versionOf(request.second),
          data: dataOf(store, request.data),
        },
        { clock: context.clock, signal },
      )
    },
  }
}

/** Of all that a result depends on; files by what is in them. */
function keyOf(input: SensitivityInput, sources: readonly ({ readonly sha256: string } | null)[]): string {
  const { samples, methods, seed, device, profiles, data, calibration } = input
  return sha256(
    canonicalJson({
      analysisVersion,
      sources: sources.map((source) => source?.sha256 ?? null),
      preprocess: [data.preprocess, calibration?.preprocess ?? null],
      ...{ samples, methods, seed, device: device.id, profiles: profiles.map(({ packSha256 }) => packSha256) },
    }),
  )
}
