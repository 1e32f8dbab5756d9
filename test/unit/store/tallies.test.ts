import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../src-main/base/random.ts'
import { deviceId, type ProjectId, projectId, runId } from '../../../src-main/contract/ids.ts'
import type { RunSummary } from '../../../src-main/contract/run.ts'
import { summaryOf } from '../../../src-main/services/run/report.ts'
import { openStore, type Store } from '../../../src-main/store/store.ts'
import { sampleRun } from '../../support/sample-run.ts'
import { temporaryFolder } from '../../support/workspace.ts'

function addProject(store: Store, name: string): ProjectId {
  const id = projectId.parse(name)
  const none = {
    modelId: null,
    dataSetId: null,
    archivedAt: null,
    deletedAt: null,
    choices: { options: null, recipes: [] },
  }
  const device = { device: deviceId.parse('twin'), budgets: {} }
  store.projects.add({ id, name, ...device, recipe: 'int8', createdAt: '2026-01-01T00:00:00.000Z', ...none })
  return id
}

/** Few values each, so that there are ties at every place of the order. */
function addRuns(store: Store, project: ProjectId, count: number): RunSummary[] {
  const random = seededRandom(count)
  const any = <T>(...values: readonly T[]) => values[random.below(values.length)]!
  return Array.from({ length: count }, (_, n) => {
    const createdAt = `2026-01-0${any(1, 2, 3)}T00:00:00.000Z`
    const report = sampleRun({ id: `${project}-${n}`, createdAt, project: { id: project, name: project } })
    const figures = {
      withinBudgets: any(true, false),
      accuracy: any(0.5, 0.9, 0, null),
      samples: any(300, 5000, null),
      flashBytes: any(9, 10, 200),
      // No two alike, so that figures of another run are seen.
      ramBytes: 1000 + n,
      latencyMs: n / 8,
      accuracyDrop: any(n / 4, null),
    }
    const summary: RunSummary = { ...summaryOf(report), projectId: project, ...figures }
    store.runs.add({ report, summary, packTree: 'none', predictions: null })
    return summary
  })
}

/** What is told of a project's runs. */
function tallyOf(runs: readonly RunSummary[]) {
  const best = runs.find(({ id }) => id === bestOf(runs))
  const lastRunAt =
    runs
      .map(({ createdAt }) => createdAt)
      .sort()
      .at(-1) ?? null
  return { runs: runs.length, lastRunAt, best: best?.id ?? null, bestSummary: best ? figuresOf(best) : null }
}

const figuresOf = ({ flashBytes, ramBytes, latencyMs, energyUj, accuracyDrop }: RunSummary) => ({
  ...{ flashBytes, ramBytes, latencyMs, energyUj, accuracyDrop },
})

/** The order in words: within the budgets, on the most samples, most accurate, smallest, newest. */
function bestOf(runs: readonly RunSummary[]) {
  const [best] = runs
    .map((run, added) => ({ run, added }))
    .filter(({ run }) => run.withinBudgets)
    .sort(
      (a, b) =>
        (b.run.samples ?? 0) - (a.run.samples ?? 0) ||
        (b.run.accuracy ?? 0) - (a.run.accuracy ?? 0) ||
        a.run.flashBytes - b.run.flashBytes ||
        b.run.createdAt.localeCompare(a.run.createdAt) ||
        b.added - a.added,
    )
  return best?.run.id ?? null
}

test('the best run of each project is found as by comparing all', () => {
  using folder = temporaryFolder()
  const store = openStore(folder.file('workspace'))
  const counts = [0, 1, 2, 3, 7, 40]
  const made = counts.map((count) => {
    const id = addProject(store, `project-${count}`)
    return { id, runs: addRuns(store, id, count) }
  })
  const expected = made.map(({ id, runs }) => [id, tallyOf(runs)])
  expect([...store.runs.tallies()].toSorted()).toEqual(expected.toSorted())
  const last = made.at(-1)!
  store.runs.remove(runId.parse(bestOf(last.runs)))
  const left = last.runs.filter(({ id }) => id !== bestOf(last.runs))
  expect(store.runs.tallies(last.id).get(last.id)).toEqual(tallyOf(left))
  store.close()
})

test('rows of an older version learn what they are of, and the recipes of a project are told, the latest used first', () => {
  using folder = temporaryFolder()
  const path = folder.file('workspace')
  const store = openStore(path)
  const project = addProject(store, 'old')
  const base = sampleRun()
  for (const [i, name] of ['a', 'b', 'a'].entries()) {
    const recipe = { ...base.recipe, name }
    const report = sampleRun({
      id: `run-${i}`,
      createdAt: `2026-01-0${i + 1}T00:00:00.000Z`,
      recipe,
      recipeSha256: name,
    })
    store.runs.add({ report, summary: { ...summaryOf(report), projectId: project }, packTree: 'x', predictions: null })
  }
  const expected = store.runs.list(project)
  store.close()
  const db = new Database(join(path, 'shoehorn.db'))
  db.exec(`UPDATE run SET summary = json_remove(summary, '$.samples', '$.dataSha256', '$.recipeSha256', '$.encoding')`)
  // What later versions add, so that they can add it again.
  db.exec('ALTER TABLE project DROP COLUMN choices')
  db.pragma('user_version = 6')
  db.close()
  const opened = openStore(path)
  expect(opened.runs.list(project)).toEqual(expected)
  expect(opened.runs.recipes(project, 10).map(({ sha256, recipe }) => [sha256, recipe.name])).toEqual([
    ['a', 'a'],
    ['b', 'b'],
  ])
  const ids = [0, 1, 2].map((i) => runId.parse(`run-${i}`))
  expect(ids.map((id) => opened.runs.previous(id)?.id ?? null)).toEqual([null, ids[0], ids[1]])
  expect(opened.runs.recipes(project, 1)).toHaveLength(1)
  opened.close()
})
