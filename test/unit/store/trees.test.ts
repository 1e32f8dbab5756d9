import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../src-main/base/hash.ts'
import { filesBelow, openTrees } from '../../../src-main/store/trees.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('trees', () => {
  test('one file is known by its own hash and kept under its own name', async () => {
    using folder = temporaryFolder()
    const tree = await openTrees(folder.path).add([{ path: 'm.onnx', from: { bytes: bytes('abc') } }])
    expect({ hash: tree.hash, text: readFileSync(join(tree.dir, 'm.onnx'), 'utf8') }).toEqual({
      hash: sha256('abc'),
      text: 'abc',
    })
  })

  test('the same content again is the same tree, whatever the order', async () => {
    using folder = temporaryFolder()
    const trees = openTrees(folder.path)
    const files = ['a/1', 'b/2'].map((path) => ({ path, from: { bytes: bytes(path) } }))
    const first = await trees.add(files)
    const second = await trees.add([...files].reverse())
    expect([second.hash, readdirSync(folder.path)]).toEqual([first.hash, [first.hash]])
  })

  test('a failed copy leaves nothing behind', async () => {
    using folder = temporaryFolder()
    const missing = [
      { path: 'a', from: { bytes: bytes('a') } },
      { path: 'b', from: { path: folder.file('missing') } },
    ]
    await expect(openTrees(folder.path).add(missing)).rejects.toThrow('ENOENT')
    expect(readdirSync(folder.path)).toEqual([])
  })

  test.each(['../x', '/x', 'a//b', 'a/../../x', 'a\\b', ''])('the path "%s" is refused', async (path) => {
    using folder = temporaryFolder()
    await expect(openTrees(folder.path).add([{ path, from: { bytes: bytes('a') } }])).rejects.toThrow('leaves its tree')
  })

  test('a folder is listed below the name it gets', async () => {
    using folder = temporaryFolder()
    mkdirSync(folder.file('set/cat'), { recursive: true })
    writeFileSync(folder.file('set/cat/1.png'), '1')
    writeFileSync(folder.file('set/readme'), '2')
    const files = await filesBelow(folder.file('set'), 'set')
    expect(files.map((file) => file.path)).toEqual(['set/cat/1.png', 'set/readme'])
  })
})
