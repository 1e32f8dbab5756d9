import type { Api } from '../../src-main/contract/contract.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import type { LibraryFormat } from '../../src-main/contract/export.ts'
import type { RunId } from '../../src-main/contract/ids.ts'
import { toErrorInfo } from '../api/error.ts'
import { saveAs } from './save-file.ts'

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
      saveAs(data, fileName)
    } catch (error) {
      this.#error = toErrorInfo(error)
    } finally {
      this.#busy = false
    }
  }
}
