// The host's sentences in Simplified Chinese, by English template. A test compares them with the templates in the source.
import { catalogue, type ErrorCode } from '../catalogue.ts'
import type { Translations } from '../note.ts'
import { data } from './data.ts'
import { devices } from './devices.ts'
import { errors } from './errors.ts'
import { lowering } from './lowering.ts'
import { models } from './models.ts'
import { passes } from './passes.ts'
import { reports } from './reports.ts'
import { services } from './services.ts'
import { words } from './words.ts'

/** Sentences of `say`; an error's stand in `errors`. */
export const sentences: Readonly<Record<string, string>> = {
  ...models,
  ...data,
  ...devices,
  ...passes,
  ...lowering,
  ...services,
  ...reports,
}

const ofErrors = Object.entries(catalogue).flatMap(([code, { sentence, next }]) => {
  const entry = errors[code as ErrorCode]
  return [
    [sentence, entry.sentence],
    [next, entry.next],
  ] as const
})

export const chinese: Translations = new Map([...ofErrors, ...Object.entries(words), ...Object.entries(sentences)])
