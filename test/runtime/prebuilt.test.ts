// What is checked in under resources/prebuilt is what our sources give, byte for byte.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { repository } from '../support/cli.ts'

const present = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
const hasTools = ['clang', 'wasm-ld', 'arm-none-eabi-gcc'].every(present)
if (!hasTools)
  console.log('left out: rebuilding the compiled artefacts (clang, lld and gcc-arm-none-eabi would enable it)')

test.skipIf(!hasTools)('the compiled artefacts are those of the sources', { timeout: 300_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/native/build.ts', '--check'], {
    cwd: repository,
    encoding: 'utf8',
  })
  expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' })
})
