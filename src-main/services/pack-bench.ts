// Packs in the workspace: added, looked at, put on devices and measured there, exported as libraries.
import { readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { sha256 } from '../base/hash.ts'
import { say, sentence } from '../base/note.ts'
import { fileSource } from '../base/source.ts'
import type { LibraryFormat } from '../contract/export.ts'
import { type JobId, type PackId, packId, type RunId } from '../contract/ids.ts'
import type { fileSourceInput } from '../contract/model.ts'
import { type PackFacts, type PackRequest, packMeasures, type RepackRequest } from '../contract/pack.ts'
import { isContainer, isPack } from '../formats/container/decode.ts'
import { packSizes, readShoe } from '../formats/shoe/index.ts'
import { modelUse } from '../targets/emit/model-use.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'
import type { exportService } from './export.ts'
import { type LocalInput, openInput } from './file-input.ts'
import { runModelTask } from './model-task.ts'
import { openPackShelf } from './pack-shelf.ts'
import type { PackOutcome, PackWork } from './pack-task.ts'
import type { ExpectedFile } from './run/expected.ts'
import { safeName } from './safe-name.ts'
import { dataOf } from './stored-inputs.ts'
import { noRun, runPack } from './stored-run.ts'
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
  const { store, jobs, clock, background } = context
  const shelf = openPackShelf(join(store.workspace, 'packs'))

  async function bytesOf(source: PackSource): Promise<{ name: string; bytes: Uint8Array }> {
    if (source.kind !== 'run') {
      await using input = await openInput(context, uploads, source)
      return { name: input.name, bytes: await packIn(input) }
    }
    const { modelName, recipeName } = store.runs.summary(source.run) ?? noRun(source.run)
    const name = `${safeName(`${modelName.replace(/\.[^.]*$/, '')}-${recipeName}`, 'pack')}.shoe`
    return { name, bytes: new Uint8Array(await readFile(runPack(store, source.run))) }
  }

  function keep(name: string, bytes: Uint8Array): PackFacts {
    const facts = factsOf(name, bytes, isoNow(clock))
    if (shelf.has(facts.id)) return shelf.find(facts.id)
    shelf.add(facts, bytes)
    return facts
  }

  async function expectedIn(source: z.infer<typeof fileSourceInput>): Promise<ExpectedFile> {
    await using input = await openInput(context, uploads, source)
    return { name: input.name, bytes: new Uint8Array(await readFile(input.path)) }
  }

  /** Everything is looked up before the job is queued, so that what cannot start fails at once. */
  async function workOf(request: PackRequest): Promise<{ work: PackWork; dataName: string | null }> {
    const { pack, task, device, data, expect, ...options } = request
    if (data === undefined && (task === 'validate' || task === 'infer'))
      throw new AppError('usage.invalid', { problem: say`${task} needs data.` })
    const found = data === undefined ? null : dataOf(store, data)
    const work: PackWork = {
      ...options,
      ...{ task: 'pack', action: task, path: shelf.pathOf(pack), device, version: context.version },
      expect: expect && task === 'validate' ? await expectedIn(expect) : null,
      data: found && { path: found.path, preprocess: found.preprocess },
    }
    return { work, dataName: found?.name ?? null }
  }

  return {
    list: () => shelf.list(),
    get: (id: PackId) => shelf.find(id),
    async add(source: PackSource): Promise<PackFacts> {
      const { name, bytes } = await bytesOf(source)
      return keep(name, bytes)
    },
    /** The same integers stored for another goal, beside the pack they are from; that pack itself when not a byte changes. */
    async repack({ id, encoding, device }: RepackRequest): Promise<PackFacts> {
      const name = shelf.find(id).name.replace(/\.[^.]*$/, '')
      const target = device === undefined ? {} : { device: profileOf(device).id }
      const bytes = await runModelTask(background, 'repack', { path: shelf.pathOf(id), encoding, ...target })
      return keep(`${name}-${encoding}.shoe`, bytes)
    },
    remove: (id: PackId) => shelf.remove(id),
    file(id: PackId) {
      const { name } = shelf.find(id)
      const mediaType = 'application/octet-stream'
      return { fileName: name, mediaType, data: new Blob([readFileSync(shelf.pathOf(id))], { type: mediaType }) }
    },
    library: (id: PackId, as: LibraryFormat, name: string | undefined) =>
      libraries.libraryOf(shelf.pathOf(id), as, name),
    async start(request: PackRequest): Promise<JobId> {
      const { name } = shelf.find(request.pack)
      const device = profileOf(request.device)
      const { work, dataName } = await workOf(request)
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

/** Of what is no pack, which may be of any size, the first bytes only: they refuse it. */
async function packIn({ path, name }: LocalInput): Promise<Uint8Array> {
  if (!(await stat(path)).isFile()) throw new AppError('usage.invalid', { problem: say`${name} is no file.` })
  const source = fileSource(path)
  try {
    if (isContainer(source)) throw new AppError('pack.weightsOnly', { name })
    return isPack(source) ? new Uint8Array(await readFile(path)) : source.read(0, Math.min(source.size, 4))
  } finally {
    source.close()
  }
}

function factsOf(name: string, bytes: Uint8Array, addedAt: string): PackFacts {
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
