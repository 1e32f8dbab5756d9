import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { toErrorInfo } from '../api/error.ts'
import { saveAs } from './save-file.ts'

/** A file that the host makes when it is asked for, saved as the user's. */
export class FileDownload {
  #busy = $state(false)
  #error = $state.raw<ErrorInfo | null>(null)

  get busy() {
    return this.#busy
  }
  get error() {
    return this.#error
  }

  async save(fetch: () => Promise<{ readonly data: Blob; readonly fileName: string }>): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    this.#error = null
    try {
      const { data, fileName } = await fetch()
      saveAs(data, fileName)
    } catch (error) {
      this.#error = toErrorInfo(error)
    } finally {
      this.#busy = false
    }
  }
}
