// The PDF report: a file that readers can follow, whole pages, and all the text of the HTML report in it.
import { unzlibSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../../src-main/contract/report.ts'
import type { ReportLanguage } from '../../../src-main/contract/reports.ts'
import { shown, textWidth } from '../../../src-main/reports/pdf/fonts.ts'
import { wordsOf as wordsIn } from '../../../src-main/reports/pdf/lines.ts'
import { writePdf } from '../../../src-main/reports/pdf/report.ts'
import { sampleRun } from '../../support/sample-run.ts'

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const make = (runs: readonly RunReport[], language: ReportLanguage = 'en') =>
  writePdf({
    ...{ title: 'Gesture band', generatedAt: '2026-11-22T09:00:00.000Z', producer: 'Shoehorn 0.1.0' },
    ...{ runs, language },
  })

/** The operators of every page. */
function pagesOf(file: Uint8Array): string[] {
  const text = latin1(file)
  const streams = [...text.matchAll(/\/Length (\d+) \/Filter \/FlateDecode >>\nstream\n/g)].map((match) => {
    const start = match.index + match[0].length
    return latin1(unzlibSync(file.subarray(start, start + Number(match[1]))))
  })
  return streams.filter((stream) => !stream.includes('begincmap'))
}

/** What is written on the pages, in order, words apart. */
function wordsOf(file: Uint8Array): string {
  const strings = pagesOf(file).flatMap((page) =>
    [...page.matchAll(/\(((?:\\.|[^()\\])*)\) Tj|<([0-9a-f]+)> Tj/g)].map(([, text, hex]) => text ?? utf16(hex!)),
  )
  return strings
    .join(' ')
    .replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\([()\\])/g, '$1')
}

const utf16 = (hex: string) =>
  String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((code) => Number.parseInt(code, 16)))

describe('the file', () => {
  const file = make([sampleRun(), sampleRun({ id: 'run-2' })])
  const text = latin1(file)

  test('every object lies where the cross-reference says', () => {
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
    const rows = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]))
    expect(text.slice(start, start + 5)).toBe('xref\n')
    expect(rows.map((offset, i) => text.startsWith(`${i + 1} 0 obj\n`, offset))).toEqual(rows.map(() => true))
  })

  test('has its pages, a bookmark a run, and says when it was made', () => {
    expect(text.match(/\/Type \/Page /g)?.length).toBe(pagesOf(file).length)
    expect(text.match(/\/Dest \[/g)?.length).toBe(2)
    expect(text).toContain('/CreationDate (D:20261122090000Z)')
  })

  test('the footer is cut where the number of the page stands, however wide its letters are', () => {
    const footerOf = (title: string) => {
      const settings = { generatedAt: '2026-11-22T09:00:00.000Z', producer: 'Shoehorn', runs: [], title }
      return /\((W+|i+)\\205\) Tj/.exec(pagesOf(writePdf(settings))[0]!)![1]!
    }
    const [wide, narrow] = [footerOf('W'.repeat(400)), footerOf('i'.repeat(400))]
    const widths = [wide, narrow].map((text) => textWidth(`${text}…`, 'regular', 7.5))
    // 499 points between the margins
    for (const width of widths) expect([width < 490, width > 460]).toEqual([true, true])
    expect(narrow.length).toBeGreaterThan(3 * wide.length)
  })

  test('the same record gives the same bytes', () => {
    expect(make([sampleRun(), sampleRun({ id: 'run-2' })])).toEqual(file)
  })

  test('no number in it is not finite', () => {
    const none = sampleRun({
      operators: [{ name: 'op', op: 'Conv', kernel: 'k', macs: 0, cycles: 0 }],
      memoryMap: [{ operator: 'op', liveBytes: 0, tensors: [{ name: 't', offset: 0, bytes: 0 }] }],
    })
    expect(pagesOf(make([none])).join('\n')).not.toMatch(/NaN|Infinity|undefined/)
  })

  test('nothing is drawn beyond the edges of a page', () => {
    const beyond = pagesOf(file).flatMap((page) =>
      [...page.matchAll(/ ([-\d.]+) ([-\d.]+) Tm \(/g)]
        .map((match) => [Number(match[1]), Number(match[2])] as const)
        .filter(([x, y]) => x < 40 || x > 560 || y < 20 || y > 800),
    )
    expect(beyond).toEqual([])
  })
})

test('states hashes, seed, versions, device and clock, and the three words', () => {
  const words = wordsOf(make([sampleRun()]))
  const { recipeSha256, device, producer } = sampleRun()
  const wanted = [device.agentBuild, producer, '125 MHz', 'seed 1', 'measured', 'simulated', 'estimated']
  expect(wanted.filter((text) => !words.includes(text))).toEqual([])
  // a hash is torn where its column ends
  expect(words.replaceAll(' ', '')).toContain(recipeSha256)
})

test('a table that goes on has its head again on the next page', () => {
  const operators = Array.from({ length: 120 }, (_, i) => ({
    name: `layer-${i}`,
    op: 'Conv',
    kernel: 'k',
    macs: i,
    cycles: i,
  }))
  const pages = pagesOf(make([sampleRun({ operators })]))
  const heads = pages.filter((page) => page.includes('(Kernel) Tj')).length
  expect(heads).toBeGreaterThan(1)
  const last = pages.findLast((page) => page.includes('(layer-119) Tj'))
  expect(last?.includes('(Kernel) Tj')).toBe(true)
})

test('text of the user stays text, and letters that no font has are named', () => {
  const run = sampleRun({ model: { ...sampleRun().model, name: '<b>a(b)\\ 手' } })
  expect(wordsOf(make([run]))).toContain('<b>a(b)\\ 手')
  expect([shown('µ–é'), shown('手势'), shown('\u00a0−\n'), shown('한😀')]).toEqual([
    'µ–é',
    '手势',
    ' – ',
    'U+D55CU+1F600',
  ])
})

test('the Chinese font is named only where it is needed, and has full width', () => {
  const objects = (file: Uint8Array) => Buffer.from(file).toString('latin1')
  const chinese = objects(make([sampleRun()], 'zh'))
  expect(objects(make([sampleRun()]))).not.toContain('STSong')
  expect(chinese).toMatch(/\/Encoding \/UniGB-UTF16-H \/DescendantFonts \[\d+ 0 R\] \/ToUnicode \d+ 0 R/)
  expect(chinese).toContain('/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000')
  expect(chinese).toContain('/Lang (zh-CN)')
  expect([textWidth('内存 8', 'regular', 1000), textWidth('内a', 'mono', 1000)]).toEqual([2000 + 278 + 556, 1600])
})

test('Chinese lines end between characters, never before what closes', () => {
  const style = { font: 'regular', size: 10, colour: [0, 0, 0] } as const
  const words = wordsIn({ name: 'p', attributes: {}, children: ['压缩后的模型，精度（孪生）为 99 %。'] }, style)
  expect(words.map(({ text }) => text)).toEqual([
    ...['压', '缩', '后', '的', '模', '型，', '精', '度', '（孪', '生）', '为', '99', '%。'],
  ])
})

test('letters are as wide as in the metrics of the font', () => {
  expect([textWidth('Wi', 'regular', 1000), textWidth('Wi', 'bold', 1000), textWidth('Wi', 'mono', 1000)]).toEqual([
    944 + 222,
    944 + 278,
    1200,
  ])
  expect(textWidth('é', 'regular', 1000)).toBe(556)
})
