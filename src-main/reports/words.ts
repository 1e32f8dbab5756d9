// The words that all documents share, and how moments are written. No Intl: the same record has to give the same bytes with
// every version of its tables.
import { chinese } from '../base/chinese/index.ts'
import { type Note, say, sentence, type Translations } from '../base/note.ts'
import type { BudgetName, FigureKind, RunReport } from '../contract/report.ts'
import type { ReportLanguage } from '../contract/reports.ts'
import { formatBytes, formatHz, grouped } from './figures.ts'

/** null: English, in which the sentences are written. */
export const wordsOf = (language: ReportLanguage | undefined): Translations | null =>
  language === 'zh' ? chinese : null

/** A name that may have a word in another language, such as that of the twin. */
export const named = (name: string): Note => sentence(name, {})

export const kindNotes: Record<FigureKind, Note> = {
  measured: say`measured`,
  simulated: say`simulated`,
  estimated: say`estimated`,
}

export const budgetTitles: Record<BudgetName, Note> = {
  flashBytes: say`Flash`,
  ramBytes: 'RAM',
  latencyMs: say`Latency`,
  energyUj: say`Energy`,
  accuracyDrop: say`Accuracy drop`,
}

export const counterNotes: Record<RunReport['latency']['counter'], Note> = {
  cycles: say`cycles`,
  instructions: say`instructions`,
  ticks: say`ticks`,
}

const deviceKindNotes: Record<RunReport['device']['kind'], Note> = {
  twin: say`twin`,
  emulator: say`emulator`,
  board: say`board`,
}

export const slotNotes: Record<RunReport['device']['slot'], Note> = { ram: 'RAM', flash: say`flash` }

export const deviceNote = ({ name, kind, core, clockHz, link }: RunReport['device']): Note =>
  say`${named(name)} (${deviceKindNotes[kind]}), ${core} at ${formatHz(clockHz)}, over ${named(link)}`

export const modelSizes = ({ bytes, parameters, macs }: RunReport['model']): Note =>
  say`${formatBytes(bytes)}, ${grouped(parameters)} parameters, ${grouped(macs)} MACs`

const months: readonly Note[] = [
  ...[say`January`, say`February`, say`March`, say`April`, say`May`, say`June`],
  ...[say`July`, say`August`, say`September`, say`October`, say`November`, say`December`],
]

/** @param iso in universal time, as records have it; anything else is shown as it is */
export function momentOf(iso: string): Note {
  const [, year, month, day, time] = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})/.exec(iso) ?? []
  const name = months[Number(month) - 1]
  return name === undefined ? iso : say`${Number(day)} ${name} ${year}, ${time} UTC`
}
