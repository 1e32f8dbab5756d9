// What the user reads of an error, in the language of the interface. English comes from the host as it is.
import type { ErrorCode } from '../../src-main/base/catalogue.ts'
import { sentence, translated } from '../../src-main/base/note.ts'
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { locale, t } from './locale.ts'

export interface ErrorText {
  readonly message: string
  readonly next: string
}

type Entries = NonNullable<typeof locale.chinese>['errors']

const isKnown = (entries: Entries, code: string): code is ErrorCode | 'bug' => Object.hasOwn(entries, code)

/** The catalogue's advice is a command to type where a window has a list to go back to. */
export function errorText(error: ErrorInfo): ErrorText {
  const { message, next } = translatedError(error)
  return { message, next: error.code === 'store.notFound' ? t('notes.goneNext') : next }
}

function translatedError(error: ErrorInfo): ErrorText {
  const { chinese } = locale
  if (chinese === null || !isKnown(chinese.errors, error.code)) return error
  const entry = chinese.errors[error.code]
  const data = { message: error.message, ...error.data }
  const text = (template: string) => translated(sentence(template, data), chinese.sentences)
  return { message: text(entry.sentence), next: text(entry.next) }
}
