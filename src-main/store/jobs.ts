import { z } from 'zod'
import type { JobId, ProjectId } from '../contract/ids.ts'
import { type Job, job } from '../contract/job.ts'
import type { Db } from './database.ts'

export interface NewJob {
  readonly job: Job
  /** What was asked, as JSON, so that the job can be started again. */
  readonly request: string
  readonly ownerPid: number
}

const json = z.string().transform((text) => JSON.parse(text) as unknown)
const row = z
  .object({
    id: z.string(),
    project_id: z.string().nullable(),
    title: z.string(),
    state: z.string(),
    progress: json.nullable(),
    log: json,
    error: json.nullable(),
    run_id: z.string().nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    ended_at: z.string().nullable(),
  })
  .transform((r) =>
    job.parse({
      id: r.id,
      projectId: r.project_id,
      title: titleOf(r.title),
      state: r.state,
      progress: r.progress,
      log: r.log,
      error: r.error,
      runId: r.run_id,
      createdAt: r.created_at,
      startedAt: r.started_at,
      endedAt: r.ended_at,
    }),
  )

/** A sentence is kept as JSON; older jobs have plain text. */
function titleOf(text: string): unknown {
  return text.startsWith('{"template":') ? JSON.parse(text) : text
}

export function jobRepository(db: Db) {
  const insert = db.prepare(`INSERT INTO job (id, project_id, title, request, state, log, owner_pid, created_at)
    VALUES (@id, @projectId, @title, @request, @state, '[]', @ownerPid, @createdAt)`)
  const update = db.prepare(`UPDATE job SET state = @state, progress = @progress, log = @log, error = @error,
    run_id = @runId, started_at = @startedAt, ended_at = @endedAt WHERE id = @id`)
  const all = db.prepare('SELECT * FROM job ORDER BY created_at DESC, rowid DESC LIMIT 200')
  const ofProject = db.prepare('SELECT * FROM job WHERE project_id = ? ORDER BY created_at DESC, rowid DESC LIMIT 200')
  const one = db.prepare('SELECT * FROM job WHERE id = ?')
  const open = db.prepare(`SELECT id, owner_pid FROM job WHERE state IN ('queued', 'running')`)
  return {
    add({ job: j, request, ownerPid }: NewJob) {
      insert.run({
        id: j.id,
        projectId: j.projectId,
        title: typeof j.title === 'string' ? j.title : JSON.stringify(j.title),
        request,
        state: j.state,
        ownerPid,
        createdAt: j.createdAt,
      })
    },
    update(j: Job) {
      update.run({
        id: j.id,
        state: j.state,
        progress: j.progress && JSON.stringify(j.progress),
        log: JSON.stringify(j.log),
        error: j.error && JSON.stringify(j.error),
        runId: j.runId,
        startedAt: j.startedAt,
        endedAt: j.endedAt,
      })
    },
    list: (project?: ProjectId): Job[] => (project ? ofProject.all(project) : all.all()).map((r) => row.parse(r)),
    get(id: JobId): Job | null {
      const found = one.get(id)
      return found === undefined ? null : row.parse(found)
    },
    /** Jobs that some process has or had under way. */
    unfinished: () => z.array(z.object({ id: z.string(), owner_pid: z.number() })).parse(open.all()),
  }
}
