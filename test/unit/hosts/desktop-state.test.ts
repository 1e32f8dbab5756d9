import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import {
  readDesktopState,
  visibleBounds,
  withWorkspace,
  writeDesktopState,
} from '../../../src-main/hosts/electron/desktop-state.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

describe('what the desktop remembers', () => {
  const state = { recentWorkspaces: ['/a'], window: { bounds: { x: 1, y: 2, width: 3, height: 4 }, maximized: true } }

  test('comes back as it was written', () => {
    writeDesktopState(folder.file('deep/desktop.json'), state)
    expect(readDesktopState(folder.file('deep/desktop.json'))).toEqual(state)
  })

  test.for([
    { name: 'missing', text: null, read: { recentWorkspaces: [], window: null } },
    { name: 'damaged', text: '{', read: { recentWorkspaces: [], window: null } },
    {
      name: 'wrong in one part',
      text: '{"recentWorkspaces":["/a"],"window":{"bounds":{"x":"left"}}}',
      read: { recentWorkspaces: ['/a'], window: null },
    },
  ])('is forgotten where the file is $name', ({ name, text, read }) => {
    const path = folder.file(`${name}.json`)
    if (text !== null) writeFileSync(path, text)
    expect(readDesktopState(path)).toEqual(read)
  })

  test('the workspace opened last comes first, once, and ten are kept', () => {
    const many = Array.from({ length: 12 }, (_, i) => `/${i}`).reduce(withWorkspace, readDesktopState('/none'))
    expect(withWorkspace(many, '/5').recentWorkspaces).toEqual([
      '/5',
      '/11',
      '/10',
      '/9',
      '/8',
      '/7',
      '/6',
      '/4',
      '/3',
      '/2',
    ])
  })
})

describe('a window comes back where it can be got hold of', () => {
  const screens = [
    { x: 0, y: 25, width: 1920, height: 1055 },
    { x: 1920, y: 0, width: 1280, height: 1024 },
  ]
  test.for([
    { name: 'on the first screen', wanted: { x: 10, y: 40, width: 1000, height: 700 }, shown: true },
    { name: 'on the second', wanted: { x: 2000, y: 10, width: 1000, height: 700 }, shown: true },
    { name: 'across both', wanted: { x: 1500, y: 100, width: 1000, height: 700 }, shown: true },
    { name: 'on a screen that is gone', wanted: { x: -1500, y: 100, width: 1000, height: 700 }, shown: false },
    { name: 'with its title above all screens', wanted: { x: 100, y: -40, width: 1000, height: 700 }, shown: false },
    { name: 'with an edge to hold only', wanted: { x: -950, y: 100, width: 1000, height: 700 }, shown: false },
    { name: 'below', wanted: { x: 100, y: 1050, width: 1000, height: 700 }, shown: false },
  ])('$name: $shown', ({ wanted, shown }) => {
    expect(visibleBounds(wanted, screens)).toEqual(shown ? wanted : null)
  })
})
