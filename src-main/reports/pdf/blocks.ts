// What is put on pages one below the other: each block knows its height and draws itself.
import type { Canvas, Colour, TextStyle } from './canvas.ts'
import { childrenOf, classesOf, type Element } from './elements.ts'
import { drawFigure, figureSize } from './figure.ts'
import { drawLines, linesHeight, linesOf, wordsOf } from './lines.ts'
import { black, colourOfClasses } from './palette.ts'
import { tableBlocks } from './table.ts'

export interface Block {
  readonly height: number
  /** Not left alone at the end of a page. */
  readonly keepWithNext?: boolean
  /** Begins a page, with this bookmark. */
  readonly chapter?: string
  /** Drawn again on top of the next page when the block after it begins one: the head of a table. */
  readonly head?: Block
  draw(canvas: Canvas, x: number, y: number): void
}

const sizes: Readonly<Record<string, number>> = { h1: 18, h2: 14, h3: 10.5, p: 9, li: 9, figcaption: 8.5 }
const bodySize = 9

export function blocksOf(element: Element, width: number): Block[] {
  switch (element.name) {
    case 'h1':
    case 'h2':
    case 'h3':
      return [heading(element, width)]
    case 'p':
    case 'li':
    case 'figcaption':
      return [paragraph(element, width)]
    case 'table':
      return [...tableBlocks(element, width), space(6)]
    case 'svg':
      return element.attributes.class === 'dot' ? [] : [figure(element, width)]
    case 'div':
      if (classesOf(element).includes('columns')) return columns(element, width)
  }
  return childrenOf(element).flatMap((child) => blocksOf(child, width))
}

function heading(element: Element, width: number): Block {
  const size = sizes[element.name]!
  const lines = linesOf(wordsOf(element, { font: 'bold', size, colour: black }), width)
  const above = element.name === 'h1' ? 0 : size * 0.7
  return {
    height: above + linesHeight(lines, size) + 3,
    keepWithNext: true,
    draw: (canvas, x, y) => drawLines(canvas, lines, { x, y: y + above, width, size }),
  }
}

function paragraph(element: Element, width: number): Block {
  const classes = classesOf(element)
  const colour: Colour = colourOfClasses(classes) ?? black
  const big = classes.includes('big')
  const size = big ? 12 : (sizes[element.name] ?? bodySize)
  const style: TextStyle = { font: big ? 'bold' : 'regular', size, colour }
  const indent = element.name === 'li' ? 10 : 0
  const lines = linesOf(wordsOf(element, style), width - indent)
  return {
    height: linesHeight(lines, size) + 3,
    keepWithNext: element.name === 'figcaption',
    draw(canvas, x, y) {
      if (indent > 0) canvas.text(x, y + size, '•', style)
      drawLines(canvas, lines, { x: x + indent, y, width: width - indent, size })
    },
  }
}

function figure(svg: Element, widest: number): Block {
  const { width, height } = figureSize(svg, widest)
  return { height: height + 6, draw: (canvas, x, y) => drawFigure(canvas, svg, x, y, width) }
}

/** Two beside each other; each pair is one block. */
function columns(element: Element, width: number): Block[] {
  const gap = 18
  const half = (width - gap) / 2
  const stacks = childrenOf(element).map((child) => stack(blocksOf(child, half)))
  const pairs: Block[] = []
  for (let i = 0; i < stacks.length; i += 2) {
    const [left, right] = [stacks[i]!, stacks[i + 1]]
    pairs.push({
      height: Math.max(left.height, right?.height ?? 0),
      draw(canvas, x, y) {
        left.draw(canvas, x, y)
        right?.draw(canvas, x + half + gap, y)
      },
    })
  }
  return pairs
}

function stack(blocks: readonly Block[]): Block {
  return {
    height: blocks.reduce((sum, block) => sum + block.height, 0),
    draw(canvas, x, y) {
      let at = y
      for (const block of blocks) {
        block.draw(canvas, x, at)
        at += block.height
      }
    },
  }
}

export function space(height: number): Block {
  return { height, draw() {} }
}
