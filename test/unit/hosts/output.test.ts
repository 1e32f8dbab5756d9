import { expect, test, vi } from 'vitest'
import { joined, say } from '../../../src-main/base/note.ts'
import { terminalOutput } from '../../../src-main/hosts/cli/output.ts'

test('a document for scripts has sentences as text, however deep', () => {
  const written: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0)
  terminalOutput(true).result(
    { notes: [say`${4} nodes removed`, { problem: joined([say`flash`, 'x'], ', ') }] },
    () => '',
  )
  stdout.mockRestore()
  expect(JSON.parse(written.join(''))).toEqual({ notes: ['4 nodes removed', { problem: 'flash, x' }] })
})
