// What the host says, as the page shows it in each language.
import { afterEach, describe, expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { joined, say } from '../../../src-main/base/note.ts'
import { toErrorInfo } from '../../../src-main/contract/error.ts'
import { job } from '../../../src-main/contract/job.ts'
import { note } from '../../../src-main/contract/note.ts'
import { errorText } from '../../../src-renderer/i18n/errors.ts'
import { locale } from '../../../src-renderer/i18n/locale.ts'
import { noteText } from '../../../src-renderer/i18n/note.ts'

afterEach(() => locale.set('en'))

/** As it comes over the wire. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

describe('errors', () => {
  const refusal = new AppError('model.operator', {
    ...{ node: 'erf', op: 'Erf', reason: say`its mode is ${'cubic'}` },
    help: say`Replace ${'Erf'} in the model by operators the runtime has, or cut the model before it.`,
  })
  const cases = {
    en: {
      message: 'Node erf: operator Erf cannot run on a microcontroller: its mode is cubic.',
      next: 'Replace Erf in the model by operators the runtime has, or cut the model before it.',
    },
    'zh-CN': {
      message: '节点 erf：算子 Erf 无法在微控制器上运行：它的模式是 cubic。',
      next: '请把模型中的 Erf 换成运行时支持的算子，或在它之前截断模型。',
    },
  } as const

  test.for(['en', 'zh-CN'] as const)('a refused operator in %s', async (language) => {
    await locale.set(language)
    const { message, next } = errorText(sent(toErrorInfo(refusal)))
    expect({ message, next }).toEqual(cases[language])
  })

  test('a whole error is the problem of a device', async () => {
    await locale.set('zh-CN')
    const problem = note.parse(sent(joined([refusal.note, refusal.nextNote], ' ')))
    expect(noteText(problem)).toBe(`${cases['zh-CN'].message} ${cases['zh-CN'].next}`)
  })
})

test('a job of an older workspace has plain text, a new one sentences', async () => {
  const base = { id: 'j', projectId: null, state: 'running', error: null, runId: null, createdAt: '' }
  const progress = { stage: 'twin', fraction: 0.5, note: say`${3} of ${8} samples` }
  const rest = { startedAt: null, endedAt: null, progress }
  await locale.set('zh-CN')
  const titles = ['Verifying x.html', say`Verifying ${'x.html'}`].map((title) =>
    job.parse(sent({ ...base, ...rest, title, log: [{ atMs: 0, line: say`${4} nodes removed` }] })),
  )
  expect(titles.map(({ title }) => noteText(title))).toEqual(['Verifying x.html', '正在验证 x.html'])
  expect(noteText(titles[0]!.progress!.note)).toBe('样本 3 / 8')
  expect(noteText(titles[0]!.log[0]!.line)).toBe('移除 4 个节点')
})
