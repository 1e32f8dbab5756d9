import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { LibraryFormat } from '../../src-main/contract/export.ts'
import type { RunId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'

// Long enough for the download to have begun.
const revokeAfterMs = 60_000

/** The pack of a run as a C library, saved as a zip archive. */
export class LibraryExport {
  #api: Api
  #busy = $state(false)
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

  async download(run: RunId, as: LibraryFormat): Promise<void> {
    this.#busy = true
    this.#error = null
    try {
      const { fileName, data } = await this.#api.export.library({ run, as })
      const url = URL.createObjectURL(data)
      setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs)
      const link = document.createElement('a')
      link.href = url
      link.download = fileName
      link.click()
    } catch (error) {
      this.#error = toErrorInfo(error)
    } finally {
      this.#busy = false
    }
  }
}
