// The C of the kernels as native code under AddressSanitizer and UndefinedBehaviorSanitizer, and its threads under
// ThreadSanitizer: every kernel, at sizes that are not multiples of anything, in memory of exactly the size it asks for.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { kernelSources } from '../../../build/native/kernels.ts'
import { repository } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/workspace.ts'

/** Kernel, threads, repeats, sizes: what native.c takes. */
const runs = [
  'row_statistics 2 1 0 5',
  'row_statistics 2 1 3 0',
  'row_statistics 2 1 3 70001',
  'row_statistics 2 1 5000 9',
  'histogram 2 1 0 1',
  'histogram 2 1 100001 77',
  'search_scales 2 1 37 19 20 1 4 1 0',
  'search_scales 2 1 1 9001 20 3 4 0 0',
  'search_scales 2 1 7 99 9 2 8 1 0',
  'search_scales 2 1 7 99 9 2 4 0 0',
  'search_scales 2 1 7 99 9 1 8 0 1',
  'search_scales 2 1 7 99 9 0 2 1 1',
  'quantize 3 1 7 40001',
  'quantize 3 1 501 9',
  'dequantize 3 1 333 9',
  'kmeans 2 1 0 4 1000 0',
  'kmeans 2 1 3001 16 100000 1',
  'kmeans 2 1 30001 50 0 0',
  'top_mask 1 1 1001 500',
  'nm_mask 2 1 30 131 20 100',
  'nm_mask 2 1 30 131 2 4',
  'patches 2 1 3 9 3 2',
  'gram 2 1 5000 31',
  'gram 3 1 700 300',
  'gram 2 1 0 6 9 3 2 6',
  'gram 2 1 0 6 9 3 2 1',
  'gram 2 1 0 40 9 3 2 1',
  'multiply 2 1 33 70 45',
  'multiply 2 1 1 300 1',
  'factor 2 1 30 9 1 0',
  'factor 3 1 2 321 1 0',
  'factor 3 1 2 260 0 0',
  'factor 1 1 1 201 1 1',
  'solve 2 1 2 201 21',
  'gptq 3 1 70 150 2 64',
  'gptq 2 1 60 9 60 9',
  'obs_prune 3 1 70 150 2 0 0 7',
  'obs_prune 3 1 70 150 2 0 0 1000',
  'obs_prune 3 1 7 300 1 2 4 33',
  'obs_prune 3 1 7 300 1 50 150 33',
  'obs_prune 3 1 60 9 60 0 0 128',
  'optimize_rounding 2 1 35 50 5 20',
  'optimize_rounding 2 1 3 130 1 3',
]

const hasClang = spawnSync('clang', ['--version']).status === 0
if (!hasClang) console.log('clang is not installed: the kernels are not run under the sanitizers.')

test.skipIf(!hasClang).each(['address,undefined', 'thread'])(
  'every kernel under -fsanitize=%s',
  (sanitizer) => {
    using folder = temporaryFolder()
    const program = folder.file('native')
    const flags = ['-std=c99', '-O1', '-g', `-fsanitize=${sanitizer}`, '-fno-sanitize-recover=all', '-pthread']
    const sources = ['-Iresources/kernels', 'test/unit/kernels/native.c', ...kernelSources(), '-lm', '-o', program]
    expect(spawnSync('clang', [...flags, ...sources], { cwd: repository }).status).toBe(0)
    // What the harness allocates lives until it ends.
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' }
    const failures = runs.flatMap((run) => {
      const { status, stderr } = spawnSync(program, run.split(' '), { encoding: 'utf8', env })
      return status === 0 ? [] : [`${run}: ${stderr.slice(0, 2000)}`]
    })
    expect(failures).toEqual([])
  },
  300_000,
)
