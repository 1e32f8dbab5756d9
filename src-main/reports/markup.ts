// HTML as values: whatever is put into a template is escaped, unless it is markup already. Sentences stay sentences until the
// page is written in a language.
import { isSentence, type Sentence, type Translations, translated } from '../base/note.ts'

export class Markup {
  readonly #write: (words: Translations | null) => string

  constructor(write: (words: Translations | null) => string) {
    this.#write = write
  }

  /** @param words null: English */
  textIn(words: Translations | null): string {
    return this.#write(words)
  }
}

export type Content = Markup | Sentence | string | number | null | readonly Content[]

export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup((words) =>
    strings.reduce((text, part, i) => text + part + (i < values.length ? render(values[i]!, words) : ''), ''),
  )
}

/** For text of our own that must stay as it is, such as the style sheet. Never for anything a user gave. */
export function verbatim(text: string): Markup {
  return new Markup(() => text)
}

export const nothing = verbatim('')

function render(content: Content, words: Translations | null): string {
  if (content === null) return ''
  if (content instanceof Markup) return content.textIn(words)
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content))
  if (isSentence(content)) return escapeHtml(translated(content, words))
  return content.map((each) => render(each, words)).join('')
}

/** Control characters cannot stand in HTML even escaped, and say nothing: they become a replacement character. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replace(controls, '\ufffd')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export interface Column {
  readonly title: Content
  readonly number?: boolean
}

/** A table whose first cell of each row is its heading. */
export function table(columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const head = columns.map(({ title, number }) => html`<th scope="col"${number ? numeric : nothing}>${title}</th>`)
  const body = rows.map(([first, ...rest]) => {
    const cells = rest.map((cell, i) => html`<td${columns[i + 1]?.number ? numeric : nothing}>${cell}</td>`)
    return html`<tr><th scope="row">${first ?? null}</th>${cells}</tr>
`
  })
  return html`<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>
`
}

/** Columns of which those with these numbers hold figures. */
export const columnsOf = (titles: readonly Content[], isNumber: (index: number) => boolean): Column[] =>
  titles.map((title, i) => ({ title, number: isNumber(i) }))

const numeric = verbatim(' class="number"')
