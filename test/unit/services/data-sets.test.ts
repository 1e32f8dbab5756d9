// Data sets that several projects share, over the real services and a real file.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createApp } from '../../../src-main/app.ts'
import { openStore } from '../../../src-main/store/store.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const workerUrl = new URL('../../../src-main/hosts/worker/main.ts', import.meta.url)
const path = join(import.meta.dirname, '../../../resources/samples/gestures-test.npz')

test('each project prepares the same file in its own way, and the same way is one set', async () => {
  using folder = temporaryFolder()
  await using app = await createApp({ workspace: folder.file('w'), workerUrl, host: 'cli', version: '0' })
  const { projects, data } = app.services
  const [first, second] = [projects.create('A', 'pico').id, projects.create('B', 'twin').id]
  const shared = await data.add({ kind: 'path', path }, {}, first)
  expect((await data.add({ kind: 'path', path }, {}, second)).id).toBe(shared.id)
  const setOf = (id: typeof first) => data.get(projects.get(id).dataSetId!)

  // The second goes its own way; the first keeps what it has.
  await data.setPreprocess(shared.id, { scale: 0.5 }, second)
  expect([setOf(first).preprocess, setOf(second).preprocess]).toEqual([{}, { scale: 0.5 }])
  // The first comes to the same: one set serves both.
  await data.setPreprocess(setOf(first).id, { scale: 0.5 }, first)
  expect(setOf(first).id).toBe(setOf(second).id)
  // Nobody else has the old one: it is changed where it is.
  await data.setPreprocess(setOf(second).id, { scale: 2 }, second)
  await data.setPreprocess(setOf(second).id, { scale: 3 }, second)
  expect([setOf(first).preprocess, setOf(second).preprocess]).toEqual([{ scale: 0.5 }, { scale: 3 }])
  expect(data.list()).toHaveLength(3)
})

test('a set of an older version, added again, is told with what is known of it now', async () => {
  using folder = temporaryFolder()
  await using app = await createApp({ workspace: folder.file('w'), workerUrl, host: 'cli', version: '0' })
  const { data } = app.services
  const added = await data.add({ kind: 'path', path })
  const store = openStore(app.workspace)
  store.data.update({ ...added, sha256: '0'.repeat(64), labelled: false, classCounts: null, count: 1 })
  store.close()
  expect(data.get(added.id)).not.toEqual(added)
  expect(await data.add({ kind: 'path', path })).toEqual(added)
  expect(data.get(added.id)).toEqual(added)
})
