import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { say } from '../../../src-main/base/note.ts'
import type { RunReport } from '../../../src-main/contract/report.ts'
import { runReport } from '../../../src-main/contract/report.ts'
import { readRecord } from '../../../src-main/reports/record.ts'
import { type ReportData, renderReport, renderText } from '../../../src-main/reports/render.ts'
import { sampleRun } from '../../support/sample-run.ts'

const golden = (name: string) => join(import.meta.dirname, 'golden', name)

function dataOf(runs: readonly RunReport[], title = 'Gesture band'): ReportData {
  return { title, generatedAt: '2026-11-22T09:00:00.000Z', producer: 'shoehorn 0.1.0', runs }
}

const faster = sampleRun({
  id: 'run-2',
  recipe: { ...sampleRun().recipe, name: 'int8-per-tensor' },
  latency: { ...sampleRun().latency, median: 44_000 },
  flash: { ...sampleRun().flash, totalBytes: 51_200 },
  quality: { ...sampleRun().quality, twin: { ...sampleRun().quality.device, n: 400 } },
})
const unlabelled = sampleRun({
  quality: {
    ...sampleRun().quality,
    device: { task: 'unlabelled', n: 80 },
    original: { task: 'unlabelled', n: 400 },
    twin: { task: 'unlabelled', n: 400 },
    originalOnDeviceSamples: { task: 'unlabelled', n: 80 },
  },
})

test('the sample is a valid record', () => {
  expect(runReport.parse(sampleRun())).toEqual(sampleRun())
})

describe('golden documents', () => {
  test('Markdown of two runs', async () => {
    await expect(renderText(dataOf([sampleRun(), faster]), 'md')).toMatchFileSnapshot(golden('two-runs.md'))
  })
  test('CSV of two runs', async () => {
    await expect(renderText(dataOf([sampleRun(), faster]), 'csv')).toMatchFileSnapshot(golden('two-runs.csv'))
  })
})

test('JSON holds the records unchanged', () => {
  const { content, mediaType } = renderReport(dataOf([sampleRun()]), 'json')
  expect([mediaType, JSON.parse(String(content)).runs]).toEqual(['application/json', [sampleRun()]])
})

test.each([
  ['Gesture band', 'shoehorn-gesture-band.html'],
  ['../../etc/passwd', 'shoehorn-etc-passwd.html'],
  ['Über <script>', 'shoehorn-u-ber-script.html'],
  ['手勢', 'report.html'],
])('the file of a report called %j is %s', (title, fileName) => {
  expect(renderReport(dataOf([], title), 'html').fileName).toBe(fileName)
})

describe('HTML', () => {
  const page = renderText(dataOf([sampleRun(), faster]), 'html')

  test('needs nothing from outside and runs nothing', () => {
    const shown = page.replace(/<script type="application\/json" id="shoehorn-record">[^<]*<\/script>/, '')
    expect(shown.match(/<script|<link|<img|<iframe|@import|url\(|https?:|\son\w+=/gi)).toBeNull()
  })

  test('its elements are closed in order', () => {
    expect(unbalanced(page)).toEqual([])
  })

  test('states hashes, seed, versions, device and clock', () => {
    const { model, data, pack, recipeSha256, device, producer } = sampleRun()
    const said = [
      model.sha256,
      data.sha256,
      pack.sha256,
      recipeSha256,
      device.agentBuild,
      producer,
      '125 MHz',
      'seed 1',
    ]
    expect(said.filter((text) => !page.includes(text))).toEqual([])
  })

  test('every section of figures carries one of the three words', () => {
    const headings = ['Flash', 'RAM', 'Latency', 'Operators', 'Memory map']
    const bare = headings.filter(
      (title) => !new RegExp(`<h3>${title}[^\\n]*class="kind (measured|simulated|estimated)"`).test(page),
    )
    expect(bare).toEqual([])
  })

  test('has the plots: Pareto twice, then bars and memory map per run', () => {
    expect(page.match(/role="img" aria-label="[^"]*"/g)).toEqual([
      'role="img" aria-label="Accuracy against Flash"',
      'role="img" aria-label="Accuracy against Latency, median"',
      'role="img" aria-label="cycles and MACs per operator"',
      'role="img" aria-label="Live tensors in the arena, operator by operator"',
      'role="img" aria-label="cycles and MACs per operator"',
      'role="img" aria-label="Live tensors in the arena, operator by operator"',
    ])
  })

  test('draws no number that is not finite', () => {
    const hostile = sampleRun({
      operators: [{ name: 'op', op: 'Conv', kernel: 'k', macs: 0, cycles: 0 }],
      memoryMap: [{ operator: 'op', liveBytes: 0, tensors: [{ name: 't', offset: 0, bytes: 0 }] }],
    })
    expect(renderText(dataOf([hostile, hostile]), 'html')).not.toMatch(/NaN|Infinity|undefined/)
  })

  test('without runs says what to do', () => {
    expect(renderText(dataOf([]), 'html')).toContain('There are no runs yet.')
  })

  test('without labels shows no accuracy and no Pareto', () => {
    const text = renderText(dataOf([unlabelled, unlabelled]), 'html')
    expect([
      text.includes('Accuracy against'),
      text.includes('Confusion'),
      text.includes('Accuracy of the twin'),
    ]).toEqual([false, false, false])
  })
})

describe('in Chinese', () => {
  const data: ReportData = { ...dataOf([sampleRun(), faster].map((run) => runReport.parse(run))), language: 'zh' }
  const [english, chinese] = [dataOf(data.runs), data].map((each) => renderText(each, 'html')) as [string, string]

  test('Markdown of two runs', async () => {
    await expect(renderText(data, 'md')).toMatchFileSnapshot(golden('two-runs.zh.md'))
  })

  test('the page says which language it is in, and has the same figures', () => {
    expect([english, chinese].map((page) => /<html lang="([^"]+)">/.exec(page)?.[1])).toEqual(['en', 'zh-CN'])
    const figures = (page: string) =>
      page
        .replace(/<script.*<\/script>/s, '')
        .match(/\d[\d,]*(\.\d+)? (B|ms|µs|MHz|%)/g)
        ?.sort()
    expect(figures(chinese)).toEqual(figures(english))
    expect(chinese.match(/class="kind \w+"/g)).toEqual(english.match(/class="kind \w+"/g))
  })

  test('every heading and every head of a table is Chinese', () => {
    const heads = [...chinese.matchAll(/<(h2|h3|th scope="col")[^>]*>(.*?)<\/(h2|h3|th)>/g)].map((match) =>
      match[2]!.replace(/<[^>]*>/g, ''),
    )
    const bare = heads.filter((text) => /[a-z]{4}/i.test(text) && !/\p{Script=Han}/u.test(text))
    expect(
      bare.filter((text) => !/^(MACs|RMSE|SQNR)$/.test(text) && !sampleRun().data.classNames!.includes(text)),
    ).toEqual([])
  })

  test('warnings and notes are, where the record has them as sentences', () => {
    const told = sampleRun({
      warnings: [say`only ${8} calibration samples; at least ${32} make ranges reliable`, 'old'],
    })
    const page = renderText({ ...dataOf([told]), language: 'zh' }, 'html')
    expect([...page.matchAll(/<li>(.*?)<\/li>/g)].map((match) => match[1])).toEqual([
      '只有 8 个校准样本；至少 32 个才能得到可靠的范围',
      'old',
    ])
  })

  test('its record is read again, and gives the same page', () => {
    const record = readRecord('report.html', chinese)
    expect(renderText(record.data, 'html')).toBe(chinese)
    expect(renderText(readRecord('report.html', english).data, 'html')).toBe(english)
  })
})

describe('what the documents agree on', () => {
  const free = sampleRun({ budgets: [], ram: { ...sampleRun().ram, availableBytes: 0 } })

  test('a run without budgets is neither within them nor over', () => {
    const data = dataOf([free, sampleRun({ budgets: sampleRun().budgets.filter(({ met }) => met) }), sampleRun()])
    const html = renderText(data, 'html')
    const cells = [...html.matchAll(/<span class="(muted|good|bad)">(–|within|over)<\/span>/g)].map(
      ([, tone, text]) => [tone, text],
    )
    expect(cells).toEqual([
      ['muted', '–'],
      ['good', 'within'],
      ['bad', 'over'],
    ])
    const rows = renderText(data, 'md').split('\n').slice(6, 9)
    expect(rows.map((row) => row.split(' | ').at(-1))).toEqual(['– |', 'within |', 'over |'])
  })

  test('memory without an end is unlimited', () => {
    expect(renderText(dataOf([free]), 'md')).toContain('| RAM | Available | unlimited |')
    expect(renderText(dataOf([free]), 'html')).toContain('<td class="number">unlimited</td>')
  })

  test('names of the user are not translated', () => {
    const own = sampleRun({
      model: { ...sampleRun().model, name: 'Flash' },
      recipe: { ...sampleRun().recipe, name: 'over' },
      operators: [{ ...sampleRun().operators[0]!, name: 'Total' }],
    })
    const text = renderText({ ...dataOf([own, own], 'Overview'), language: 'zh' }, 'md')
    expect([text.split('\n')[0], text.includes('| Flash, over |'), text.includes('| Total | Conv |')]).toEqual([
      ...['# Overview', true, true],
    ])
  })
})

describe('strings of the user stay text', () => {
  const evil = '<script>alert("x")</script>|=cmd()\n# `*'
  const run = sampleRun({
    model: { ...sampleRun().model, name: evil },
    device: { ...sampleRun().device, name: evil, agentBuild: evil },
    data: { ...sampleRun().data, name: evil, classNames: [evil, evil, evil, evil] },
    operators: [{ name: evil, op: evil, kernel: evil, macs: 1, cycles: 1 }],
    memoryMap: [{ operator: evil, liveBytes: 1, tensors: [{ name: evil, offset: 0, bytes: 1 }] }],
    warnings: [evil],
    recipe: { name: evil, seed: 1, passes: [{ pass: evil, params: { [evil]: evil } }] },
  })

  test('in HTML', () => {
    const text = renderText(dataOf([run, run], evil), 'html')
    expect([
      text.match(/<script(?! type="application\/json")/gi),
      unbalanced(text),
      text.includes('&lt;script&gt;alert(&quot;x&quot;)'),
    ]).toEqual([null, [], true])
  })

  test('in Markdown: no tag, and every table keeps its columns', () => {
    const lines = renderText(dataOf([run, run], evil), 'md').split('\n')
    const widths = lines.map((line) => (line.startsWith('| ') ? line.replaceAll('\\|', '').split('|').length : 0))
    const torn = lines.filter((_, i) => widths[i] !== 0 && (widths[i - 1] ?? 0) !== 0 && widths[i] !== widths[i - 1])
    expect([lines.filter((line) => /(^|[^\\])<script/.test(line)), torn]).toEqual([[], []])
  })

  test('in CSV: no formula, and quotes are doubled', () => {
    const formula = sampleRun({ model: { ...sampleRun().model, name: '=HYPERLINK("x")' } })
    expect(renderText(dataOf([formula]), 'csv')).toContain(`,"'=HYPERLINK(""x"")",`)
  })
})

/** Names of elements that are not closed where they should be; empty for a well-formed page. */
function unbalanced(page: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, slash, name = '', closed] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/gi)) {
    if (closed === '/' || ['meta', 'br'].includes(name)) continue
    if (slash !== '/') open.push(name)
    else if (open.pop() !== name) wrong.push(name)
  }
  return [...wrong, ...open]
}
