// What came of verifying reports: one result a job, found by job or by the run it was about.
import { z } from 'zod'
import type { JobId, RunId } from '../contract/ids.ts'
import { type Verification, verification } from '../contract/verification.ts'
import type { Db } from './database.ts'

export function verificationRepository(db: Db) {
  const insert = db.prepare('INSERT INTO verification (job_id, run_id, result, created_at) VALUES (?, ?, ?, ?)')
  const ofJob = db.prepare('SELECT result FROM verification WHERE job_id = ?').pluck()
  const ofRun = db
    .prepare('SELECT result FROM verification WHERE run_id = ? ORDER BY created_at DESC, rowid DESC LIMIT 1')
    .pluck()
  const parse = (found: unknown): Verification | null => {
    const text = z.string().optional().parse(found)
    return text === undefined ? null : verification.parse(JSON.parse(text))
  }
  return {
    /** @param run null when a document was verified */
    add: (job: JobId, run: RunId | null, result: Verification) =>
      insert.run(job, run, JSON.stringify(result), result.verifiedAt),
    get: (job: JobId) => parse(ofJob.get(job)),
    newestOf: (run: RunId) => parse(ofRun.get(run)),
  }
}
