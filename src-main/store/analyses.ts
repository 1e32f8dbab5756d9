// What was found out about models and devices besides runs: profiles of operators, which refine the cost model, how much
// layers mind compression, and how activations are distributed. All can be made again; runs cannot.
import { z } from 'zod'
import { type Activations, activations } from '../contract/activations.ts'
import { type Sensitivity, sensitivity } from '../contract/analysis.ts'
import type { RunId } from '../contract/ids.ts'
import { figureKind } from '../contract/report.ts'
import type { Db } from './database.ts'

const operatorProfile = z.object({
  node: z.string(),
  kernel: z.string(),
  /** What the operator was made to do, by name of the loop. */
  features: z.record(z.string(), z.number()),
  /** Of the core. */
  cycles: z.number(),
})

export const deviceProfileRecord = z.object({
  /** Of the catalogue. */
  device: z.string(),
  kind: figureKind,
  modelSha256: z.string(),
  packSha256: z.string(),
  /** All weights lie as plain int8, so that operators took what the cost model speaks of. */
  isPlain: z.boolean(),
  operators: z.array(operatorProfile),
})
export type DeviceProfileRecord = z.infer<typeof deviceProfileRecord>

const json = z.string().transform((text) => JSON.parse(text) as unknown)

/** Profiles of a device that count. */
const newest = 50

export function profileRepository(db: Db) {
  const insert = db.prepare('INSERT OR REPLACE INTO profile (run_id, device, profile, created_at) VALUES (?, ?, ?, ?)')
  const ofDevice = db
    .prepare('SELECT profile FROM profile WHERE device = ? ORDER BY created_at DESC, rowid DESC LIMIT ?')
    .pluck()
  const revision = db.prepare("SELECT count(*) || ' ' || coalesce(max(created_at), '') FROM profile").pluck()
  return {
    add: (run: RunId, profile: DeviceProfileRecord, at: string) =>
      insert.run(run, profile.device, JSON.stringify(profile), at),
    /** Another text after every change of what is known. */
    revision: (): string => String(revision.get()),
    /** Newest first. */
    ofDevice: (device: string): DeviceProfileRecord[] =>
      ofDevice.all(device, newest).map((text) => json.pipe(deviceProfileRecord).parse(text)),
  }
}

export interface StoredSensitivity {
  /** Hash of everything that the result depends on. */
  readonly key: string
  readonly dataSetId: string
  readonly result: Sensitivity
}

export function sensitivityRepository(db: Db) {
  const insert =
    db.prepare(`INSERT OR REPLACE INTO sensitivity (key, model_sha256, data_set_id, device, result, created_at)
    VALUES (@key, @model, @data, @device, @result, @at)`)
  const one = db.prepare('SELECT result FROM sensitivity WHERE key = ?').pluck()
  const ofModel = db
    .prepare(`SELECT result FROM sensitivity WHERE model_sha256 = @model AND (@data IS NULL OR data_set_id = @data)
      AND (@device IS NULL OR device = @device) ORDER BY created_at DESC, rowid DESC LIMIT 1`)
    .pluck()
  // What an older version stored in another form is found anew.
  const parse = (text: unknown) => (text === undefined ? null : (json.pipe(sensitivity).safeParse(text).data ?? null))
  return {
    add({ key, dataSetId, result }: StoredSensitivity) {
      const { model, device, createdAt: at } = result
      insert.run({ key, model: model.sha256, data: dataSetId, device: device.id, result: JSON.stringify(result), at })
    },
    get: (key: string): Sensitivity | null => parse(one.get(key)),
    newest: (model: string, data: string | null, device: string | null): Sensitivity | null =>
      parse(ofModel.get({ model, data, device })),
  }
}

interface StoredActivations {
  /** Hash of everything that the result depends on. */
  readonly key: string
  /** Whose pack was run; null: the model alone. */
  readonly run: RunId | null
  readonly result: Activations
}

export function activationRepository(db: Db) {
  const insert = db.prepare(`INSERT OR REPLACE INTO activation (key, model_sha256, run_id, result, created_at)
    VALUES (@key, @model, @run, @result, @at)`)
  const one = db.prepare('SELECT result FROM activation WHERE key = ?').pluck()
  return {
    add({ key, run, result }: StoredActivations) {
      insert.run({ key, model: result.model.sha256, run, result: JSON.stringify(result), at: result.createdAt })
    },
    get(key: string): Activations | null {
      const text = one.get(key)
      return text === undefined ? null : (json.pipe(activations).safeParse(text).data ?? null)
    },
  }
}
