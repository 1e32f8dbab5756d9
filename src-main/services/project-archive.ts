// A whole project as one file: a zip archive with the project's record, its models and data sets, its runs with packs, and
// SHA256SUMS over all of it (`sha256sum -c` checks an unpacked one). Nothing of an archive reaches the workspace before every
// byte of it was checked.
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { AppError, Bug } from '../base/errors.ts'
import { say } from '../base/note.ts'
import type { ProjectId } from '../contract/ids.ts'
import type { fileSourceInput } from '../contract/model.ts'
import type { ImportedProject, ProjectArchive } from '../contract/project.ts'
import { maxChunkBytes } from '../contract/upload.ts'
import { createZip, type ZipWriter } from '../data/zip-write.ts'
import { filesBelow, isFull } from '../store/trees.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { openInput } from './file-input.ts'
import { archiveVersion, checkArchive, type ProjectRecord, sumsName } from './project-archive-file.ts'
import { mergeArchive } from './project-merge.ts'
import type { Projects } from './projects.ts'
import { safeName } from './safe-name.ts'
import type { Uploads } from './uploads.ts'

export function projectArchiveService(context: ServiceContext, uploads: Uploads, projects: Projects) {
  const { store } = context
  const made = new Map<string, { path: string; bytes: number }>()

  async function write(id: ProjectId, path: string): Promise<number> {
    projects.find(id)
    try {
      await using zip = await createZip(path)
      const sums = await writeMembers(context, zip, id)
      await zip.addBytes(sumsName, new TextEncoder().encode(sums))
      return await zip.finish()
    } catch (cause) {
      await rm(path, { force: true })
      if (isFull(cause)) throw new AppError('store.full', { path }, { cause })
      throw cause
    }
  }

  async function importFile(path: string, name: string): Promise<ImportedProject> {
    const folder = join(store.folders.uploads, `import-${randomUUID()}`)
    try {
      await mkdir(folder, { recursive: true })
      const archive = await checkArchive(path, name, folder, (tree) => isKnown(context, tree))
      const { id, ...found } = await mergeArchive(context, projects, archive)
      return { project: projects.get(id), ...found }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  return {
    async export(id: ProjectId): Promise<ProjectArchive> {
      const archive = randomUUID()
      const path = join(store.folders.uploads, `export-${archive}.shoeproject`)
      const bytes = await write(id, path)
      made.set(archive, { path, bytes })
      return { archive, fileName: `${safeName(projects.find(id).name, 'project')}.shoeproject`, bytes }
    },
    async read(archive: string, offset: number): Promise<Uint8Array<ArrayBuffer>> {
      const file = made.get(archive)
      if (!file) throw new AppError('store.notFound', { kind: say`export`, id: archive, plural: 'projects' })
      const data = await readPart(file.path, offset)
      if (offset + data.length >= file.bytes) {
        made.delete(archive)
        await rm(file.path, { force: true })
      }
      return data
    },
    /** Complete or not there at all. */
    async toFile(id: ProjectId, path: string): Promise<number> {
      const bytes = await write(id, `${path}.part`)
      await rename(`${path}.part`, path)
      return bytes
    },
    async import(source: z.infer<typeof fileSourceInput>): Promise<ImportedProject> {
      await using input = await openInput(context, uploads, source)
      return await importFile(input.path, input.name)
    },
  }
}

async function readPart(path: string, offset: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(maxChunkBytes), 0, maxChunkBytes, offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** A tree that is there need not be unpacked again. */
function isKnown({ store }: ServiceContext, tree: string): Promise<boolean> {
  return filesBelow(store.trees.dir(tree), tree).then(
    (files) => files.length > 0,
    () => false,
  )
}

async function writeMembers(context: ServiceContext, zip: ZipWriter, id: ProjectId): Promise<string> {
  const { store } = context
  const sums: string[] = []
  const json = async (name: string, value: unknown) => {
    const hash = await zip.addBytes(name, new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`))
    sums.push(`${hash}  ${name}\n`)
  }
  const record = recordOf(context, id)
  await json('project.json', record)
  const packs: string[] = []
  for (const run of record.runs) {
    const { report, summary, packTree, predictions } = storedRun(context, run)
    packs.push(packTree)
    await json(`runs/${run}.json`, { report, summary, packTree, predictions })
  }
  const trees = [...record.models, ...record.dataSets].map(({ tree }) => tree)
  for (const tree of new Set([...trees, ...packs])) {
    const files = await filesBelow(store.trees.dir(tree), `trees/${tree}`).catch((cause) => {
      throw new AppError('store.blob', { hash: tree }, { cause })
    })
    for (const { path, from } of files) {
      if (!('path' in from)) throw new Bug('a stored tree is not on disk')
      sums.push(`${await zip.addFile(path, from.path)}  ${path}\n`)
    }
  }
  return sums.join('')
}

function storedRun({ store }: ServiceContext, id: ProjectRecord['runs'][number]) {
  const [report, summary, packTree] = [store.runs.get(id), store.runs.summary(id), store.runs.packTree(id)]
  if (!report || !summary || packTree === null) throw new Bug(`run ${id} is listed and not there`)
  return { report, summary, packTree, predictions: store.runs.predictions(id) }
}

/** The project with every model and every data set that it, or one of its runs, was made with. */
function recordOf({ store, version, clock }: ServiceContext, id: ProjectId): ProjectRecord {
  const project = store.projects.get(id)
  if (!project) throw new Bug(`project ${id} went away while it was exported`)
  const runs = store.runs.ids(id)
  const { models: modelHashes, data: dataHashes } = store.runs.sources(id)
  return {
    format: 'shoehorn-project',
    version: archiveVersion,
    producer: `Shoehorn ${version}`,
    exportedAt: isoNow(clock),
    project,
    models: store.models.list().filter(({ model }) => model.id === project.modelId || modelHashes.has(model.sha256)),
    dataSets: store.data
      .list()
      .filter(({ dataSet }) => dataSet.id === project.dataSetId || dataHashes.has(dataSet.sha256)),
    runs,
  }
}
