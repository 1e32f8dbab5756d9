// Packs in the workspace: added, looked at, put on devices and measured there, exported as libraries.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { sha256 } from '../base/hash.ts'
import { say, sentence } from '../base/note.ts'
import { memorySource } from '../base/source.ts'
import type { LibraryFormat } from '../contract/export.ts'
import { type JobId, type PackId, packId, type RunId } from '../contract/ids.ts'
import type { fileSourceInput } from '../contract/model.ts'
import { type PackFacts, type PackRequest, packMeasures } from '../contract/pack.ts'
import { isContainer } from '../formats/container/decode.ts'
import { packSizes, readShoe } from '../formats/shoe/index.ts'
import { modelUse } from '../targets/emit/model-use.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'
import type { exportService } from './export.ts'
import { openInput } from './file-input.ts'
import { openPackShelf } from './pack-shelf.ts'
import type { PackOutcome, PackWork } from './pack-task.ts'
import type { Uploads } from './uploads.ts'

type PackSource = z.infer<typeof fileSourceInput> | { readonly kind: 'run'; readonly run: RunId }

const titles = {
  deploy: (pack: string, device: string) => say`Deploying ${pack} on ${sentence(device, {})}`,
  bench: (pack: string, device: string) => say`Measuring ${pack} on ${sentence(device, {})}`,
  validate: (pack: string, device: string) => say`Validating ${pack} on ${sentence(device, {})}`,
  infer: (pack: string, device: string) => say`Outputs of ${pack} on ${sentence(device, {})}`,
} as const

export function packBenchService(
  context: ServiceContext,
  uploads: Uploads,
  libraries: Pick<ReturnType<typeof exportService>, 'libraryOf'>,
) {
  const { store, jobs, clock } = context
  const shelf = openPackShelf(join(store.workspace, 'packs'))

  async function bytesOf(source: PackSource): Promise<{ name: string; bytes: Uint8Array }> {
    if (source.kind !== 'run') {
      await using input = await openInput(context, uploads, source)
      return { name: input.name, bytes: new Uint8Array(readFileSync(input.path)) }
    }
    const [run, tree] = [store.runs.summary(source.run), store.runs.packTree(source.run)]
    if (!run || tree === null)
      throw new AppError('store.notFound', { kind: say`run`, id: source.run, plural: 'report --help' })
    const name = `${run.modelName.replace(/\.[^.]*$/, '')}-${run.recipeName}.shoe`
    return { name, bytes: new Uint8Array(readFileSync(join(store.trees.dir(tree), 'model.shoe'))) }
  }

  /** Everything is looked up before the job is queued, so that what cannot start fails at once. */
  function workOf(request: PackRequest): { work: PackWork; dataName: string | null } {
    const { pack, task, device, data, ...options } = request
    if (data === undefined && (task === 'validate' || task === 'infer'))
      throw new AppError('usage.invalid', { problem: say`${task} needs data.` })
    const found = data === undefined ? null : store.data.get(data)
    if (data !== undefined && !found)
      throw new AppError('store.notFound', { kind: say`data set`, id: data, plural: 'data' })
    const work: PackWork = {
      ...options,
      ...{ task: 'pack', action: task, path: shelf.pathOf(pack), device, version: context.version },
      data: found && {
        path: join(store.trees.dir(found.tree), found.file),
        preprocess: found.dataSet.preprocess,
      },
    }
    return { work, dataName: found?.dataSet.name ?? null }
  }

  return {
    list: () => shelf.list(),
    get: (id: PackId) => shelf.find(id),
    async add(source: PackSource): Promise<PackFacts> {
      const { name, bytes } = await bytesOf(source)
      const facts = factsOf(name, bytes, isoNow(clock))
      if (shelf.has(facts.id)) return shelf.find(facts.id)
      shelf.add(facts, bytes)
      return facts
    },
    remove: (id: PackId) => shelf.remove(id),
    file(id: PackId) {
      const { name } = shelf.find(id)
      const mediaType = 'application/octet-stream'
      return { fileName: name, mediaType, data: new Blob([readFileSync(shelf.pathOf(id))], { type: mediaType }) }
    },
    library: (id: PackId, as: LibraryFormat, name: string | undefined) =>
      libraries.libraryOf(shelf.pathOf(id), as, name),
    start(request: PackRequest): JobId {
      const { name } = shelf.find(request.pack)
      const device = profileOf(request.device)
      const { work, dataName } = workOf(request)
      const id: JobId = jobs.enqueue({
        title: titles[request.task](name, device.name),
        projectId: null,
        request,
        input: async () => work,
        finish: async (result) => {
          const { file, measures, ...outcome } = result as PackOutcome
          const kept = {
            ...outcome,
            measures: measures && packMeasures.parse(measures),
            ...{
              job: id,
              pack: request.pack,
              task: request.task,
              endedAt: isoNow(clock),
              deviceName: device.name,
              dataName,
            },
          }
          return { runId: null, commit: () => shelf.keep(kept, file) }
        },
      })
      return id
    },
    results: (id: PackId) => shelf.results(id),
    outputs(id: PackId, job: JobId) {
      const mediaType = 'application/zip'
      const fileName = `${shelf.find(id).name.replace(/\.[^.]*$/, '')}-outputs.npz`
      return { fileName, mediaType, data: new Blob([shelf.outputs(id, job)], { type: mediaType }) }
    },
  }
}

function factsOf(name: string, bytes: Uint8Array, addedAt: string): PackFacts {
  if (isContainer(memorySource(name, bytes))) throw new AppError('pack.weightsOnly', { name })
  const { plan, origin } = readShoe(bytes)
  const use = modelUse(plan)
  const port = (each: { name: string; shape: readonly number[] }) => ({ name: each.name, shape: [...each.shape] })
  return {
    id: packId.parse(sha256(bytes)),
    name,
    bytes: bytes.length,
    addedAt,
    modelName: origin.modelName,
    modelSha256: origin.modelSha256,
    recipeSha256: origin.recipeSha256,
    producer: origin.producer,
    inputs: plan.inputs.map(port),
    outputs: plan.outputs.map(port),
    operators: plan.ops.length,
    kinds: [...use.kinds],
    codecs: [...use.codecs],
    arenaBytes: plan.arenaBytes,
    weightsBytes: packSizes(bytes).weightsBytes,
  }
}
