import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test, vi } from 'vitest'
import { checkLayers, importsOf } from '../../../build/layers.ts'
import { temporaryFolder } from '../../support/workspace.ts'

test('imports are found in every form', () => {
  const text = `import { a } from './a.ts'\nimport './b.ts'\nexport * from './c.ts'\nconst d = await import('./d.ts')\nimport type { E } from "./e.ts"`
  expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts'])
})

const cases = [
  {
    name: 'a layer may import what the rules say',
    file: 'src-main/formats/a.ts',
    text: `import '../ir/g.ts'`,
    ok: true,
  },
  { name: 'a layer may not reach up', file: 'src-main/ir/a.ts', text: `import '../services/s.ts'`, ok: false },
  {
    name: 'a pure layer does no I/O',
    file: 'src-main/ir/a.ts',
    text: `import { readFileSync } from 'node:fs'`,
    ok: false,
  },
  {
    name: 'electron stays in its host',
    file: 'src-main/services/a.ts',
    text: `import { app } from 'electron'`,
    ok: false,
  },
  {
    name: 'the interface sees only the contract and base',
    file: 'src-renderer/a.ts',
    text: `import '../src-main/ir/g.ts'`,
    ok: false,
  },
]

test.each(cases)('$name', ({ file, text, ok }) => {
  using folder = temporaryFolder()
  const rules = {
    comment: [],
    'src-main/ir': [],
    'src-main/formats': ['ir'],
    'src-main/services': [],
    'src-renderer': ['contract', 'base'],
  }
  for (const name of ['src-main/x', 'src-renderer/x', 'build/x', file])
    mkdirSync(dirname(folder.file(name)), { recursive: true })
  writeFileSync(folder.file('build/layers.json'), JSON.stringify(rules))
  writeFileSync(folder.file(file), text)
  const silence = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  expect(checkLayers(folder.path)).toBe(ok)
  silence.mockRestore()
})
