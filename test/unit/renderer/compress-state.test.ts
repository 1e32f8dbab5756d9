// State of the Compress screen without a page: own recipes, options, and the jobs under way. The classes use runes, so the
// interface's own compiler loads them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Job } from '../../../src-main/contract/job.ts'
import type { ProjectChoices } from '../../../src-main/contract/project.ts'
import { openStateModules, type StateModules } from '../../support/state-modules.ts'

interface LoadedChoices {
  options: { encoding: string; limit: number | null; runs: number | null }
  readonly recipes: ProjectChoices['recipes']
  readonly open: string | null
  take(choices: ProjectChoices, recipe: string): void
  optionsChanged(): void
  flush(): void
  freeName(name: string): string
  keep(text: string, name: string, isRename?: boolean): ProjectChoices
  select(name: string): string | null
  detach(): void
  forget(): void
  remove(name: string): ProjectChoices
}
interface LoadedBoard {
  inTurn(jobs: readonly Job[], before?: ReadonlyMap<string, number>): { job: Job; share: number; ahead: Job | null }[]
  titleOf(jobs: ReturnType<LoadedBoard['inTurn']>): string
}

let modules: StateModules
let newChoices: (save: (choices: ProjectChoices) => Promise<void>, isUsed: (name: string) => boolean) => LoadedChoices
let board: LoadedBoard

beforeAll(async () => {
  modules = await openStateModules()
  const { Choices } = await modules.load('state/project-choices.svelte.ts')
  const { inTurn, titleOf } = await modules.load('state/job-board.svelte.ts')
  newChoices = (save, isUsed) => new Choices(save, isUsed)
  board = { inTurn, titleOf }
})
afterAll(() => modules?.[Symbol.asyncDispose]())

const nothing: ProjectChoices = { options: null, recipes: [] }

function made(used: readonly string[] = []) {
  const saved: ProjectChoices[] = []
  const choices = newChoices(
    async (record) => {
      saved.push(record)
    },
    (name) => used.includes(name),
  )
  return { choices, saved }
}
const names = (choices: LoadedChoices) => choices.recipes.map(({ name }) => name)

describe('own recipes', () => {
  test('an edited one takes its own place, a new name included; another one gets a place of its own', () => {
    const { choices } = made()
    choices.take(nothing, 'int8')
    choices.keep('name: a', 'a')
    choices.keep('name: a\nseed: 1', 'a')
    choices.keep('name: ab', 'ab')
    choices.detach()
    choices.keep('name: c', 'c')
    expect([choices.recipes, choices.open]).toEqual([
      [
        { name: 'ab', text: 'name: ab' },
        { name: 'c', text: 'name: c' },
      ],
      'c',
    ])
  })

  test('one that a run was made with stays when the name changes, but for a rename', () => {
    const { choices } = made(['a'])
    choices.take(nothing, 'int8')
    choices.keep('name: a', 'a')
    choices.keep('name: a-2', choices.freeName('a'))
    expect(names(choices)).toEqual(['a', 'a-2'])
    choices.select('a')
    choices.keep('name: z', 'z', true)
    expect(names(choices)).toEqual(['z', 'a-2'])
  })

  test('two of one name are told apart; one that comes back is found again; one made by mistake goes', () => {
    const { choices } = made()
    choices.take({ options: null, recipes: [{ name: 'mine', text: 'first' }] }, 'first')
    expect(choices.open).toBe('mine')
    choices.detach()
    choices.keep('second', 'mine')
    expect(names(choices)).toEqual(['mine', 'mine (2)'])
    choices.detach()
    choices.keep('first', 'mine')
    expect([names(choices), choices.open]).toEqual([['mine', 'mine (2)'], 'mine'])
    choices.select('mine (2)')
    choices.forget()
    expect([names(choices), choices.open, choices.select('gone')]).toEqual([['mine'], null, null])
  })

  test('new names count on', () => {
    const { choices } = made(['own-int8', 'own-int8-2'])
    choices.take({ options: null, recipes: [{ name: 'own-int8-3', text: 'x' }] }, 'int8')
    expect(['own-int8', 'own-int8-2', 'other'].map((name) => choices.freeName(name))).toEqual([
      'own-int8-4',
      'own-int8-4',
      'other',
    ])
  })
})

describe('options of a run', () => {
  test('are saved once when they have changed, and come back with the project', () => {
    const { choices, saved } = made()
    choices.take(nothing, 'int8')
    choices.flush()
    choices.options.encoding = 'smallest'
    choices.options.limit = 300
    choices.flush()
    choices.flush()
    expect(saved.map(({ options }) => [options?.encoding, options?.limit, options?.runs])).toEqual([
      ['smallest', 300, 10],
    ])
    const again = made()
    again.choices.take(saved[0]!, 'int8')
    again.choices.flush()
    expect([again.choices.options.limit, again.saved]).toEqual([300, []])
  })

  test('that are not valid while they are typed are not saved, and nothing is before the project is there', () => {
    const { choices, saved } = made()
    choices.options.limit = 5
    choices.flush()
    choices.take(nothing, 'int8')
    choices.options.runs = null
    choices.flush()
    expect(saved).toEqual([])
  })
})

describe('jobs under way', () => {
  const job = (id: string, state: Job['state'], createdAt: string, fraction: number | null = null) =>
    ({
      id,
      title: `${id} on Pico`,
      state,
      createdAt,
      progress: fraction === null ? null : { stage: 'validate', fraction, note: '' },
    }) as Job

  test('come in turn, and each that waits says behind what', () => {
    const open = board.inTurn([job('c', 'queued', '3'), job('b', 'queued', '2'), job('a', 'running', '1', 0.5)])
    expect(open.map((each) => [each.job.id, each.ahead?.id ?? null])).toEqual([
      ['a', null],
      ['b', 'a'],
      ['c', 'b'],
    ])
    expect(board.titleOf(open)).toMatch(/^▶ \d\d % a on Pico$/)
    expect([board.titleOf([]), board.titleOf(board.inTurn([job('b', 'queued', '2')]))]).toEqual(['', ''])
  })

  test('never lose what they had done', () => {
    const [far] = board.inTurn([job('a', 'running', '1', 0.9)])
    const [back] = board.inTurn([job('a', 'running', '1', 0.1)], new Map([['a', far!.share]]))
    expect(back!.share).toBe(far!.share)
  })
})
