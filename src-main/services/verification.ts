// Verifying: what a record says it was made from is looked up in the workspace, and a job makes it again.
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { type Note, say } from '../base/note.ts'
import { preprocessRecord } from '../contract/data-set.ts'
import { type JobId, type RunId, runId } from '../contract/ids.ts'
import type { RunReport } from '../contract/report.ts'
import type { Verification } from '../contract/verification.ts'
import { type ReportRecord, readRecord } from '../reports/record.ts'
import { isoNow, type ServiceContext } from './context.ts'
import { profileOf } from './devices.ts'
import { packTarget } from './run/pack-target.ts'
import type { PrepareInput } from './run/prepare.ts'
import type { DataInput } from './run/run-input.ts'
import type { VerifiedRun, VerifyTask } from './run/verify-run.ts'
import type { runsService } from './runs.ts'

export type VerifySource =
  | { readonly kind: 'run'; readonly run: RunId }
  | { readonly kind: 'document'; readonly name: string; readonly text: string }

export function verificationService(context: ServiceContext, runs: ReturnType<typeof runsService>) {
  const { store, jobs, clock } = context

  function dataInput(run: RunReport, data: Stated, preprocess: unknown, limit: number | null): DataInput {
    const wanted = preprocessRecord.parse(preprocess)
    const found = store.data.list().find(({ dataSet }) => dataSet.sha256 === data.sha256)
    if (!found) throw missing(run, say`the data`, data)
    return { path: join(store.trees.dir(found.tree), found.file), name: data.name, preprocess: wanted, limit }
  }

  /** As `inputOf` of runs makes it, but from the record. */
  function inputOf(report: RunReport): PrepareInput {
    const model = store.models.bySha256(report.model.sha256)
    if (!model) throw missing(report, say`the model`, report.model)
    const { calibration, preprocess, samples } = report.data
    const budgets = Object.fromEntries(report.budgets.map(({ budget, limit }) => [budget, limit]))
    const { reproduction } = report
    const given = reproduction
      ? reproduction.calibrationGiven
      : calibration !== null && calibration.sha256 !== report.data.sha256
    return {
      producer: report.producer,
      model: { path: join(store.trees.dir(model.tree), model.file), name: report.model.name },
      data: dataInput(report, report.data, preprocess, samples),
      calibration:
        given && calibration
          ? dataInput(report, calibration, reproduction?.calibrationPreprocess ?? preprocess, null)
          : null,
      calibrationLimit: calibration?.samples ?? null,
      recipe: report.recipe,
      encoding: report.encodingGoal ?? 'auto',
      target: reproduction?.target ?? packTarget(profileOf(report.device.id), budgets),
      seed: report.seed,
    }
  }

  function enqueue(name: string, reports: readonly RunReport[], about: About): JobId {
    const task: VerifyTask = { task: 'verify', runs: reports.map((report) => ({ report, input: inputOf(report) })) }
    const id: JobId = jobs.enqueue({
      title: say`Verifying ${name}`,
      projectId: null,
      request: { verify: name },
      input: async () => task,
      finish: async (result) => {
        const verified = result as VerifiedRun[]
        const { document } = about
        const kept: Verification = {
          name,
          verifiedAt: isoNow(clock),
          producer: `Shoehorn ${context.version}`,
          confirmed: document !== 'differs' && verified.every(({ confirmed }) => confirmed),
          document,
          runs: verified,
        }
        return { runId: null, commit: () => store.verifications.add(id, about.run, kept) }
      },
    })
    return id
  }

  return {
    inputOf,
    async verify(source: VerifySource): Promise<JobId> {
      if (source.kind === 'run') {
        const report = runs.get(source.run)
        return enqueue(report.model.name, [report], { run: source.run, document: null })
      }
      const record = readRecord(source.name, source.text)
      return enqueue(source.name, record.runs, { run: null, document: await documentOf(source.text, record) })
    },
    get(job: JobId): Verification {
      const found = store.verifications.get(job)
      if (!found) throw new AppError('store.notFound', { kind: say`verification`, id: job, plural: 'report --help' })
      return found
    },
    newestOf: (run: RunId) => store.verifications.newestOf(runId.parse(run)),
  }

  /** Rendering is pure: the same record of the same version is the same document, byte for byte. */
  async function documentOf(text: string, record: ReportRecord): Promise<Verification['document']> {
    if (!record.html) return null
    if (record.data.producer !== `Shoehorn ${context.version}`) return 'otherVersion'
    const { renderText } = await import('../reports/render.ts')
    return renderText(record.data, 'html') === text ? 'same' : 'differs'
  }
}

interface About {
  readonly run: RunId | null
  readonly document: Verification['document']
}

interface Stated {
  readonly name: string
  readonly sha256: string
}

function missing(run: RunReport, what: Note, { name, sha256 }: Stated): AppError {
  return new AppError('report.sourceMissing', { run: run.id, what, name, sha256 })
}
