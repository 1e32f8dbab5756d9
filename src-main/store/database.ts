// Opens the workspace's database: checks before it touches anything, copies the file before migrating, one transaction a
// migration.
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { AppError } from '../base/errors.ts'
import { say } from '../base/note.ts'
import { type Migration, migrations } from './migrations.ts'

export type Db = Database.Database

export function openDatabase(path: string, known: readonly Migration[] = migrations): Db {
  const existed = existsSync(path)
  const db = connect(path)
  try {
    const found = db.pragma('user_version', { simple: true }) as number
    const newest = known.at(-1)?.version ?? 0
    if (found > newest) throw new AppError('store.newer', { path, found, known: newest })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('busy_timeout = 10000')
    const pending = known.filter((migration) => migration.version > found)
    if (pending.length > 0 && existed && found > 0) db.prepare('VACUUM INTO ?').run(`${path}.before-${newest}`)
    for (const migration of pending) migrate(db, migration)
    return db
  } catch (cause) {
    db.close()
    throw asOpenError(path, cause)
  }
}

function migrate(db: Db, migration: Migration) {
  db.transaction(() => {
    // Another process may have migrated while this one waited for the lock.
    if ((db.pragma('user_version', { simple: true }) as number) >= migration.version) return
    db.exec(migration.sql)
    db.pragma(`user_version = ${migration.version}`)
  }).immediate()
}

function connect(path: string): Db {
  try {
    return new Database(path)
  } catch (cause) {
    throw asOpenError(path, cause)
  }
}

function asOpenError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Database.SqliteError) && !(cause instanceof TypeError)) return cause
  return new AppError(
    'store.open',
    {
      path,
      problem: cause.message,
      help: say`Choose another workspace with --workspace, or restore the copy beside it.`,
    },
    { cause },
  )
}
