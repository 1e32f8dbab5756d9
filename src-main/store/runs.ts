// Runs are immutable: added once, read, removed. The summary beside the report keeps the table quick.
import { z } from 'zod'
import type { ProjectId, RunId } from '../contract/ids.ts'
import { type RunReport, runReport } from '../contract/report.ts'
import { type RunSummary, runSummary } from '../contract/run.ts'
import type { Db } from './database.ts'

export interface NewRun {
  readonly report: RunReport
  readonly summary: RunSummary
  readonly packTree: string
}

export function runRepository(db: Db) {
  const addRecipe = db.prepare('INSERT OR IGNORE INTO recipe (sha256, name, body) VALUES (?, ?, ?)')
  const insert = db.prepare(`INSERT INTO run
    (id, project_id, model_sha256, recipe_sha256, pack_tree, summary, report, created_at)
    VALUES (@id, @projectId, @modelSha256, @recipeSha256, @packTree, @summary, @report, @createdAt)`)
  const all = db.prepare('SELECT summary FROM run ORDER BY created_at DESC, rowid DESC')
  const ofProject = db.prepare('SELECT summary FROM run WHERE project_id = ? ORDER BY created_at DESC, rowid DESC')
  const one = db.prepare('SELECT report FROM run WHERE id = ?')
  const pack = db.prepare('SELECT pack_tree FROM run WHERE id = ?').pluck()
  const count = db.prepare('SELECT count(*) FROM run WHERE project_id = ?').pluck()
  const remove = db.prepare('DELETE FROM run WHERE id = ?')
  const column = (name: string) => (row: unknown) =>
    JSON.parse(z.object({ [name]: z.string() }).parse(row)[name] as string)
  const summaryOf = (row: unknown) => runSummary.parse(column('summary')(row))
  return {
    add({ report, summary, packTree }: NewRun) {
      addRecipe.run(report.recipeSha256, report.recipe.name, JSON.stringify(report.recipe))
      insert.run({
        id: summary.id,
        projectId: summary.projectId,
        modelSha256: report.model.sha256,
        recipeSha256: report.recipeSha256,
        packTree,
        summary: JSON.stringify(summary),
        report: JSON.stringify(report),
        createdAt: report.createdAt,
      })
    },
    list: (project?: ProjectId): RunSummary[] => (project ? ofProject.all(project) : all.all()).map(summaryOf),
    get(id: RunId): RunReport | null {
      const row = one.get(id)
      return row === undefined ? null : runReport.parse(column('report')(row))
    },
    packTree: (id: RunId) => z.string().optional().parse(pack.get(id)) ?? null,
    countOf: (project: ProjectId) => z.number().parse(count.get(project)),
    remove: (id: RunId) => remove.run(id).changes > 0,
  }
}
