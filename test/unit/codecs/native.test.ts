// Decoders and encoders as a native program under AddressSanitizer and UndefinedBehaviorSanitizer, free of warnings.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { decoderSources, encoderSources } from '../../../build/native/codecs.ts'
import { strictFlags } from '../../../build/native/runtime.ts'
import { seededRandom } from '../../../src-main/base/random.ts'
import { codecs } from '../../../src-main/codecs/registry.ts'

const work = mkdtempSync(join(tmpdir(), 'shoehorn-codecs-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const folders = ['include', 'src', 'host'].map((name) => `-Iresources/runtime/${name}`)

/** Modes of the harness: any bytes, round trip, round trip with damage. */
const modes = [0, 16, 48]

function inputs(): string[] {
  const random = seededRandom(21)
  return codecs.flatMap(({ id }) =>
    Array.from({ length: 60 }, (_, i) => {
      const path = join(work, `${id}-${i}`)
      const body = Array.from({ length: 8 + random.below(400) }, () => random.below(256))
      writeFileSync(path, Uint8Array.from([id + modes[i % 3]!, ...body]))
      return path
    }),
  )
}

test('clean under all warnings and sanitizers', { timeout: 240_000 }, ({ skip }) => {
  if (spawnSync('clang', ['--version']).status !== 0) {
    console.log('clang is not installed: the native codecs are not checked')
    skip()
  }
  const program = join(work, 'replay')
  const checks = ['-O1', '-g', '-DREPLAY', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  const sources = [...decoderSources(), ...encoderSources(), 'test/runtime/fuzz_codecs.c']
  execFileSync('clang', [...strictFlags, ...checks, ...folders, ...sources, '-o', program])
  const paths = inputs()
  const lines = execFileSync(program, paths, { encoding: 'utf8' }).trim().split('\n')
  expect(lines.length).toBe(paths.length)
  // Round trips that the codec accepts end well, so the harness did reach the decoders.
  expect(lines.filter((line) => line.startsWith('0 ')).length).toBeGreaterThan(paths.length / 4)
})
