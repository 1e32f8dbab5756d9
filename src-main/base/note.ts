// Sentences of the host in a form that another language can take: the English template is the key of its translation
// (as gettext does it), and what fills the template stays apart. Older records hold plain text, which is shown as it is.

/** `{0}`, `{1}` ... in the template of `say`, names in that of an error. */
export interface Sentence {
  readonly template: string
  readonly values: Readonly<Record<string, NoteValue>>
  /** In English, filled in: what logs, the command line and records show. */
  readonly text: string
}
export type Note = string | Sentence
export type NoteValue = string | number | Sentence

/** By English template. */
export type Translations = ReadonlyMap<string, string>

/** A sentence for the user: say`${count} samples`. Every template has a row in `chinese/`. */
export function say(strings: TemplateStringsArray, ...filling: readonly unknown[]): Sentence {
  const template = strings.reduce((whole, part, i) => `${whole}{${i - 1}}${part}`)
  return sentence(template, { ...filling })
}

/** Of a template with named places, such as that of an error. */
export function sentence(template: string, filling: Readonly<Record<string, unknown>>): Sentence {
  const values = Object.fromEntries(Object.entries(filling).map(([key, value]) => [key, placed(value)]))
  return { template, values, text: fill(template, values, (value) => (isSentence(value) ? value.text : String(value))) }
}

/** Notes in a row, as one. */
export function joined(notes: readonly Note[], separator: string): Note {
  if (notes.length < 2) return notes[0] ?? ''
  return sentence(notes.map((_, i) => `{${i}}`).join(separator), { ...notes })
}

export const textOf = (note: Note): string => (typeof note === 'string' ? note : note.text)

/** In the language of the translations; what has none, in English. */
export function translated(note: Note, translations: Translations | null): string {
  if (translations === null) return textOf(note)
  if (typeof note === 'string') return translations.get(note) ?? note
  const inside = (value: NoteValue) => (isSentence(value) ? translated(value, translations) : String(value))
  return fill(translations.get(note.template) ?? note.template, note.values, inside)
}

export function isSentence(value: unknown): value is Sentence {
  return typeof value === 'object' && value !== null && 'template' in value && 'values' in value && 'text' in value
}

/** Places without a value stay as they are. */
export function fill<Value>(
  template: string,
  values: Readonly<Record<string, Value>>,
  show: (value: Value) => string,
): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? show(values[key] as Value) : whole,
  )
}

function placed(value: unknown): NoteValue {
  return typeof value === 'string' || typeof value === 'number' || isSentence(value) ? value : String(value)
}
