// Reading a project file: what it must hold, and the check of all of it. A file may come from anywhere.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { issueNote } from '../base/issue.ts'
import { type Note, say, sentence } from '../base/note.ts'
import { fileSource } from '../base/source.ts'
import { dataSet } from '../contract/data-set.ts'
import { dataSetId, deviceId, modelId, projectId, type RunId, runId } from '../contract/ids.ts'
import { model } from '../contract/model.ts'
import { projectChoices } from '../contract/project.ts'
import { budgets, runReport } from '../contract/report.ts'
import { runSummary } from '../contract/run.ts'
import { readZip, type ZipMember } from '../data/zip.ts'
import { runPredictions } from '../store/runs.ts'
import { isFull } from '../store/trees.ts'

export const archiveVersion = 1
export const sumsName = 'SHA256SUMS'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const fileName = z.string().refine(isPlainPath, 'is no file name')

const projectRecord = z.object({
  format: z.literal('shoehorn-project'),
  version: z.literal(archiveVersion),
  producer: z.string(),
  exportedAt: z.string(),
  project: z.object({
    id: projectId,
    name: z.string().min(1).max(200),
    device: deviceId,
    budgets,
    modelId: modelId.nullable(),
    dataSetId: dataSetId.nullable(),
    recipe: z.string(),
    choices: projectChoices.default({ options: null, recipes: [] }),
    createdAt: z.string(),
    archivedAt: z.string().nullable(),
    deletedAt: z.string().nullable(),
  }),
  models: z.array(z.object({ model, tree: sha256, file: fileName })),
  dataSets: z.array(z.object({ dataSet, tree: sha256, file: fileName })),
  runs: z.array(runId.refine((id) => isPlainPath(id) && !id.includes('/'), 'is no id')),
})
export type ProjectRecord = z.infer<typeof projectRecord>

const archivedRun = z.object({
  report: runReport,
  summary: runSummary,
  packTree: sha256,
  predictions: runPredictions.nullable(),
})
export type ArchivedRun = z.infer<typeof archivedRun>

export interface CheckedArchive {
  readonly name: string
  readonly record: ProjectRecord
  readonly runs: ReadonlyMap<RunId, ArchivedRun>
  /** Files of each tree by their paths in it: where they were unpacked to. Known trees have none. */
  readonly trees: ReadonlyMap<string, readonly { readonly path: string; readonly from: { readonly path: string } }[]>
}

/** @param folder where trees are unpacked; @param isKnown whether a tree need not be */
export async function checkArchive(
  path: string,
  name: string,
  folder: string,
  isKnown: (tree: string) => Promise<boolean>,
): Promise<CheckedArchive> {
  const source = fileSource(path)
  try {
    const fail = (problem: Note): never => {
      throw new AppError('store.notProject', { name, problem })
    }
    const members = new Map((await whole(name, () => readZip(source, name))).map((member) => [member.name, member]))
    const sums = await readSums(members, name, fail)
    const read = (member: string) => readChecked(members, sums, member, name, fail)
    const record = readRecord(await read('project.json'), name, fail)
    const runs = new Map<RunId, ArchivedRun>()
    for (const id of record.runs) runs.set(id, readRun(await read(`runs/${id}.json`), id, fail))
    const trees = new Map<string, { path: string; from: { path: string } }[]>()
    for (const member of sums.keys()) {
      const [top, tree, ...rest] = member.split('/')
      if (top !== 'trees' || !tree || rest.length === 0) continue
      const bytes = await read(member)
      if (await isKnown(tree)) continue
      const to = join(folder, tree, ...rest)
      await unpack(to, bytes)
      trees.set(tree, [...(trees.get(tree) ?? []), { path: rest.join('/'), from: { path: to } }])
    }
    return { name, record, runs, trees }
  } finally {
    source.close()
  }
}

type Fail = (problem: Note) => never

async function readSums(
  members: ReadonlyMap<string, ZipMember>,
  name: string,
  fail: Fail,
): Promise<ReadonlyMap<string, string>> {
  const member = members.get(sumsName)
  if (!member) return fail(say`it has no ${sumsName}`)
  const lines = new TextDecoder().decode(await whole(name, () => member.read())).split('\n')
  const sums = new Map<string, string>()
  for (const line of lines.filter((each) => each !== '')) {
    const [, hash, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? fail(say`${sumsName} is damaged`)
    if (!isPlainPath(path!)) fail(say`the name ${path} cannot be used`)
    sums.set(path!, hash!)
  }
  const extra = [...members.keys()].find((each) => each !== sumsName && !sums.has(each))
  if (extra !== undefined) fail(say`${extra} is not in ${sumsName}`)
  return sums
}

async function readChecked(
  members: ReadonlyMap<string, ZipMember>,
  sums: ReadonlyMap<string, string>,
  member: string,
  name: string,
  fail: Fail,
): Promise<Uint8Array> {
  const found = members.get(member)
  if (!found || !sums.has(member)) return fail(say`${member} is missing`)
  const bytes = await whole(name, () => found.read())
  const hash = createHash('sha256').update(bytes).digest('hex')
  return hash === sums.get(member) ? bytes : fail(say`${member} is damaged: its SHA-256 is not the one recorded`)
}

function readRecord(bytes: Uint8Array, name: string, fail: Fail): ProjectRecord {
  const value = parseJson(bytes, 'project.json', fail)
  const head = z.object({ format: z.literal('shoehorn-project'), version: z.number() }).safeParse(value)
  if (!head.success) return fail(say`project.json is that of no project`)
  if (head.data.version > archiveVersion)
    throw new AppError('store.newerProject', { name, found: head.data.version, known: archiveVersion })
  const parsed = projectRecord.safeParse(value)
  return parsed.success ? parsed.data : fail(say`project.json: ${issueOf(parsed.error)}`)
}

function readRun(bytes: Uint8Array, id: string, fail: Fail): ArchivedRun {
  const parsed = archivedRun.safeParse(parseJson(bytes, `run ${id}`, fail))
  return parsed.success ? parsed.data : fail(`run ${id}: ${issueOf(parsed.error)}`)
}

function parseJson(bytes: Uint8Array, what: string, fail: Fail): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return fail(say`${what} is no JSON`)
  }
}

const issueOf = ({ issues: [issue] }: z.ZodError) =>
  sentence('{place}: {problem}', { place: issue?.path.join('.'), problem: issueNote(issue?.message ?? '') })

/** What the zip reader refuses is a damaged project file to the user, not a damaged data set. */
async function whole<T>(name: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError('store.notProject', { name, problem: cause.data.problem ?? cause.note }, { cause })
  }
}

async function unpack(to: string, bytes: Uint8Array) {
  try {
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, bytes)
  } catch (cause) {
    if (isFull(cause)) throw new AppError('store.full', { path: to }, { cause })
    throw cause
  }
}

/** Relative, below where it is put, and one that every system can have. */
function isPlainPath(path: string): boolean {
  const parts = path.split('/')
  return (
    !/[\\\0:]/.test(path) && path.length < 1024 && parts.every((part) => part !== '' && part !== '.' && part !== '..')
  )
}
