import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { uploadId } from '../../../src-main/contract/ids.ts'
import { createUploads } from '../../../src-main/services/uploads.ts'
import { temporaryFolder } from '../../support/workspace.ts'

const chunk = (text: string) => new TextEncoder().encode(text)
async function* body(...parts: readonly string[]) {
  for (const part of parts) yield chunk(part)
}

describe('uploads', () => {
  test('chunks in order make the files', async () => {
    using folder = temporaryFolder()
    const uploads = createUploads(folder.path)
    const id = await uploads.begin([
      { path: 'cat/1.png', bytes: 6 },
      { path: 'empty', bytes: 0 },
    ])
    await uploads.chunk(id, 0, 0, chunk('abc'))
    await uploads.chunk(id, 0, 3, chunk('def'))
    const { dir, paths } = uploads.complete(id)
    expect([paths, readFileSync(join(dir, 'cat/1.png'), 'utf8')]).toEqual([['cat/1.png', 'empty'], 'abcdef'])
    await uploads.discard(id)
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('all files in one stream are told apart by their sizes, however it is cut', async () => {
    using folder = temporaryFolder()
    const uploads = createUploads(folder.path)
    const id = await uploads.begin([
      { path: 'a', bytes: 3 },
      { path: 'empty', bytes: 0 },
      { path: 'b/c', bytes: 4 },
      { path: 'last', bytes: 0 },
    ])
    await uploads.receive(id, body('ab', 'cde', '', 'fg'))
    const { dir, paths } = uploads.complete(id)
    expect(paths.map((path) => readFileSync(join(dir, path), 'utf8'))).toEqual(['abc', '', 'defg', ''])
  })

  test.each([
    { name: 'less', parts: ['ab'] },
    { name: 'more', parts: ['abc', 'd'] },
  ])('a stream with $name than was announced is refused', async ({ parts }) => {
    using folder = temporaryFolder()
    const uploads = createUploads(folder.path)
    const id = await uploads.begin([{ path: 'a', bytes: 3 }])
    await expect(uploads.receive(id, body(...parts))).rejects.toMatchObject({ code: 'usage.invalid' })
  })

  test.skipIf(!existsSync('/dev/full'))('a full disk is said to be one', async () => {
    using folder = temporaryFolder()
    const uploads = createUploads(folder.path)
    const id = await uploads.begin([{ path: 'a', bytes: 3 }])
    const place = join(folder.path, id, 'a')
    rmSync(place)
    symlinkSync('/dev/full', place)
    await expect(uploads.receive(id, body('abc'))).rejects.toMatchObject({ code: 'store.full' })
    await expect(uploads.chunk(id, 0, 0, chunk('abc'))).rejects.toMatchObject({ code: 'store.full' })
  })

  const bad = [
    { name: 'a gap', file: 0, offset: 1, data: 'a' },
    { name: 'more than declared', file: 0, offset: 0, data: 'abcdefg' },
    { name: 'a file that was not declared', file: 1, offset: 0, data: 'a' },
  ]
  test.each(bad)('$name is refused', async ({ file, offset, data }) => {
    using folder = temporaryFolder()
    const uploads = createUploads(folder.path)
    const id = await uploads.begin([{ path: 'a', bytes: 6 }])
    await expect(uploads.chunk(id, file, offset, chunk(data))).rejects.toMatchObject({ code: 'usage.invalid' })
  })

  test.each(['../a', 'a/../b', '/a', 'a\\b', 'a\0b', './a'])('the name "%s" is refused', async (path) => {
    using folder = temporaryFolder()
    await expect(createUploads(folder.path).begin([{ path, bytes: 1 }])).rejects.toMatchObject({
      code: 'usage.invalid',
    })
  })

  test('an upload that is not complete cannot be used, an unknown one is not found', async () => {
    using folder = temporaryFolder()
    const uploads = createUploads(folder.path)
    const id = await uploads.begin([{ path: 'a', bytes: 6 }])
    expect(() => uploads.complete(id)).toThrow('not complete')
    expect(() => uploads.complete(uploadId.parse('nobody'))).toThrow('There is no upload')
  })
})
