// Inline markup to lines of text of a given width: words, their fonts and colours.
import type { Canvas, TextStyle } from './canvas.ts'
import { classesOf, type Element } from './elements.ts'
import { shown, textWidth } from './fonts.ts'
import { colourOfClasses } from './palette.ts'

export interface Word {
  readonly text: string
  readonly style: TextStyle
  /** Whether a space stands before it, where it does not begin a line. */
  readonly apart: boolean
  /** A line ends before it. */
  readonly breaks?: boolean
}

export interface Line {
  readonly words: readonly { readonly word: Word; readonly x: number }[]
  readonly width: number
}

export function wordsOf(node: Element | string, style: TextStyle): Word[] {
  const words: Word[] = []
  let apart = false
  let breaks = false
  const visit = (part: Element | string, now: TextStyle): void => {
    if (typeof part !== 'string') {
      if (part.name === 'br') breaks = true
      if (part.name === 'svg') return
      for (const child of part.children) visit(child, styleIn(part, now))
      return
    }
    for (const piece of part.split(/(\s+)/)) {
      if (piece === '') continue
      if (/^[ \t\r\n]/.test(piece)) apart = true
      else
        for (const text of breakable(shown(piece))) {
          words.push({ text, style: now, apart, breaks })
          apart = false
          breaks = false
        }
    }
  }
  visit(node, style)
  return words
}

/** Chinese may be broken after each character, but not before what closes nor after what opens. */
const unbroken =
  /[（《【「“‘]*(?:[\u2e80-\u9fff\uff00-\uffef]|[^\u2e80-\u9fff\uff00-\uffef（《【「]+)?[，。、；：？！）》】」”’％]*/gu

const breakable = (piece: string) => (piece.match(unbroken) ?? []).filter((text) => text !== '')

function styleIn(element: Element, style: TextStyle): TextStyle {
  const colour = colourOfClasses(classesOf(element)) ?? style.colour
  if (element.name === 'code') return { font: 'mono', size: style.size * 0.9, colour }
  if (element.name === 'strong') return { ...style, font: 'bold', colour }
  return { ...style, colour }
}

const spaceOf = ({ style }: Word) => textWidth(' ', style.font, style.size)
export const wordWidth = ({ text, style }: Word) => textWidth(text, style.font, style.size)

export function linesOf(words: readonly Word[], width: number): Line[] {
  const lines: { words: { word: Word; x: number }[]; width: number }[] = []
  let line: { words: { word: Word; x: number }[]; width: number } = { words: [], width: 0 }
  const end = () => {
    lines.push(line)
    line = { words: [], width: 0 }
  }
  for (const word of words.flatMap((each) => fitting(each, width))) {
    const gap = line.words.length > 0 && word.apart ? spaceOf(word) : 0
    const over = line.width + gap + wordWidth(word) > width + 0.01
    if (line.words.length > 0 && (over || word.breaks)) end()
    const x = line.words.length > 0 ? line.width + gap : 0
    line.words.push({ word, x })
    line.width = x + wordWidth(word)
  }
  if (line.words.length > 0) end()
  return lines
}

/** A word that is wider than a line, such as a hash, in pieces. */
function fitting(word: Word, width: number): Word[] {
  if (wordWidth(word) <= width) return [word]
  const pieces: Word[] = []
  let text = ''
  for (const letter of word.text) {
    if (text !== '' && wordWidth({ ...word, text: text + letter }) > width) {
      pieces.push({ ...word, text, apart: pieces.length === 0 && word.apart })
      text = ''
    }
    text += letter
  }
  return [...pieces, { ...word, text, apart: pieces.length === 0 && word.apart }]
}

export const leading = 1.32

export function drawLines(
  canvas: Canvas,
  lines: readonly Line[],
  place: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly size: number
    readonly right?: boolean
  },
): void {
  for (const [i, { words, width }] of lines.entries()) {
    const left = place.right ? place.x + place.width - width : place.x
    const base = place.y + place.size * (leading * i + 1)
    for (const { word, x } of words) canvas.text(left + x, base, word.text, word.style)
  }
}

export const linesHeight = (lines: readonly Line[], size: number) => lines.length * size * leading
