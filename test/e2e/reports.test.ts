// Reports of a real run through the command line: every format, sections, and whether they are confirmed or found out.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { disagreements } from '../../src-main/contract/run.ts'
import { verification } from '../../src-main/contract/verification.ts'
import { repository, runCli, runJson } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const sample = (name: string) => join(repository, 'resources/samples', name)
const withId = z.object({ id: z.string() })
const refusal = z.object({
  error: z.object({ code: z.string(), data: z.object({ figure: z.string(), verification }) }),
})

describe('reports', () => {
  const folder = temporaryFolder()
  const workspace = folder.file('workspace')
  const report = (...args: string[]) => runCli('report', ...args, '--workspace', workspace)
  let run = ''

  beforeAll(async () => {
    const made = await runJson(
      'run',
      sample('gestures.onnx'),
      '--data',
      sample('gestures-test.npz'),
      ...[
        '--preprocess',
        '{"scale":0.03125}',
        '--device',
        'twin',
        '--limit',
        '60',
        '--seed',
        '7',
        '--workspace',
        workspace,
      ],
    )
    run = withId.parse(made).id
  }, 120_000)
  afterAll(() => folder[Symbol.dispose]())

  test.each([
    ['html', '<!doctype html>'],
    ['pdf', '%PDF-1.7'],
    ['md', '# gestures.onnx'],
    ['csv', 'run,createdAt'],
    ['json', '{'],
  ])('as %s', { timeout: 60_000 }, async (format, start) => {
    const path = folder.file(`report.${format}`)
    const { status, stderr } = await report(run, '--format', format, '--out', path)
    expect([status, stderr]).toEqual([0, ''])
    expect(readFileSync(path, 'latin1').startsWith(start)).toBe(true)
  })

  test('in Chinese, and confirmed as the English one is; another language is refused', {
    timeout: 120_000,
  }, async () => {
    const path = folder.file('zh.html')
    await report(run, '--language', 'zh', '--out', path)
    const page = readFileSync(path, 'utf8')
    expect([page.includes('<html lang="zh-CN">'), page.includes('逐位一致：设备的')]).toEqual([true, true])
    const verified = verification.parse(await runJson('report', path, '--verify', '--workspace', workspace))
    expect([verified.document, verified.confirmed]).toEqual(['same', true])
    const { status, stderr } = await report(run, '--language', 'fr')
    expect([status, stderr.includes('--language fr: it is en or zh.')]).toEqual([2, true])
  })

  test('only the sections asked for; an unknown one is refused by name', { timeout: 60_000 }, async () => {
    const path = folder.file('short.md')
    await report(run, '--format', 'md', '--sections', 'summary,provenance', '--out', path)
    const text = readFileSync(path, 'utf8')
    expect([text.includes('| Budget |'), text.includes('| Operator |'), text.includes('| Record |')]).toEqual([
      true,
      false,
      true,
    ])
    const { status, stderr } = await report(run, '--sections', 'weather')
    expect([status, stderr.includes('weather')]).toEqual([2, true])
  })

  test('a run, its page and its record are confirmed', { timeout: 120_000 }, async () => {
    for (const what of [run, folder.file('report.html'), folder.file('report.json')]) {
      const found = verification.parse(await runJson('report', what, '--verify', '--workspace', workspace))
      const figures = found.runs[0]!.figures
      const outcomeOf = (figure: string) => figures.find((each) => each.figure === figure)?.outcome
      expect(found.confirmed).toBe(true)
      expect(
        ['pack.sha256', 'reproduction.twinOutputsSha256', 'quality.twin.top1', 'latency.median'].map(outcomeOf),
      ).toEqual(['same', 'same', 'same', 'stated'])
    }
  })

  test.each([
    ['flash.weightsBytes', /"weightsBytes": \d+/, '"weightsBytes": 1'],
    ['seed', /"seed": 7,/g, '"seed": 8,'],
    ['pack.sha256', /("pack": \{\s*"sha256": ")..../, '$10000'],
    ['device.agentBuild', /"agentBuild": "\w+"/, '"agentBuild": ""'],
  ])('a record whose %s was changed is found out', { timeout: 60_000 }, async (what, pattern, change) => {
    const changed = readFileSync(folder.file('report.json'), 'utf8').replace(pattern, change)
    const path = folder.file('changed.json')
    writeFileSync(path, changed)
    const { status, stdout } = await report(path, '--verify', '--json')
    const { code, data } = refusal.parse(JSON.parse(stdout)).error
    expect([status, code, data.verification.confirmed]).toEqual([11, 'report.differs', false])
    // The seed is part of the recipe.
    expect(data.figure).toBe(what === 'seed' ? 'recipeSha256' : what)
  })

  test('a page that shows something else than its record is found out', { timeout: 60_000 }, async () => {
    const page = readFileSync(folder.file('report.html'), 'utf8')
    const path = folder.file('changed.html')
    writeFileSync(path, page.replace('outputs of the device equal', 'outputs of the device always equal'))
    const { status, stdout } = await report(path, '--verify', '--json')
    const { data } = refusal.parse(JSON.parse(stdout)).error
    expect([status, data.verification.document, data.verification.confirmed]).toEqual([11, 'differs', false])
  })

  test.each([
    ['report.md', 'holds no record'],
    ['cut.json', 'is no whole report'],
  ])('%s is refused: %s', { timeout: 60_000 }, async (name, message) => {
    if (name === 'cut.json')
      writeFileSync(folder.file(name), readFileSync(folder.file('report.json'), 'utf8').slice(0, 900))
    const { status, stderr } = await report(folder.file(name), '--verify')
    expect([status, stderr.includes(message)]).toEqual([11, true])
  })

  test('tags and a note are kept; two runs tell where they disagree', { timeout: 120_000 }, async () => {
    const noted = await runJson('annotate', run, '--tags', 'keep, small', '--note', 'first', '--workspace', workspace)
    expect(noted).toMatchObject({ tags: ['keep', 'small'], note: 'first' })
    await runJson('annotate', run, '--note', 'second', '--workspace', workspace)
    const other = await runJson(
      'run',
      sample('gestures.onnx'),
      '--data',
      sample('gestures-test.npz'),
      ...['--preprocess', '{"scale":0.25}', '--device', 'twin', '--limit', '60', '--workspace', workspace],
    )
    const compared = await runJson('compare', run, withId.parse(other).id, '--samples', '5', '--workspace', workspace)
    const { disagreements: found } = z.object({ disagreements }).parse(compared)
    expect([found.obstacle, found.compared]).toEqual([null, 60])
    expect(found.total).toBeGreaterThan(0)
    for (const { answers, picture } of found.samples) {
      expect(answers[0]).not.toBe(answers[1])
      expect(picture?.values.length).toBe(picture?.shape.reduce((product, size) => product * size, 1))
    }
  })

  test('without the model in the workspace it says which file is missing', { timeout: 60_000 }, async () => {
    const { status, stderr } = await runCli(
      'report',
      folder.file('report.json'),
      ...['--verify', '--workspace', folder.file('empty')],
    )
    expect([status, /the model gestures.onnx, which is not in this workspace/.test(stderr)]).toEqual([11, true])
  })
})
