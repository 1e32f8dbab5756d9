// The C code of the float codec under AddressSanitizer and UndefinedBehaviorSanitizer, driven by libFuzzer from streams that the
// encoder made. FLOAT_FUZZ_RUNS sets the number of executions.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random.ts'
import { encodeFloats, type FloatKind, floatKinds } from '../../src-main/codecs/float/float.ts'
import { repository } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const runs = Number(process.env.FLOAT_FUZZ_RUNS ?? 1_500)
const host = ['alphabet', 'classes', 'decode', 'encode'].map((part) => `resources/runtime/host/float_${part}.c`)
const sources = ['test/property/float-fuzz.c', 'resources/runtime/src/codec_float.c', ...host]
const folders = ['-Iresources/runtime/src', '-Iresources/runtime/host']
const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all']

function build(program: string): boolean {
  const args = ['-std=c99', '-O1', '-g', ...sanitizers, ...folders, ...sources, '-o', program]
  return spawnSync('clang', args, { cwd: repository }).status === 0
}

/** Streams with and without classes, dictionaries, zeros and escapes; and elements to encode. */
function seeds(): Uint8Array[] {
  const random = seededRandom(9)
  const elements = (kind: FloatKind, cols: number, style: number) => {
    const values = Float32Array.from({ length: 600 }, (_, i) => {
      const spread = style & 1 ? 2 ** -((i % cols) % 5) : 1
      return style & 2 && random.below(4) > 0 ? 0 : 0.1 * spread * random.normal()
    })
    if (style & 4) for (let i = 0; i < values.length; i++) values[i] = Math.round(20 * values[i]!)
    const bytes = new Uint8Array(values.buffer)
    if (kind === 'f32') return bytes
    return kind === 'byte' ? bytes.filter((_, i) => i % 4 === 3) : bytes.filter((_, i) => i % 4 > 1)
  }
  return floatKinds.flatMap((kind, k) =>
    [0, 1, 2, 3, 4, 7].flatMap((style) => {
      const bytes = elements(kind, 20, style)
      const stream = encodeFloats(kind, bytes, 20)
      const raw = Uint8Array.from([5, 0, k, 19, 0, ...bytes])
      return stream ? [Uint8Array.from([7, 1, ...stream]), raw] : [raw]
    }),
  )
}

const hasClang = spawnSync('clang', ['--version']).status === 0
if (!hasClang) console.log('clang is not installed: the float codec is not run under the sanitizers.')

test.skipIf(!hasClang)(
  `${runs} streams under the sanitizers`,
  () => {
    using folder = temporaryFolder()
    const [program, corpus] = [folder.file('fuzz'), folder.file('corpus')]
    expect(build(program)).toBe(true)
    mkdirSync(corpus)
    seeds().forEach((seed, i) => {
      writeFileSync(`${corpus}/${i}`, seed)
    })
    const args = [`-runs=${runs}`, '-seed=1', '-max_len=3000', '-verbosity=0', '-artifact_prefix=/dev/null', corpus]
    execFileSync(program, args, { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] })
  },
  600_000,
)
