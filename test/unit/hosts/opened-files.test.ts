import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { openedFiles } from '../../../src-main/hosts/electron/opened-files.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
for (const name of ['a b.onnx', 'p.shoeproject', 'm.SHOE', 'notes.txt']) writeFileSync(folder.file(name), '')

const cases = [
  { name: 'names from where the process was started', given: ['a b.onnx', 'm.SHOE'], found: ['a b.onnx', 'm.SHOE'] },
  { name: 'paths', given: [folder.file('p.shoeproject')], found: ['p.shoeproject'] },
  {
    name: 'addresses, as Linux desktops give them',
    given: [pathToFileURL(folder.file('a b.onnx')).href],
    found: ['a b.onnx'],
  },
  { name: 'no others', given: ['notes.txt', 'missing.onnx', '--x.onnx', 'https://example.com/a.onnx'], found: [] },
  {
    name: 'no address of another machine, and none that is none',
    given: ['file://elsewhere/a.onnx', 'file:%zz.onnx'],
    found: [],
  },
  { name: 'not the program itself', given: [], found: [] },
]

test.for(cases)('files of ours among the arguments: $name', ({ given, found }) => {
  expect(openedFiles(['shoehorn.onnx', ...given], folder.path)).toEqual(found.map((name) => folder.file(name)))
})
