import { truncateSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { sha256 } from '../../../src-main/base/hash.ts'
import { openDatabase } from '../../../src-main/store/database.ts'
import { type Migration, migrations } from '../../../src-main/store/migrations.ts'
import { temporaryFolder } from '../../support/workspace.ts'

/** Released migrations never change: a new one gets a new line here. */
const frozen: Record<number, string> = {
  1: 'a110402eb4d9f07cdc228e665d35faf63783ad94f699e70a4f6d84c6b3eb290c',
  2: '7e52753cedd172fc70b8f03688d58a383b134628dfd2607c5be44a14ee6f70d4',
  3: '8412d03a4baf5136663b996f13496d6a19b5866e37f235e593ba2a7647599a5d',
  4: '2a36bb722b449c6bb19502080359cfefde54ffc7d74d22d6c864fc08ead60638',
  5: 'a8f907fe5fe15addffcbb44dbb7f25ba848c66296e1ffc62064e293cb11abaad',
  6: '8bd73f65c4db9ef04c8d6a22913c9035c55266fe5acbdccf42dd41654b9dd952',
  7: '952ccc6a3df39b43559f4bc3aac99c43afc60b22d23079c91c7d6cdf1a27ef11',
  8: '48947bca1f0cb2ebe1690a0d22e45b36689852cc4c792b7d2d8affab2396995d',
}

const codeOf = (action: () => unknown) => {
  try {
    action()
    return 'no error'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

describe('migrations', () => {
  test('are frozen by hash and numbered without gaps', () => {
    expect(Object.fromEntries(migrations.map((m) => [m.version, sha256(m.sql)]))).toEqual(frozen)
    expect(migrations.map((m) => m.version)).toEqual(migrations.map((_, i) => i + 1))
  })

  test('run once, keep what is there, and leave a copy of the file before', () => {
    using folder = temporaryFolder()
    const path = folder.file('shoehorn.db')
    const db = openDatabase(path)
    db.prepare(`INSERT INTO recipe (sha256, name, body) VALUES ('a', 'int8', '{}')`).run()
    db.close()
    const next: Migration = { version: migrations.length + 1, sql: 'ALTER TABLE recipe ADD COLUMN note TEXT' }
    const reopened = openDatabase(path, [...migrations, next])
    const rows = reopened.prepare('SELECT sha256, name, note FROM recipe').all()
    reopened.close()
    const copy = new Database(`${path}.before-${next.version}`, { readonly: true })
    const kept = copy.prepare('SELECT sha256 FROM recipe').all()
    copy.close()
    expect({ rows, kept }).toEqual({ rows: [{ sha256: 'a', name: 'int8', note: null }], kept: [{ sha256: 'a' }] })
  })

  test('that fail leave the version before', () => {
    using folder = temporaryFolder()
    const path = folder.file('shoehorn.db')
    openDatabase(path).close()
    const broken: Migration = {
      version: migrations.length + 1,
      sql: 'CREATE TABLE half (id TEXT); SELECT no_such_function()',
    }
    expect(codeOf(() => openDatabase(path, [...migrations, broken]))).toBe('store.open')
    const db = openDatabase(path)
    const tables = db.prepare(`SELECT name FROM sqlite_master WHERE name = 'half'`).all()
    db.close()
    expect(tables).toEqual([])
  })
})

describe('opening', () => {
  test('a workspace of a newer version is refused and not touched', () => {
    using folder = temporaryFolder()
    const path = folder.file('shoehorn.db')
    const db = new Database(path)
    db.pragma('user_version = 999')
    db.close()
    expect(codeOf(() => openDatabase(path))).toBe('store.newer')
  })

  test('a file that is no database is refused with a next step', () => {
    using folder = temporaryFolder()
    const path = folder.file('shoehorn.db')
    writeFileSync(path, 'this is no database, '.repeat(100))
    expect(codeOf(() => openDatabase(path))).toBe('store.open')
  })

  test('a database cut short is refused with a next step', () => {
    using folder = temporaryFolder()
    const path = folder.file('shoehorn.db')
    openDatabase(path).close()
    truncateSync(path, 5000)
    expect(codeOf(() => openDatabase(path).prepare('SELECT * FROM run').all())).not.toBe('no error')
  })
})
