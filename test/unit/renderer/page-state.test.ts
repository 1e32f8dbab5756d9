// What the state of the screens asks the host, and what becomes of files and edits, without a page.
import { ORPCError } from '@orpc/client'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openStateModules, recordingApi, type StateModules, settled } from '../../support/state-modules.ts'

let modules: StateModules
beforeAll(async () => {
  modules = await openStateModules()
}, 60_000)
afterAll(() => modules?.[Symbol.asyncDispose]())

/** A class of a state module, as the test uses it. */
type Made<T> = new (...args: never[]) => T
async function made<T>(path: string, name: string, ...args: unknown[]): Promise<T> {
  const loaded = (await modules.load(path)) as Record<string, Made<T>>
  return new loaded[name]!(...(args as never[]))
}

describe('a project that is opened', () => {
  interface Page {
    open(): () => void
    setPreprocess(record: object): Promise<void>
    readonly shownRun: { readonly value: { id: string } | null }
    readonly fit: { readonly value: unknown }
  }
  const project = {
    ...{ id: 'p', name: 'Band', device: 'pico', modelId: 'm', dataSetId: 'd', bestRunId: 'best', recipe: 'int8' },
    ...{ budgets: {}, choices: { options: null, recipes: [] } },
  }
  const answers = {
    'projects.get': () => project,
    'models.get': () => ({ id: 'm' }),
    'models.analyze': () => ({ layers: [], devices: [] }),
    'data.get': () => ({ id: 'd', count: 4, preprocess: {} }),
    'data.fit': () => ({ problems: [] }),
    'data.preview': () => [],
    'data.setPreprocess': () => ({ id: 'd', count: 4, preprocess: { scale: 2 } }),
    'runs.get': ({ id }: { id: string }) => ({ id }),
    'runs.page': () => ({ total: 0, rows: [] }),
    'jobs.list': () => [],
  }
  async function opened(about?: object) {
    const { api, asked } = recordingApi(answers)
    const page = await made<Page>('state/project-page.svelte.ts', 'ProjectPage', api, { changed() {} }, 'p', about)
    page.open()
    await settled()
    await settled()
    const times = (call: string) => asked.filter((each) => each === call).length
    return { page, asked, times }
  }

  test('asks everything once, and the fit again when the preprocessing changes', async () => {
    const { page, asked, times } = await opened()
    expect(asked.toSorted()).toEqual(
      Object.keys(answers)
        .filter((call) => call !== 'data.setPreprocess')
        .toSorted(),
    )
    await page.setPreprocess({ scale: 2 })
    expect([times('data.fit'), page.fit.value]).toEqual([2, { problems: [] }])
  })

  test('about a run at hand, asks neither for that run nor for pictures', async () => {
    const { page, times } = await opened({ id: 'at hand' })
    expect([page.shownRun.value?.id, times('runs.get'), times('data.preview'), times('data.fit')]).toEqual([
      'at hand',
      0,
      0,
      1,
    ])
  })
})

describe('sizes of presets', () => {
  const loaded: string[][] = []
  const page = (over: readonly string[]) => ({
    project: { value: { modelId: 'm', budgets: Object.fromEntries(over.map((budget) => [budget, 1])) } },
    shownRun: { value: { budgets: over.map((budget) => ({ budget, value: 2 })) } },
    presetSizes: { load: async (_: string, presets: string[]) => void loaded.push(presets) },
  })

  test.each([
    [['flashBytes'], 1],
    [['accuracyDrop'], 1],
    [['flashBytes', 'ramBytes'], 0],
    [['latencyMs'], 0],
    [[], 0],
  ])('with %j missed they are asked for %d times', async (over, times) => {
    const { loadSizes } = await modules.load('state/next-step.ts')
    loaded.length = 0
    await (loadSizes as (page: unknown, estimate: null) => Promise<void>)(page(over), null)
    expect(loaded).toHaveLength(times)
  })

  test('none of which was answered are asked for again; known ones are not', async () => {
    let answered = false
    const { api, asked } = recordingApi({
      'recipes.estimate': () => {
        if (!answered) throw new Error('the host is busy')
        return { flashBytes: 100 }
      },
    })
    const sizes = await made<{ load(model: string, presets: string[]): Promise<void>; value: Map<string, number> }>(
      'state/preset-sizes.svelte.ts',
      'PresetSizes',
      api,
    )
    await sizes.load('m', ['int8'])
    answered = true
    await sizes.load('m', ['int8'])
    await sizes.load('m', ['int8'])
    expect([asked.length, [...sizes.value]]).toEqual([2, [['int8', 100]]])
  })
})

describe('files from outside', () => {
  interface Box {
    receive(files: readonly { path: string; blob: Blob }[]): Promise<void>
    readonly files: readonly { path: string }[]
    takeFor(project: string): readonly { path: string }[]
  }
  const file = (path: string, text = 'x') => ({ path, blob: new Blob([text]) })

  async function inbox(route: { screen: string; project?: string }) {
    const done: string[] = []
    const note = (what: string) => async (given: unknown) => {
      await settled()
      done.push(`${what} ${JSON.stringify(given)}`)
      return { id: 'pack-1' }
    }
    const places = {
      projects: { import: ({ path }: { path: string }) => note('import')(path) },
      packs: { add: ({ path }: { path: string }) => note('pack')(path) },
      weights: { add: ([{ path }]: [{ path: string }]) => note('weights')(path) },
      router: { route, go: ({ screen }: { screen: string }) => done.push(`go ${screen}`) },
    }
    return { done, box: await made<Box>('state/inbox.svelte.ts', 'Inbox', places) }
  }

  test('every one is taken, one after the other', async () => {
    const { done, box } = await inbox({ screen: 'home' })
    await box.receive([
      ...[file('a.shoeproject'), file('one.shoe', 'SHOE'), file('b.shoeproject')],
      ...[file('two.shoe', 'SHOE'), file('w.shoe', 'SWTS'), file('net.onnx')],
    ])
    expect(done).toEqual([
      ...['import "a.shoeproject"', 'pack "one.shoe"', 'go packs', 'import "b.shoeproject"', 'pack "two.shoe"'],
      ...['go packs', 'go weights', 'weights "w.shoe"', 'go home'],
    ])
    expect(box.files.map(({ path }) => path)).toEqual(['net.onnx'])
  })

  test('models and data go into the project that is open, once, and into no other', async () => {
    const { done, box } = await inbox({ screen: 'project', project: 'p' })
    await box.receive([file('net.onnx'), file('net.npz')])
    expect([done, box.files, box.takeFor('other')]).toEqual([[], [], []])
    expect(box.takeFor('p').map(({ path }) => path)).toEqual(['net.onnx', 'net.npz'])
    expect(box.takeFor('p')).toEqual([])
  })
})

describe('files of the host', () => {
  type ReadWhole = (
    bytes: number,
    read: (offset: number) => Promise<{ data: Blob }>,
    onProgress?: (done: number) => void,
  ) => Promise<Blob>
  const readWhole = async () => (await modules.load('state/save-file.ts')).readWhole as ReadWhole
  const upTo = (end: number) => async (offset: number) => ({
    data: new Blob(['abcdefg'.slice(offset, end).slice(0, 3)]),
  })

  test('are read part by part', async () => {
    const told: number[] = []
    const whole = await (await readWhole())(7, upTo(7), (done) => told.push(done))
    expect([await whole.text(), told]).toEqual(['abcdefg', [0, 3, 6]])
  })

  test('that end too early are a failure, which says where', async () => {
    await expect((await readWhole())(7, upTo(5))).rejects.toMatchObject({
      info: { code: 'renderer.shortFile', message: expect.stringContaining('5 of 7 bytes') },
    })
  })

  test('a graph that could not be read to its end is put away all the same, and said to be short', async () => {
    const { api, asked } = recordingApi({
      'export.graph': () => ({ job: 'j' }),
      'jobs.watch': async function* () {
        yield { id: 'j', title: 'Export', state: 'done', progress: null, log: [] }
      },
      'export.graphFiles': () => [{ name: 'net.onnx', bytes: 4 }],
      'export.readGraph': () => ({ data: new Blob([]) }),
      'export.discardGraph': () => {},
    })
    const graph = await made<{ save(run: string): Promise<void>; error: { code: string } | null; busy: boolean }>(
      'state/graph-export.svelte.ts',
      'GraphExport',
      api,
    )
    await graph.save('run')
    expect([graph.error?.code, graph.busy, asked.at(-1)]).toEqual(['renderer.shortFile', false, 'export.discardGraph'])
  })
})

test('a check of the kernels that cannot be followed says why', async () => {
  const { api } = recordingApi({
    'kernels.test': () => ({ job: 'j' }),
    'jobs.watch': () => {
      throw new ORPCError('INTERNAL_SERVER_ERROR')
    },
  })
  const page = await made<{ test(): Promise<void>; error: { code: string } | null }>(
    'state/settings-page.svelte.ts',
    'SettingsPage',
    api,
  )
  await page.test()
  expect(page.error?.code).toBe('renderer.hostFailure')
})

describe('undoing', () => {
  interface Editor {
    readonly text: string | null
    readonly name: string
    setSteps(steps: readonly { pass: string; params: object }[]): void
    open(text: string): void
    choose(text: string): void
    undo(): void
  }
  interface Own {
    readonly recipes: readonly { name: string; text: string }[]
    readonly open: string | null
    take(choices: object, recipe: string): void
    keep(text: string, name: string, isRename: boolean): unknown
    freeName(name: string): string
    detach(): void
    forget(): void
  }
  const mine = 'name: mine\nseed: 0\npasses: []\n'
  const step = { pass: 'quantize-int8', params: {} }

  /** The own recipe `mine` is chosen. */
  async function editing(used: readonly string[]) {
    const { api } = recordingApi({
      'recipes.examine': ({ text }: { text: string }) => ({
        recipe: { name: /name: (.*)/.exec(text)?.[1], seed: 0, passes: text.includes('quantize') ? [step] : [] },
        problems: [],
      }),
    })
    const isUsed = (name: string) => used.includes(name)
    const own = await made<Own>('state/project-choices.svelte.ts', 'Choices', async () => {}, isUsed)
    own.take({ options: null, recipes: [{ name: 'mine', text: mine }] }, mine)
    const editor = await made<Editor>('state/recipe-editor.svelte.ts', 'RecipeEditor', api, {
      ...{ preset: () => 'int8', choosePreset: async () => {}, isUsed },
      save: async (text: string, name: string, isRename: boolean) => own.keep(text, name, isRename),
      ...{ freeName: (name: string) => own.freeName(name), detach: () => own.detach(), forget: () => own.forget() },
    })
    editor.choose(mine)
    await settled()
    const names = () => own.recipes.map(({ name }) => name)
    return { editor, own, names }
  }

  test('of steps that made another recipe, since a run knows this one, takes that recipe away', async () => {
    const { editor, own, names } = await editing(['mine'])
    editor.setSteps([step])
    await settled()
    expect([names(), own.open]).toEqual([['mine', 'mine-2'], 'mine-2'])
    editor.undo()
    await settled()
    expect([names(), own.open, editor.name]).toEqual([['mine'], 'mine', 'mine'])
  })

  test('of a copy takes the copy away, and what it was made of is chosen again', async () => {
    const { editor, own, names } = await editing([])
    editor.open('name: copy\nseed: 0\npasses: []\n')
    await settled()
    expect(names()).toEqual(['mine', 'copy'])
    editor.undo()
    await settled()
    expect([names(), own.open, editor.text]).toEqual([['mine'], 'mine', mine])
  })

  test('of steps within a recipe takes none away', async () => {
    const { editor, names } = await editing([])
    editor.setSteps([step])
    await settled()
    editor.undo()
    await settled()
    expect([names(), editor.text]).toEqual([['mine'], mine])
  })
})

describe('a list in the browser’s storage', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
  }
  afterEach(() => vi.unstubAllGlobals())

  interface Kept {
    all(): string[]
    put(row: string, isSame: (other: string) => boolean): void
  }
  async function list(): Promise<Kept> {
    const { keptList } = await modules.load('state/kept-list.ts')
    return (keptList as (...args: unknown[]) => Kept)('localStorage', 'list', z.string(), 2)
  }

  test('keeps the newest first, each once, and so many', async () => {
    vi.stubGlobal('localStorage', storage)
    const names = await list()
    for (const name of ['a', 'b', 'a', 'c']) names.put(name, (other) => other === name)
    expect(names.all()).toEqual(['c', 'a'])
    kept.set('list', '[1]')
    expect(names.all()).toEqual([])
  })

  test('is empty where storage is not allowed', async () => {
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('denied')
      },
      setItem: () => {
        throw new Error('denied')
      },
    })
    const names = await list()
    names.put('a', () => false)
    expect(names.all()).toEqual([])
  })
})
