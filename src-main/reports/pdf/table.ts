// Tables: columns as wide as they need to be, smaller letters where they do not fit, rows that are not torn apart, and the
// head again on every page.
import type { Block } from './blocks.ts'
import type { Canvas } from './canvas.ts'
import { childrenOf, classesOf, type Element } from './elements.ts'
import { drawLines, type Line, linesHeight, linesOf, type Word, wordsOf, wordWidth } from './lines.ts'
import { black, colourOfClasses, faint, grey } from './palette.ts'

interface Cell {
  readonly element: Element
  readonly isHead: boolean
  readonly right: boolean
}

const padding = { x: 4, y: 2 }
const textSizes = [8, 7.2, 6.4, 5.6, 4.8, 4, 3.2]

export function tableBlocks(table: Element, width: number): Block[] {
  const head = rowsOf(table, 'thead', true)
  const body = rowsOf(table, 'tbody', false)
  const all = [...head, ...body]
  const count = Math.max(0, ...all.map((row) => row.length))
  if (count === 0) return []
  const size = textSizes.find((each) => leastWidth(all, count, each) <= width) ?? textSizes.at(-1)!
  const widths = columnWidths(all, count, size, width)
  const headBlocks = head.map((row) => ({ ...rowBlock(row, widths, size), keepWithNext: true }))
  const top = headBlocks[0]
  return [...headBlocks, ...body.map((row) => ({ ...rowBlock(row, widths, size), ...(top && { head: top }) }))]
}

function rowsOf(table: Element, part: 'thead' | 'tbody', isHead: boolean): Cell[][] {
  const matrix = classesOf(table).includes('confusion')
  return childrenOf(table, part).flatMap((group) =>
    childrenOf(group, 'tr').map((row) =>
      childrenOf(row).map((element, i) => ({
        element,
        isHead,
        right: classesOf(element).includes('number') || (matrix && i > 0),
      })),
    ),
  )
}

function wordsIn({ element, isHead }: Cell, size: number): Word[] {
  const colour = colourOfClasses(classesOf(element)) ?? (isHead ? grey : black)
  return wordsOf(element, { font: isHead ? 'bold' : 'regular', size, colour })
}

/** A word of more than this is a hash or a long name, and may be torn. */
const longestWord = 22

const widest = (words: readonly Word[]) =>
  Math.max(0, ...words.map((word) => wordWidth({ ...word, text: word.text.slice(0, longestWord) })))

const whole = (words: readonly Word[]) =>
  Math.max(0, ...linesOf(words, Number.POSITIVE_INFINITY).map(({ width }) => width))

/** A figure stays with its unit; only heads and texts are torn. */
const least = (cell: Cell, size: number) =>
  cell.right && !cell.isHead ? whole(wordsIn(cell, size)) : widest(wordsIn(cell, size))

function perColumn(rows: readonly (readonly Cell[])[], count: number, measure: (cell: Cell) => number): number[] {
  return Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ? measure(row[column]) + 2 * padding.x : 0))),
  )
}

function leastWidth(rows: readonly (readonly Cell[])[], count: number, size: number): number {
  return sum(perColumn(rows, count, (cell) => least(cell, size)))
}

function columnWidths(rows: readonly (readonly Cell[])[], count: number, size: number, width: number): number[] {
  const wanted = perColumn(rows, count, (cell) => whole(wordsIn(cell, size)))
  if (sum(wanted) <= width) return wanted
  const needed = perColumn(rows, count, (cell) => least(cell, size))
  const room = Math.max(0, width - sum(needed))
  const more = wanted.map((each, i) => Math.max(0, each - needed[i]!))
  const asked = Math.max(1e-6, sum(more))
  const shrink = Math.min(1, width / sum(needed))
  return needed.map((each, i) => each * shrink + (room * more[i]!) / asked)
}

function rowBlock(row: readonly Cell[], widths: readonly number[], size: number): Block {
  const cells = row.map((cell, i) => linesOf(wordsIn(cell, size), widths[i]! - 2 * padding.x))
  const height = Math.max(size, ...cells.map((lines) => linesHeight(lines, size))) + 2 * padding.y
  return {
    height,
    draw(canvas, x, y) {
      drawRow(canvas, { row, cells, widths, size }, x, y)
      const right = x + sum(widths)
      canvas.line([[x, y + height] as const, [right, y + height] as const], faint, 0.5)
    },
  }
}

interface DrawnRow {
  readonly row: readonly Cell[]
  readonly cells: readonly (readonly Line[])[]
  readonly widths: readonly number[]
  readonly size: number
}

function drawRow(canvas: Canvas, { row, cells, widths, size }: DrawnRow, x: number, y: number): void {
  let at = x
  for (const [i, lines] of cells.entries()) {
    const width = widths[i]! - 2 * padding.x
    drawLines(canvas, lines, { x: at + padding.x, y: y + padding.y, width, size, right: row[i]!.right })
    at += widths[i]!
  }
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)
