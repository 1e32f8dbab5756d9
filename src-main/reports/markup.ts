// HTML as values: whatever is put into a template is escaped, unless it is markup already.

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Content = Markup | string | number | null | readonly Content[]

export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((text, part, i) => text + part + (i < values.length ? render(values[i]!) : ''), ''))
}

export const nothing = new Markup('')

/** For text of our own that must stay as it is, such as the style sheet. Never for anything a user gave. */
export function verbatim(text: string): Markup {
  return new Markup(text)
}

function render(content: Content): string {
  if (content === null) return ''
  if (content instanceof Markup) return content.text
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content))
  return content.map(render).join('')
}

/** Control characters cannot stand in HTML even escaped, and say nothing: they become a replacement character. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replace(controls, '\ufffd')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export interface Column {
  readonly title: string
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

const numeric = new Markup(' class="number"')
