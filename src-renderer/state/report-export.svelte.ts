import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { ProjectId, RunId } from '../../src-main/contract/ids.ts'
import type { ReportFormat, ReportLanguage, ReportSection } from '../../src-main/contract/reports.ts'
import { LocalError, toErrorInfo } from '../api/error.ts'
import { locale } from '../i18n/locale.ts'
import { saveAs, temporaryUrl } from './save-file.ts'

export interface ReportContents {
  readonly runs?: RunId[]
  readonly project?: ProjectId
  readonly sections?: ReportSection[]
  /** Left out: that of the interface. */
  readonly language?: ReportLanguage
}

/** What the interface speaks. */
export const languageOfPage = (): ReportLanguage => (locale.language === 'zh-CN' ? 'zh' : 'en')

/** Reports over runs or a whole project, opened beside the workbench or saved as a file. */
export class ReportExport {
  #api: Api
  #busy = $state<ReportFormat | null>(null)
  #error = $state.raw<ErrorInfo | null>(null)

  constructor(api: Api) {
    this.#api = api
  }

  get busy() {
    return this.#busy
  }
  get error() {
    return this.#error
  }

  async open(what: ReportContents): Promise<void> {
    await this.#render(what, 'html', (report) => {
      if (!window.open(temporaryUrl(report), '_blank')) {
        throw new LocalError('popup', 'The browser did not open the report.', 'Allow pop-up windows for this address.')
      }
    })
  }

  async download(what: ReportContents, format: ReportFormat): Promise<void> {
    await this.#render(what, format, saveAs)
  }

  async #render(
    what: ReportContents,
    format: ReportFormat,
    use: (report: Blob, fileName: string) => void,
  ): Promise<void> {
    this.#busy = format
    this.#error = null
    try {
      const { fileName, mediaType, data } = await this.#api.reports.render({
        language: languageOfPage(),
        ...what,
        format,
      })
      use(new Blob([data], { type: mediaType }), fileName)
    } catch (error) {
      this.#error = toErrorInfo(error)
    } finally {
      this.#busy = null
    }
  }
}
