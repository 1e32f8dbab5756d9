// Options on how data are read: together they make a record as --preprocess takes it, or none.
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { AppError } from '../../../src-main/base/errors.ts'
import { withPreprocessOptions } from '../../../src-main/hosts/cli/preprocess-options.ts'

/** The record that a command gets, or the code it fails with. */
async function recordOf(...args: string[]): Promise<unknown> {
  let record: unknown
  const command = withPreprocessOptions(new Command('add')).exitOverride()
  command.configureOutput({ writeErr: () => {} }).action((options: { preprocess?: unknown }) => {
    record = options.preprocess
  })
  try {
    await command.parseAsync(args, { from: 'user' })
    return record
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

test.each([
  [['--resize', '96x64', '--grey', '--scale', '1/4'], { resize: [96, 64], grey: true, scale: 0.25 }],
  [['--preprocess', '{"scale":2,"grey":true}', '--scale', '3'], { scale: 3, grey: true }],
  [
    ['--rate', '16000', '--length', '16000', '--classes', 'yes, no'],
    { rate: 16000, length: 16000, classes: ['yes', 'no'] },
  ],
  [['--leave-out', 'a.wav', '--leave-out-unreadable'], { without: ['a.wav'], unreadable: 'skip' }],
  [[], undefined],
])('%j', async (args, record) => {
  expect(await recordOf(...args)).toEqual(record)
})

test.each([
  ['--length', '1.5'],
  ['--length', '0'],
  ['--rate', '3'],
  ['--resize', '0x0'],
  ['--resize', '9000x1'],
  ['--classes', ''],
  ['--target', ''],
  ['--preprocess', '{"scal":1}'],
  ['--preprocess', '{'],
])('%s %j is refused', async (...args) => {
  expect(await recordOf(...args)).toBe('data.preprocess')
})
