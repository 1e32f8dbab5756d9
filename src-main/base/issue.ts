// What zod finds wrong with a value, as a sentence that another language can take. Its English stays as zod writes it.
import { type Note, say, sentence } from './note.ts'

/** A type's name, which has a word in other languages. */
const kind = (name = '') => sentence(name, {})

const forms: readonly (readonly [RegExp, (found: readonly string[]) => Note])[] = [
  [
    /^Too big: expected (\w+) to (?:be|have) (.+)$/,
    ([, what, limit]) => say`Too big: expected ${kind(what)} to be ${limit}`,
  ],
  [
    /^Too small: expected (\w+) to (?:be|have) (.+)$/,
    ([, what, limit]) => say`Too small: expected ${kind(what)} to be ${limit}`,
  ],
  [
    /^Invalid input: expected (\w+), received (\w+)$/,
    ([, wanted, found]) => say`Invalid input: expected ${kind(wanted)}, received ${kind(found)}`,
  ],
  [/^Invalid option: expected one of (.+)$/, ([, options]) => say`Invalid option: expected one of ${options}`],
  [/^Unrecognized keys?: (.+)$/, ([, keys]) => say`Unrecognized key: ${keys}`],
  [/^Invalid input: expected (\S+)$/, ([, wanted]) => say`Invalid input: expected ${kind(wanted)}`],
  [/^Invalid input$/, () => say`Invalid input`],
]

export function issueNote(message: string): Note {
  for (const [form, sentence] of forms) {
    const found = form.exec(message)
    if (found) return sentence(found)
  }
  return message
}
