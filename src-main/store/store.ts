// A workspace on disk: the database, the trees, and the folder for uploads.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { activationRepository, profileRepository, sensitivityRepository } from './analyses.ts'
import { type Db, openDatabase } from './database.ts'
import { jobRepository } from './jobs.ts'
import { dataSetRepository, deviceRepository, modelRepository, projectRepository } from './library.ts'
import { runRepository } from './runs.ts'
import { openTrees } from './trees.ts'
import { verificationRepository } from './verifications.ts'

export type Store = ReturnType<typeof openStore>

export function openStore(workspace: string) {
  const folders = { blobs: join(workspace, 'blobs'), uploads: join(workspace, 'uploads') }
  try {
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AppError(
      'store.open',
      { path: workspace, problem, help: say`Choose another folder with --workspace.` },
      { cause },
    )
  }
  const db: Db = openDatabase(join(workspace, 'shoehorn.db'))
  return {
    workspace,
    folders,
    trees: openTrees(folders.blobs),
    projects: projectRepository(db),
    models: modelRepository(db),
    data: dataSetRepository(db),
    devices: deviceRepository(db),
    runs: runRepository(db),
    jobs: jobRepository(db),
    verifications: verificationRepository(db),
    profiles: profileRepository(db),
    sensitivities: sensitivityRepository(db),
    activations: activationRepository(db),
    /** One user action, all or nothing. */
    transaction: <T>(action: () => T): T => db.transaction(action).immediate(),
    close: () => db.close(),
  }
}
