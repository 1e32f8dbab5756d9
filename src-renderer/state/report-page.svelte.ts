// What a report is made of: which runs, which sections, and how that looks.
import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { RunId } from '../../src-main/contract/ids.ts'
import { type ReportLanguage, type ReportSection, reportSections } from '../../src-main/contract/reports.ts'
import { isCancelled, toErrorInfo } from '../api/error.ts'
import { toProjectId } from './ids.ts'
import { languageOfPage, type ReportContents, ReportExport } from './report-export.svelte.ts'
import { filterRuns, noFilter } from './run-filter.ts'
import { RunRows } from './run-rows.svelte.ts'
import { Verifier } from './verifier.svelte.ts'

/** A document over more is long to make and longer to read. */
export const mostReported = 50
/** Of a fresh page. */
const chosenAtFirst = 2

export class ReportPage {
  readonly rows: RunRows
  readonly reports: ReportExport
  readonly verifier: Verifier
  #api: Api
  #text = $state('')
  #chosen = $state.raw<readonly RunId[] | null>(null)
  #sections = $state.raw<readonly ReportSection[]>(reportSections)
  #language = $state<ReportLanguage | null>(null)
  #preview = $state.raw<string | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)
  #busy = $state(false)
  #asked = 0
  readonly chosen: readonly RunId[]
  readonly found

  constructor(api: Api, project: string) {
    this.#api = api
    this.rows = new RunRows(api, toProjectId(project))
    this.reports = new ReportExport(api)
    this.verifier = new Verifier(api)
    this.chosen = $derived(this.#chosen ?? (this.rows.value ?? []).slice(0, chosenAtFirst).map((run) => run.id))
    this.found = $derived(filterRuns(this.rows.value ?? [], { ...noFilter, text: this.#text }))
  }

  get text() {
    return this.#text
  }
  get sections() {
    return this.#sections
  }
  /** A whole page, as text. */
  get preview() {
    return this.#preview
  }
  get busy() {
    return this.#busy
  }
  get error() {
    return this.#error ?? this.reports.error
  }
  get contents(): ReportContents {
    return { runs: [...this.chosen], sections: [...this.#sections], language: this.language }
  }
  /** Of the document: as chosen, else that of the interface. */
  get language(): ReportLanguage {
    return this.#language ?? languageOfPage()
  }

  find(text: string): void {
    this.#text = text
  }

  toggleRun(id: RunId): void {
    const rest = this.chosen.filter((each) => each !== id)
    if (rest.length === this.chosen.length && rest.length >= mostReported) return
    this.#chosen = rest.length === this.chosen.length ? [...rest, id] : rest
  }

  chooseFound(): void {
    this.#chosen = this.found.slice(0, mostReported).map((run) => run.id)
  }

  chooseNone(): void {
    this.#chosen = []
  }

  speak(language: ReportLanguage): void {
    this.#language = language
  }

  toggleSection(section: ReportSection): void {
    const on = this.#sections.includes(section)
    this.#sections = reportSections.filter((each) => (each === section ? !on : this.#sections.includes(each)))
  }

  /** Only the answer to the last question is shown. */
  async show(contents: ReportContents): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    this.#error = null
    if (!contents.runs?.length) {
      this.#preview = null
      this.#busy = false
      return
    }
    this.#busy = true
    try {
      const { data } = await this.#api.reports.render({ ...contents, format: 'html' })
      const page = await data.text()
      if (asked === this.#asked) this.#preview = page
    } catch (error) {
      if (asked === this.#asked && !isCancelled(error)) this.#error = toErrorInfo(error)
    } finally {
      if (asked === this.#asked) this.#busy = false
    }
  }
}
