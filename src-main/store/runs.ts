// Runs are immutable: added once, read, removed. The summary beside the report keeps the table quick; what the user writes
// about a run lies in a table of its own.
import { deflateSync, inflateSync } from 'node:zlib'
import { z } from 'zod'
import { type ProjectId, projectId, type RunId, runId } from '../contract/ids.ts'
import { bestFigures } from '../contract/project.ts'
import { type RunReport, recipe, runReport } from '../contract/report.ts'
import { type RunSummary, runSummary, type UsedRecipe } from '../contract/run.ts'
import type { Db } from './database.ts'

/** What the twin and the original answered for each sample: the class of the highest score. */
export const runPredictions = z.object({
  /** Of each sample in its data set. */
  indices: z.array(z.number().int()),
  labels: z.array(z.number().int()).nullable(),
  twin: z.array(z.number().int()),
  original: z.array(z.number().int()),
})
export type RunPredictions = z.infer<typeof runPredictions>

export interface NewRun {
  readonly report: RunReport
  readonly summary: RunSummary
  readonly packTree: string
  /** null: the outputs are no classes. */
  readonly predictions: RunPredictions | null
}

const rows = `SELECT run.summary, run_note.tags, run_note.note FROM run LEFT JOIN run_note ON run_note.run_id = run.id`
const newestFirst = 'ORDER BY run.created_at DESC, run.rowid DESC'
const tallyRow = z.object({
  project: projectId,
  runs: z.number(),
  lastRunAt: z.string().nullable(),
  best: runId.nullable(),
  bestSummary: z
    .string()
    .transform((text) => bestFigures.parse(JSON.parse(text)))
    .nullable(),
})
export type RunTally = Omit<z.infer<typeof tallyRow>, 'project'>
const sourceRow = z.object({ model: z.string(), data: z.string(), calibration: z.string().nullable() })
const recipeRow = z.object({ sha256: z.string(), body: z.string() })
const summaryRow = z.object({ summary: z.string(), tags: z.string().nullable(), note: z.string().nullable() })

export function runRepository(db: Db) {
  const addRecipe = db.prepare('INSERT OR IGNORE INTO recipe (sha256, name, body) VALUES (?, ?, ?)')
  const insert = db.prepare(`INSERT INTO run
    (id, project_id, model_sha256, recipe_sha256, pack_tree, summary, report, created_at)
    VALUES (@id, @projectId, @modelSha256, @recipeSha256, @packTree, @summary, @report, @createdAt)`)
  const all = db.prepare(`${rows} ${newestFirst}`)
  const idsOfProject = db.prepare(`SELECT id FROM run WHERE project_id = ? ${newestFirst}`).pluck()
  const sources = db.prepare(`SELECT DISTINCT model_sha256 AS model, report ->> '$.data.sha256' AS data,
    report ->> '$.data.calibration.sha256' AS calibration FROM run WHERE project_id = ?`)
  const ofProject = db.prepare(`${rows} WHERE run.project_id = ? ${newestFirst}`)
  const ofModel = db.prepare(
    `${rows} WHERE run.model_sha256 = @model AND run.project_id = @project ${newestFirst} LIMIT @count`,
  )
  const part = `${newestFirst} LIMIT @count OFFSET @first`
  const page = db.prepare(`${rows} ${part}`)
  const pageOfProject = db.prepare(`${rows} WHERE run.project_id = @project ${part}`)
  const summary = db.prepare(`${rows} WHERE run.id = ?`)
  const before = db.prepare(`${rows} JOIN run AS later ON later.id = ? AND later.project_id = run.project_id
    WHERE (run.created_at, run.rowid) < (later.created_at, later.rowid) ${newestFirst} LIMIT 1`)
  const one = db.prepare('SELECT report FROM run WHERE id = ?').pluck()
  const pack = db.prepare('SELECT pack_tree FROM run WHERE id = ?').pluck()
  const count = db.prepare('SELECT count(*) FROM run WHERE project_id = ?').pluck()
  // The order is that of the index run_by_merit.
  const tallies = db.prepare(`SELECT tally.*, run.summary AS bestSummary FROM (SELECT project.id AS project,
    (SELECT count(*) FROM run WHERE project_id = project.id) AS runs,
    (SELECT max(created_at) FROM run WHERE project_id = project.id) AS lastRunAt,
    (SELECT CASE WHEN summary ->> 'withinBudgets' THEN id END FROM run WHERE project_id = project.id
      ORDER BY summary ->> 'withinBudgets' DESC, coalesce(summary ->> 'samples', 0) DESC,
        coalesce(summary ->> 'accuracy', 0) DESC, summary ->> 'flashBytes', created_at DESC, rowid DESC LIMIT 1) AS best
    FROM project WHERE @project IS NULL OR project.id = @project) AS tally LEFT JOIN run ON run.id = tally.best`)
  const countAll = db.prepare('SELECT count(*) FROM run').pluck()
  const remove = db.prepare('DELETE FROM run WHERE id = ?')
  const annotate = db.prepare(`INSERT INTO run_note (run_id, tags, note) VALUES (@id, @tags, @note)
    ON CONFLICT (run_id) DO UPDATE SET tags = excluded.tags, note = excluded.note`)
  const addPredictions = db.prepare('INSERT INTO run_prediction (run_id, body) VALUES (?, ?)')
  const recipes = db.prepare(`SELECT recipe.sha256, recipe.body FROM
    (SELECT recipe_sha256 AS sha256, max(created_at) AS used FROM run WHERE project_id = @project GROUP BY recipe_sha256)
    JOIN recipe USING (sha256) ORDER BY used DESC LIMIT @count`)
  const predictions = db.prepare('SELECT body FROM run_prediction WHERE run_id = ?').pluck()
  const summaryOf = (row: unknown): RunSummary => {
    const { summary: text, tags, note } = summaryRow.parse(row)
    return runSummary.parse({ ...JSON.parse(text), tags: JSON.parse(tags ?? '[]'), note: note ?? '' })
  }
  return {
    add({ report, summary: made, packTree, predictions: answers }: NewRun) {
      addRecipe.run(report.recipeSha256, report.recipe.name, JSON.stringify(report.recipe))
      insert.run({
        id: made.id,
        projectId: made.projectId,
        modelSha256: report.model.sha256,
        recipeSha256: report.recipeSha256,
        packTree,
        summary: JSON.stringify(made),
        report: JSON.stringify(report),
        createdAt: report.createdAt,
      })
      if (answers) addPredictions.run(made.id, deflateSync(JSON.stringify(answers)))
    },
    list: (project?: ProjectId): RunSummary[] => (project ? ofProject.all(project) : all.all()).map(summaryOf),
    ids: (project: ProjectId): RunId[] => z.array(runId).parse(idsOfProject.all(project)),
    /** The SHA-256 of every model and data set that runs of a project were made with. */
    sources(project: ProjectId): { readonly models: ReadonlySet<string>; readonly data: ReadonlySet<string | null> } {
      const found = z.array(sourceRow).parse(sources.all(project))
      return {
        models: new Set(found.map((row) => row.model)),
        data: new Set(found.flatMap((row) => [row.data, row.calibration])),
      }
    },
    page: (project: ProjectId | null, first: number, size: number) => ({
      total: z.number().parse(project ? count.get(project) : countAll.get()),
      rows: (project ? pageOfProject.all({ project, first, count: size }) : page.all({ first, count: size })).map(
        summaryOf,
      ),
    }),
    /** Newest first. */
    ofModel: (model: string, project: ProjectId, size: number): RunSummary[] =>
      ofModel.all({ model, project, count: size }).map(summaryOf),
    summary(id: RunId): RunSummary | null {
      const row = summary.get(id)
      return row === undefined ? null : summaryOf(row)
    },
    /** The run of the same project that was made last before it. */
    previous(id: RunId): RunSummary | null {
      const row = before.get(id)
      return row === undefined ? null : summaryOf(row)
    },
    get(id: RunId): RunReport | null {
      const text = z.string().optional().parse(one.get(id))
      return text === undefined ? null : runReport.parse(JSON.parse(text))
    },
    annotate: (id: RunId, tags: readonly string[], note: string) =>
      annotate.run({ id, tags: JSON.stringify(tags), note }),
    predictions(id: RunId): RunPredictions | null {
      const body = z.instanceof(Uint8Array).optional().parse(predictions.get(id))
      return body ? runPredictions.parse(JSON.parse(inflateSync(body).toString())) : null
    },
    recipes: (project: ProjectId, size: number): UsedRecipe[] =>
      z
        .array(recipeRow)
        .parse(recipes.all({ project, count: size }))
        .map(({ sha256, body }) => ({ sha256, recipe: recipe.parse(JSON.parse(body)) })),
    packTree: (id: RunId) => z.string().optional().parse(pack.get(id)) ?? null,
    /**
     * How many runs a project has, and the best within all budgets: measured on the most samples, of these the most accurate, among
     * equals the smallest. For all projects at once.
     */
    tallies: (project: ProjectId | null = null): ReadonlyMap<string, RunTally> =>
      new Map(
        tallies
          .all({ project })
          .map((row) => tallyRow.parse(row))
          .map(({ project: of, ...tally }) => [of, tally]),
      ),
    remove: (id: RunId) => remove.run(id).changes > 0,
  }
}
