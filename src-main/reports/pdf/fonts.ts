// Three of the standard 14 fonts: how wide their letters are (Adobe's font metrics, thousandths of the size), and how text is
// written in their encoding. Letters that they lack come from the font of cjk.ts; what that lacks too is named by its code
// point, so that nothing is lost or guessed.
import { cjkLiteral, isCjk } from './cjk.ts'

export type FontName = 'regular' | 'bold' | 'mono'

export const fontResources: Record<FontName, { readonly tag: string; readonly base: string }> = {
  regular: { tag: 'F1', base: 'Helvetica' },
  bold: { tag: 'F2', base: 'Helvetica-Bold' },
  mono: { tag: 'F3', base: 'Courier' },
}

/** Codes 32 to 126. */
const widths: Record<'regular' | 'bold', readonly number[]> = {
  regular:
    numbers(`278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278
    278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667
    667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500
    722 500 500 500 334 260 334 584`),
  bold: numbers(`278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333
    584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667
    611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778
    556 556 500 389 280 389 584`),
}

/** Characters of WinAnsi outside Latin-1, by their code there, with their width in Helvetica. */
const special: Readonly<Record<string, readonly [code: number, width: number]>> = {
  '€': [0x80, 556],
  '…': [0x85, 1000],
  '‘': [0x91, 222],
  '’': [0x92, 222],
  '“': [0x93, 333],
  '”': [0x94, 333],
  '•': [0x95, 350],
  '–': [0x96, 556],
  '—': [0x97, 1000],
  '™': [0x99, 1000],
}

/** What the fonts have no sign for, but everyone reads. */
const readable: Readonly<Record<string, string>> = { '−': '\u2013', '≤': '<=', '≥': '>=', '\u00a0': ' ', μ: 'µ' }

/** Latin-1 from 0xA1: signs that are not as wide as the letter they are made from. */
const latin: Readonly<Record<string, number>> = {
  '·': 278,
  '°': 400,
  '±': 584,
  '×': 584,
  '÷': 584,
  µ: 556,
  '²': 333,
  '³': 333,
}

export function shown(text: string): string {
  let out = ''
  for (const letter of text)
    out += isKnown(letter) ? letter : (readable[letter] ?? (isCjk(letter) ? letter : named(letter)))
  return out
}

/** Of text that went through `shown`. */
export function textWidth(text: string, font: FontName, size: number): number {
  let sum = 0
  for (const letter of text) sum += isCjk(letter) ? 1000 : font === 'mono' ? 600 : letterWidth(letter, font)
  return (sum * size) / 1000
}

export interface TextRun {
  readonly isCjk: boolean
  /** As a string of a content stream. */
  readonly literal: string
}

/** Parts of one font each, of text that went through `shown`. */
export function textRuns(text: string): TextRun[] {
  const parts: { isCjk: boolean; text: string }[] = []
  for (const letter of text) {
    const last = parts.at(-1)
    if (last && last.isCjk === isCjk(letter)) last.text += letter
    else parts.push({ isCjk: isCjk(letter), text: letter })
  }
  return parts.map((part) => ({ isCjk: part.isCjk, literal: part.isCjk ? cjkLiteral(part.text) : literal(part.text) }))
}

/** Each character one byte. */
function literal(text: string): string {
  let out = ''
  for (const letter of text) {
    const code = special[letter]?.[0] ?? letter.charCodeAt(0)
    if (letter === '(' || letter === ')' || letter === '\\') out += `\\${letter}`
    else out += code < 127 ? letter : `\\${code.toString(8).padStart(3, '0')}`
  }
  return `(${out})`
}

function isKnown(letter: string): boolean {
  const code = letter.codePointAt(0)!
  return (code >= 32 && code < 127) || (code > 0xa0 && code <= 0xff && code !== 0xad) || letter in special
}

const named = (letter: string) => {
  const code = letter.codePointAt(0)!
  return code < 32 ? ' ' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

function letterWidth(letter: string, font: 'regular' | 'bold'): number {
  const code = letter.charCodeAt(0)
  const known = widths[font][code - 32] ?? special[letter]?.[1] ?? latin[letter]
  if (known !== undefined) return known
  const plain = letter.normalize('NFD').charCodeAt(0)
  return widths[font][plain - 32] ?? 556
}

function numbers(text: string): number[] {
  return text.trim().split(/\s+/).map(Number)
}
