// The report as PDF: the same markup as the HTML report, laid out on A4 pages with numbers and bookmarks.
import { translated } from '../../base/note.ts'
import { languageTag, reportBody } from '../html.ts'
import type { ReportData } from '../render.ts'
import { momentOf, wordsOf } from '../words.ts'
import { type Block, blocksOf } from './blocks.ts'
import { Canvas, pageSize, type TextStyle } from './canvas.ts'
import { writePdfFile } from './document.ts'
import { childrenOf, type Element, parseMarkup, textOf } from './elements.ts'
import { shown, textWidth } from './fonts.ts'
import { grey } from './palette.ts'

const margin = { left: 48, right: 48, top: 50, bottom: 52 }
const contentWidth = pageSize.width - margin.left - margin.right
const bottom = pageSize.height - margin.bottom

export function writePdf(data: ReportData): Uint8Array<ArrayBuffer> {
  const blocks = chapters(parseMarkup(reportBody(data).textIn(wordsOf(data.language)))).flatMap((chapter) => {
    const [first, ...rest] = chapter.elements.flatMap((element) => blocksOf(element, contentWidth))
    if (!first) return []
    return [chapter.title === null ? first : { ...first, chapter: chapter.title }, ...rest]
  })
  const { pages, bookmarks } = paginate(blocks)
  for (const [i, page] of pages.entries()) footer(page, data, `${i + 1} / ${pages.length}`)
  return writePdfFile({
    title: data.title,
    producer: data.producer,
    createdAt: data.generatedAt,
    language: languageTag(data),
    hasCjk: pages.some((page) => page.hasCjk),
    pages: pages.map((page) => page.content),
    bookmarks,
  })
}

/** The head, then every section of a run or of the comparison; all but the first section begin a page. */
function chapters(root: Element): { title: string | null; elements: Element[] }[] {
  const [header, main] = childrenOf(root)
  const sections = main ? childrenOf(main) : []
  const [first, ...others] = sections
  const start = [header, first].filter((each) => each !== undefined)
  return [
    { title: null, elements: start },
    ...others.map((section) => ({ title: titleOf(section), elements: [section] })),
  ]
}

function titleOf(section: Element): string {
  const [heading] = childrenOf(section, 'h2')
  return heading ? textOf(heading) : ''
}

function paginate(blocks: readonly Block[]) {
  const pages = [new Canvas()]
  const bookmarks: { title: string; page: number }[] = []
  let y = margin.top
  const turn = () => {
    pages.push(new Canvas())
    y = margin.top
  }
  const draw = (block: Block) => {
    block.draw(pages.at(-1)!, margin.left, y)
    y += block.height
  }
  for (const [i, block] of blocks.entries()) {
    if (block.chapter !== undefined) {
      if (y > margin.top) turn()
      bookmarks.push({ title: block.chapter, page: pages.length - 1 })
    } else if (y + kept(blocks, i) > bottom && y > margin.top) {
      turn()
      if (block.head) draw(block.head)
    }
    draw(block)
  }
  return { pages, bookmarks }
}

/** Height of a block and of what must stand with it. */
function kept(blocks: readonly Block[], from: number): number {
  let height = 0
  for (let i = from; i < blocks.length; i++) {
    height += blocks[i]!.height
    if (!blocks[i]!.keepWithNext) break
  }
  return height
}

function footer(page: Canvas, data: ReportData, number: string): void {
  const style: TextStyle = { font: 'regular', size: 7.5, colour: grey }
  const y = pageSize.height - 28
  const moment = translated(momentOf(data.generatedAt), wordsOf(data.language))
  const numberWidth = textWidth(number, style.font, style.size)
  const text = fitted(shown(`${data.title} · ${moment} · ${data.producer}`), contentWidth - numberWidth - 12, style)
  page.text(margin.left, y, text, style)
  page.text(pageSize.width - margin.right - numberWidth, y, number, style)
}

/** Cut at the end, where it is wider. */
function fitted(text: string, width: number, { font, size }: TextStyle): string {
  if (textWidth(text, font, size) <= width) return text
  const end = '…'
  let left = width - textWidth(end, font, size)
  let kept = ''
  for (const letter of text) {
    left -= textWidth(letter, font, size)
    if (left < 0) break
    kept += letter
  }
  return kept + end
}
