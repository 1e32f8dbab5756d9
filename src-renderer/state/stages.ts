import { isOpen, type Job, type StageName, stageName } from '../../src-main/contract/job.ts'
import { t } from '../i18n/locale.ts'
import { noteText } from '../i18n/note.ts'

export const stageTitle = (stage: StageName) => t(`notes.stage.${stage}`)

/** Of a job of any kind; '' before its first. */
export const stageText = ({ progress }: Job): string => (progress === null ? '' : t(`notes.stage.${progress.stage}`))

export const stageOrder: readonly StageName[] = stageName.options

export type StageState = 'done' | 'now' | 'waiting' | 'stopped'

export interface StageRow {
  readonly name: StageName
  readonly state: StageState
  readonly fraction: number
  readonly note: string
}

/** Where a job stands, stage by stage; the one it was in when it ended badly is `stopped`. */
export function stageRows(job: Job): StageRow[] {
  const names: readonly string[] = stageOrder
  const current = job.progress ? names.indexOf(job.progress.stage) : -1
  return stageOrder.map((name, index) => {
    if (job.state === 'done' || index < current) return { name, state: 'done', fraction: 1, note: '' }
    if (index > current || !job.progress) return { name, state: 'waiting', fraction: 0, note: '' }
    const state = isOpen(job) ? 'now' : 'stopped'
    return { name, state, fraction: job.progress.fraction, note: noteText(job.progress.note) }
  })
}
