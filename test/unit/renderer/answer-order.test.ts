// Answers that come in another order than they were asked for. The state classes use runes, so the interface's own
// compiler loads them here.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../../../src-main/contract/project.ts'
import { openStateModules, type StateModules, settled } from '../../support/state-modules.ts'

interface Shown<T> {
  readonly value: T | null
  readonly error: { readonly code: string } | null
  readonly busy: boolean
}
interface LoadedResource<T> extends Shown<T> {
  load(): Promise<boolean>
  change(request: () => Promise<T>): Promise<T>
  set(value: T): void
}
interface LoadedProjectPage {
  readonly project: Shown<Project>
  readonly model: Shown<{ name: string }>
  readonly dataSet: Shown<{ name: string }>
  readonly error: { readonly code: string } | null
  add(files: readonly { path: string; blob: Blob }[], target: 'any'): Promise<void>
  open(): () => void
}
interface LoadedProjects {
  readonly list: LoadedResource<Project[]>
  changed(project: Project): void
}

/** One question that waits for its answer. */
interface Asked {
  readonly call: string
  answer(value: unknown): void
  fail(): void
}

let modules: StateModules
let newResource: <T>(fetch: () => Promise<T>) => LoadedResource<T>
let newProjects: (api: unknown) => LoadedProjects
let newPage: (api: unknown, projects: LoadedProjects, id: string) => LoadedProjectPage

beforeAll(async () => {
  modules = await openStateModules()
  const { Resource } = await modules.load('state/resource.svelte.ts')
  const { Projects } = await modules.load('state/projects.svelte.ts')
  const { ProjectPage } = await modules.load('state/project-page.svelte.ts')
  newResource = (fetch) => new Resource(fetch)
  newProjects = (api) => new Projects(api)
  newPage = (api, projects, id) => new ProjectPage(api, projects, id)
})
afterAll(() => modules?.[Symbol.asyncDispose]())

/** A host of which every answer is given by hand, except those in `atOnce`. */
function handHost(atOnce: Record<string, unknown>) {
  const open: Asked[] = []
  const ask = (call: string) => {
    if (call in atOnce) return Promise.resolve(atOnce[call])
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    open.push({ call, answer: resolve, fail: () => reject(new Error('the host is gone')) })
    return promise
  }
  const group = (family: string) => new Proxy({}, { get: (_, name) => () => ask(`${family}.${String(name)}`) })
  const api = new Proxy({}, { get: (_, family) => group(String(family)) })
  /** The oldest question of this kind, once it has been asked. */
  const take = async (call: string): Promise<Asked> => {
    await settled()
    const index = open.findIndex((asked) => asked.call === call)
    if (index < 0) throw new Error(`${call} was not asked; open: ${open.map((asked) => asked.call).join(', ')}`)
    return open.splice(index, 1)[0]!
  }
  return { api, take, open }
}

describe('a resource', () => {
  function twice() {
    const asked: PromiseWithResolvers<string>[] = []
    const resource = newResource(() => {
      const next = Promise.withResolvers<string>()
      asked.push(next)
      return next.promise
    })
    const loads = [resource.load(), resource.load()]
    return { resource, loads, first: asked[0]!, second: asked[1]! }
  }

  test('keeps the newer answer when the older one comes last', async () => {
    const { resource, first, second, loads } = twice()
    second.resolve('new')
    await loads[1]
    first.resolve('old')
    await loads[0]
    expect([resource.value, resource.busy]).toEqual(['new', false])
  })

  test('shows an older answer until the newer one is there, so that whoever waited for it finds it', async () => {
    const { resource, first, second, loads } = twice()
    first.resolve('old')
    await loads[0]
    expect([resource.value, resource.busy]).toEqual(['old', true])
    second.resolve('new')
    await loads[1]
    expect([resource.value, resource.busy]).toEqual(['new', false])
  })

  test('an older failure does not hide a newer answer', async () => {
    const { resource, first, second, loads } = twice()
    second.resolve('new')
    first.reject(new Error('lost'))
    await Promise.all(loads)
    expect([resource.value, resource.error]).toEqual(['new', null])
  })

  test('a change that was asked for before a load, and is answered after it, changes nothing', async () => {
    const answer = Promise.withResolvers<string>()
    const resource = newResource(async () => 'loaded')
    const change = resource.change(() => answer.promise)
    await resource.load()
    answer.resolve('changed before')
    expect([await change, resource.value]).toEqual(['changed before', 'loaded'])
  })

  test('a change that fails is told to whoever asked, and is over', async () => {
    const resource = newResource(async () => 'loaded')
    await resource.load()
    await expect(resource.change(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    expect([resource.value, resource.error, resource.busy]).toEqual(['loaded', null, false])
  })
})

describe('a model and data dropped right after each other', () => {
  const file = (path: string) => ({ path, blob: new Blob(['x']) })
  const bare = {
    id: 'p',
    name: 'Band',
    device: 'pico',
    modelId: null,
    dataSetId: null,
    bestRunId: null,
    choices: { options: null, recipes: [] },
  }
  const withModel = { ...bare, modelId: 'm' }
  const withBoth = { ...withModel, dataSetId: 'd' }
  const dataSet = { id: 'd', name: 'gestures.npz', count: 4, preprocess: {} }
  const atOnce = {
    'projects.list': [],
    'uploads.begin': { id: 'u', address: null },
    'uploads.chunk': undefined,
    'models.add': { id: 'm', name: 'gestures.onnx' },
    'models.get': { id: 'm', name: 'gestures.onnx' },
    'models.analyze': {},
    'data.add': dataSet,
    'data.get': dataSet,
    'data.fit': null,
    'data.preview': [],
    'runs.page': { total: 0, rows: [] },
    'jobs.list': [],
  }

  async function dropBoth() {
    const host = handHost(atOnce)
    const page = newPage(host.api, newProjects(host.api), 'p')
    page.open()
    ;(await host.take('projects.get')).answer(bare)
    await settled()
    const model = page.add([file('gestures.onnx')], 'any')
    const afterModel = await host.take('projects.get')
    const data = page.add([file('gestures.npz')], 'any')
    const afterData = await host.take('projects.get')
    const names = async () => {
      await Promise.all([model, data])
      return [page.model.value?.name, page.dataSet.value?.name, page.project.value]
    }
    return { afterModel, afterData, names }
  }
  const both = ['gestures.onnx', 'gestures.npz', withBoth]

  test('answers in order: the older one, superseded, still brings the model', async () => {
    const { afterModel, afterData, names } = await dropBoth()
    afterModel.answer(withModel)
    await settled()
    afterData.answer(withBoth)
    expect(await names()).toEqual(both)
  })

  test('answers out of order: the older one does not take the data away', async () => {
    const { afterModel, afterData, names } = await dropBoth()
    afterData.answer(withBoth)
    await settled()
    afterModel.answer(withModel)
    expect(await names()).toEqual(both)
  })

  test('a file refused while the project is still loading stays refused on the screen', async () => {
    const host = handHost(atOnce)
    const page = newPage(host.api, newProjects(host.api), 'p')
    page.open()
    const project = await host.take('projects.get')
    await page.add([file('notes.txt')], 'any')
    project.answer(bare)
    await settled()
    expect(page.error?.code).toBe('renderer.unknownFiles')
  })

  test.each(['model', 'data'])(
    'no answer about the project, that of the %s first: what was added stays shown',
    async (first) => {
      const { afterModel, afterData, names } = await dropBoth()
      const [one, other] = first === 'model' ? [afterModel, afterData] : [afterData, afterModel]
      one.fail()
      await settled()
      other.fail()
      expect(await names()).toEqual(['gestures.onnx', 'gestures.npz', bare])
    },
  )
})

test('a project that changes while the list is on its way does not lose the new ones in it', async () => {
  const row = (id: string, name: string) => ({ id, name })
  const host = handHost({})
  const projects = newProjects(host.api)
  void projects.list.load()
  ;(await host.take('projects.list')).answer([row('a', 'A')])
  await settled()
  void projects.list.load()
  const onItsWay = await host.take('projects.list')
  const renamed: unknown = row('a', 'Renamed')
  projects.changed(renamed as Project)
  onItsWay.answer([row('a', 'A'), row('b', 'B')])
  ;(await host.take('projects.list')).answer([row('a', 'Renamed'), row('b', 'B')])
  await settled()
  expect(projects.list.value?.map((each) => each.name)).toEqual(['Renamed', 'B'])
})
