import type { ErrorInfo } from '../../contract/error.ts'

/** A bug inside a job, as its worker told it. */
export class JobFailure extends Error {
  readonly info: ErrorInfo
  constructor(info: ErrorInfo) {
    super(info.message)
    this.name = 'JobFailure'
    this.info = info
  }
}
