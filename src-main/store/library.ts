// Projects, models, data sets and the devices seen: rows in, values out. Rows do not leave this file.
import { z } from 'zod'
import { type DataSet, dataSet } from '../contract/data-set.ts'
import {
  type DataSetId,
  dataSetId,
  deviceId,
  type ModelId,
  modelId,
  type ProjectId,
  projectId,
} from '../contract/ids.ts'
import { type Model, model } from '../contract/model.ts'
import { projectChoices } from '../contract/project.ts'
import { type Budgets, budgets } from '../contract/report.ts'
import type { Db } from './database.ts'

export interface StoredModel {
  readonly model: Model
  readonly tree: string
  readonly file: string
}

const modelInfo = model.omit({ id: true, name: true, sha256: true, addedAt: true })

export function modelRepository(db: Db) {
  const columns = 'id, name, sha256, tree, file, info, added_at'
  const insert = db.prepare(
    `INSERT INTO model (${columns}) VALUES (@id, @name, @sha256, @tree, @file, @info, @addedAt)`,
  )
  const all = db.prepare(`SELECT ${columns} FROM model ORDER BY added_at, rowid`)
  const one = db.prepare(`SELECT ${columns} FROM model WHERE id = ?`)
  const bySha = db.prepare(`SELECT ${columns} FROM model WHERE sha256 = ?`)
  const remove = db.prepare('DELETE FROM model WHERE id = ?')
  const parse = (row: unknown): StoredModel => {
    const r = contentRow.extend({ sha256: z.string() }).parse(row)
    const info = modelInfo.parse(JSON.parse(r.info))
    return {
      model: { ...info, id: modelId.parse(r.id), name: r.name, sha256: r.sha256, addedAt: r.added_at },
      tree: r.tree,
      file: r.file,
    }
  }
  const found = (row: unknown) => (row === undefined ? null : parse(row))
  return {
    add({ model: m, tree, file }: StoredModel) {
      const info = JSON.stringify(modelInfo.parse(m))
      insert.run({ id: m.id, name: m.name, sha256: m.sha256, tree, file, info, addedAt: m.addedAt })
    },
    list: () => all.all().map(parse),
    get: (id: ModelId) => found(one.get(id)),
    bySha256: (hash: string) => found(bySha.get(hash)),
    remove: (id: ModelId) => remove.run(id).changes > 0,
  }
}

const contentRow = z.object({
  id: z.string(),
  name: z.string(),
  tree: z.string(),
  file: z.string(),
  info: z.string(),
  added_at: z.string(),
})

export interface StoredDataSet {
  readonly dataSet: DataSet
  readonly tree: string
  readonly file: string
}

const dataInfo = dataSet.omit({ id: true, name: true, sha256: true, preprocess: true, addedAt: true })

export function dataSetRepository(db: Db) {
  const columns = 'id, name, sha256, tree, file, preprocess, info, added_at'
  const insert = db.prepare(
    `INSERT INTO data_set (${columns}) VALUES (@id, @name, @sha256, @tree, @file, @preprocess, @info, @addedAt)`,
  )
  const update = db.prepare('UPDATE data_set SET preprocess = @preprocess, info = @info WHERE id = @id')
  const all = db.prepare(`SELECT ${columns} FROM data_set ORDER BY added_at, rowid`)
  const one = db.prepare(`SELECT ${columns} FROM data_set WHERE id = ?`)
  const byContent = db.prepare(`SELECT ${columns} FROM data_set WHERE tree = ? AND preprocess = ?`)
  const remove = db.prepare('DELETE FROM data_set WHERE id = ?')
  const parse = (row: unknown): StoredDataSet => {
    const r = contentRow.extend({ sha256: z.string(), preprocess: z.string() }).parse(row)
    const info = dataInfo.parse(JSON.parse(r.info))
    const preprocess = dataSet.shape.preprocess.parse(JSON.parse(r.preprocess))
    return {
      dataSet: { ...info, id: dataSetId.parse(r.id), name: r.name, sha256: r.sha256, preprocess, addedAt: r.added_at },
      tree: r.tree,
      file: r.file,
    }
  }
  const found = (row: unknown) => (row === undefined ? null : parse(row))
  return {
    add({ dataSet: d, tree, file }: StoredDataSet) {
      const preprocess = JSON.stringify(d.preprocess)
      const info = JSON.stringify(dataInfo.parse(d))
      insert.run({ id: d.id, name: d.name, sha256: d.sha256, tree, file, preprocess, info, addedAt: d.addedAt })
    },
    update(d: DataSet) {
      update.run({ id: d.id, preprocess: JSON.stringify(d.preprocess), info: JSON.stringify(dataInfo.parse(d)) })
    },
    list: () => all.all().map(parse),
    get: (id: DataSetId) => found(one.get(id)),
    byContent: (tree: string, preprocess: DataSet['preprocess']) =>
      found(byContent.get(tree, JSON.stringify(preprocess))),
    remove: (id: DataSetId) => remove.run(id).changes > 0,
  }
}

const projectRow = z
  .object({
    id: projectId,
    name: z.string(),
    device: deviceId,
    budgets: z.string().transform((text) => budgets.parse(JSON.parse(text))),
    model_id: modelId.nullable(),
    data_set_id: dataSetId.nullable(),
    recipe: z.string(),
    choices: z.string().transform((text) => projectChoices.parse(JSON.parse(text))),
    created_at: z.string(),
    archived_at: z.string().nullable(),
    deleted_at: z.string().nullable(),
    binned_name: z.string().nullable(),
  })
  .transform((row) => ({
    id: row.id,
    name: row.binned_name ?? row.name,
    device: row.device,
    budgets: row.budgets as Budgets,
    modelId: row.model_id,
    dataSetId: row.data_set_id,
    recipe: row.recipe,
    choices: row.choices,
    createdAt: row.created_at,
    archivedAt: row.archived_at,
    deletedAt: row.deleted_at,
  }))
export type StoredProject = z.infer<typeof projectRow>

const asText = (project: Pick<StoredProject, 'budgets' | 'choices'>) => ({
  budgets: JSON.stringify(project.budgets),
  choices: JSON.stringify(project.choices),
})

export function projectRepository(db: Db) {
  const all = db.prepare('SELECT * FROM project WHERE deleted_at IS NULL ORDER BY created_at, rowid')
  const binned = db.prepare('SELECT * FROM project WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, rowid DESC')
  const one = db.prepare('SELECT * FROM project WHERE id = ?')
  const named = db.prepare('SELECT * FROM project WHERE name = ?')
  const insert = db.prepare(`INSERT INTO project
    (id, name, device, budgets, model_id, data_set_id, recipe, choices, created_at, archived_at)
    VALUES (@id, @name, @device, @budgets, @modelId, @dataSetId, @recipe, @choices, @createdAt, @archivedAt)`)
  const update = db.prepare(`UPDATE project SET name = @name, budgets = @budgets, model_id = @modelId,
    data_set_id = @dataSetId, recipe = @recipe, choices = @choices, archived_at = @archivedAt WHERE id = @id`)
  const bin = db.prepare('UPDATE project SET binned_name = name, name = id, deleted_at = @at WHERE id = @id')
  const unbin = db.prepare('UPDATE project SET name = @name, binned_name = NULL, deleted_at = NULL WHERE id = @id')
  const remove = db.prepare('DELETE FROM project WHERE id = ?')
  const found = (row: unknown): StoredProject | null => (row === undefined ? null : projectRow.parse(row))
  return {
    list: () => all.all().map((row) => projectRow.parse(row)),
    bin: () => binned.all().map((row) => projectRow.parse(row)),
    get: (id: ProjectId) => found(one.get(id)),
    byName: (name: string) => found(named.get(name)),
    add({ deletedAt: _deletedAt, ...project }: StoredProject) {
      insert.run({ ...project, ...asText(project) })
    },
    toBin: (id: ProjectId, at: string) => bin.run({ id, at }),
    fromBin: (id: ProjectId, name: string) => unbin.run({ id, name }),
    update(project: StoredProject) {
      const { device: _device, createdAt: _createdAt, deletedAt: _deletedAt, ...rest } = project
      update.run({ ...rest, ...asText(project) })
    },
    remove: (id: ProjectId) => remove.run(id).changes > 0,
  }
}

export function deviceRepository(db: Db) {
  const upsert = db.prepare(`INSERT INTO device (id, hello, seen_at) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET hello = excluded.hello, seen_at = excluded.seen_at`)
  const all = db.prepare('SELECT id, hello, seen_at FROM device ORDER BY seen_at DESC')
  const row = z.object({ id: deviceId, hello: z.string(), seen_at: z.string() })
  return {
    seen: (id: string, hello: unknown, at: string) => upsert.run(id, JSON.stringify(hello), at),
    list: () =>
      all.all().map((r) => {
        const { id, hello, seen_at } = row.parse(r)
        return { id, hello: z.record(z.string(), z.unknown()).parse(JSON.parse(hello)), seenAt: seen_at }
      }),
  }
}
