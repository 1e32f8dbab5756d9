// A checked project file into the workspace. Models and data sets that are there already serve both; ids that are taken are
// given anew, so that the same project can be imported beside the one that it came from.
import { randomUUID } from 'node:crypto'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import {
  type DataSetId,
  dataSetId,
  type ModelId,
  modelId,
  type ProjectId,
  projectId,
  type RunId,
  runId,
} from '../contract/ids.ts'
import type { ProjectChoices } from '../contract/project.ts'
import type { ServiceContext } from './context.ts'
import type { CheckedArchive } from './project-archive-file.ts'
import type { Projects } from './projects.ts'
import { originOf } from './run/report.ts'

interface Merged {
  readonly id: ProjectId
  readonly models: number
  readonly dataSets: number
  readonly runs: number
  readonly reused: number
}

export async function mergeArchive(
  context: ServiceContext,
  projects: Projects,
  archive: CheckedArchive,
): Promise<Merged> {
  const { store } = context
  const { record, runs, trees, name } = archive
  const present = new Set([...record.models, ...record.dataSets].map(({ tree }) => tree))
  for (const { packTree } of runs.values()) present.add(packTree)
  for (const [hash, files] of trees) {
    const tree = await store.trees.add(files)
    if (tree.hash !== hash) {
      await store.trees.remove(tree.hash)
      throw new AppError('store.notProject', {
        name,
        problem: say`the files of ${hash} are not those it was named after`,
      })
    }
    present.delete(hash)
  }
  await assertPresent(context, present, name)
  return store.transaction(() => {
    const models = mergeModels(context, archive)
    const dataSets = mergeDataSets(context, archive)
    const id = addProject(context, projects, archive, models.ids, dataSets.ids)
    for (const old of record.runs) addRun(context, archive, old, id)
    const counts = { models: record.models.length, dataSets: record.dataSets.length, runs: record.runs.length }
    return { id, ...counts, reused: models.reused + dataSets.reused }
  })
}

/** Trees that the file names and does not hold must be in the workspace. */
async function assertPresent({ store }: ServiceContext, hashes: ReadonlySet<string>, name: string) {
  const { stat } = await import('node:fs/promises')
  for (const hash of hashes)
    await stat(store.trees.dir(hash)).catch((cause) => {
      throw new AppError('store.notProject', { name, problem: say`the files of ${hash} are missing` }, { cause })
    })
}

function mergeModels({ store }: ServiceContext, { record }: CheckedArchive) {
  const ids = new Map<ModelId, ModelId>()
  let reused = 0
  for (const stored of record.models) {
    const known = store.models.bySha256(stored.model.sha256)
    const id = known?.model.id ?? (store.models.get(stored.model.id) ? modelId.parse(randomUUID()) : stored.model.id)
    if (known) reused += 1
    else store.models.add({ ...stored, model: { ...stored.model, id } })
    ids.set(stored.model.id, id)
  }
  return { ids, reused }
}

function mergeDataSets({ store }: ServiceContext, { record }: CheckedArchive) {
  const ids = new Map<DataSetId, DataSetId>()
  let reused = 0
  for (const stored of record.dataSets) {
    const { dataSet, tree } = stored
    const known = store.data.byContent(tree, dataSet.preprocess)
    const id = known?.dataSet.id ?? (store.data.get(dataSet.id) ? dataSetId.parse(randomUUID()) : dataSet.id)
    if (known) reused += 1
    else store.data.add({ ...stored, dataSet: { ...dataSet, id } })
    ids.set(dataSet.id, id)
  }
  return { ids, reused }
}

function addProject(
  { store }: ServiceContext,
  projects: Projects,
  { record: { project } }: CheckedArchive,
  models: ReadonlyMap<ModelId, ModelId>,
  dataSets: ReadonlyMap<DataSetId, DataSetId>,
): ProjectId {
  const id = store.projects.get(project.id) ? projectId.parse(randomUUID()) : project.id
  store.projects.add({
    ...project,
    id,
    name: projects.freeName(project.name),
    modelId: (project.modelId && models.get(project.modelId)) ?? null,
    dataSetId: (project.dataSetId && dataSets.get(project.dataSetId)) ?? null,
    choices: withKnownData(project.choices, dataSets),
    archivedAt: null,
    deletedAt: null,
  })
  return id
}

function withKnownData(choices: ProjectChoices, dataSets: ReadonlyMap<DataSetId, DataSetId>): ProjectChoices {
  const { options } = choices
  const calibration = options?.calibration ? (dataSets.get(options.calibration) ?? null) : null
  return { ...choices, options: options && { ...options, calibration } }
}

function addRun({ store }: ServiceContext, { runs, record }: CheckedArchive, old: RunId, project: ProjectId) {
  const run = runs.get(old)
  if (!run) return
  const id = store.runs.summary(old) ? runId.parse(randomUUID()) : old
  const { tags, note } = run.summary
  store.runs.add({
    report: { ...run.report, id, project: { id: project, name: run.report.project?.name ?? record.project.name } },
    summary: { ...run.summary, ...originOf(run.report), id, projectId: project },
    packTree: run.packTree,
    predictions: run.predictions,
  })
  if (tags.length > 0 || note !== '') store.runs.annotate(id, tags, note)
}
