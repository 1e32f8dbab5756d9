// What the user reads of an error, in the language of the interface. English comes from the host as it is.
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { locale } from './locale.ts'
import { errors } from './zh/errors.ts'

export interface ErrorText {
  readonly message: string
  readonly next: string
}

export function errorText(error: ErrorInfo): ErrorText {
  const entry = locale.language === 'zh-CN' && error.code in errors ? errors[error.code as keyof typeof errors] : null
  if (!entry) return error
  const data: Readonly<Record<string, unknown>> = { message: error.message, ...error.data }
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in data ? String(data[key]) : whole))
  return { message: fill(entry.sentence), next: fill(entry.next) }
}
