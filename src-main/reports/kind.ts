import type { FigureKind } from '../contract/report.ts'
import { html, type Markup } from './markup.ts'
import { kindNotes } from './words.ts'

/** One of the three words, beside the figure that it is of. */
export function kindWord(kind: FigureKind): Markup {
  return html`<span class="kind ${kind}">${kindNotes[kind]}</span>`
}
