// The C code of the float codec under AddressSanitizer and UndefinedBehaviorSanitizer, driven by libFuzzer from streams that the
// encoder made. SHOEHORN_FUZZ_RUNS sets the number of executions; five million take a quarter of an hour:
//   SHOEHORN_FUZZ_RUNS=5000000 npx vitest run test/property/float-sanitized.test.ts
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random.ts'
import { encodeFloats, type FloatKind, floatKinds } from '../../src-main/codecs/float/float.ts'
import { repository } from '../support/cli.ts'
import { temporaryFolder } from '../support/workspace.ts'

const asked = process.env.SHOEHORN_FUZZ_RUNS
const runs = Number(asked ?? 20_000)
const patienceMs = 600_000 + runs
const host = ['alphabet', 'classes', 'decode', 'encode'].map((part) => `resources/runtime/host/float_${part}.c`)
const sources = ['test/property/float-fuzz.c', 'resources/runtime/src/codec_float.c', ...host]
const folders = ['-Iresources/runtime/src', '-Iresources/runtime/host']
const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all']
/** Watching every comparison takes most of the time, and finds little that putting fields right does not. */
const cheap = ['-fno-sanitize-coverage=trace-cmp']

/** What the harness makes of a seed: its second byte. */
const modes = { elements: 0, asItIs: 1, putRight: 2 } as const
/** Enough for four interleaved states. */
const manyElements = 1100

function build(program: string): boolean {
  const args = ['-std=c99', '-O2', '-g', ...sanitizers, ...cheap, ...folders, ...sources, '-o', program]
  return spawnSync('clang', args, { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

/** Streams with and without classes, dictionaries, zeros and escapes, short and with four states; and elements to encode. */
function seeds(): Uint8Array[] {
  const random = seededRandom(9)
  const elements = (kind: FloatKind, count: number, cols: number, style: number) => {
    const values = Float32Array.from({ length: count }, (_, i) => {
      const spread = style & 1 ? 2 ** -((i % cols) % 5) : 1
      return style & 2 && random.below(4) > 0 ? 0 : 0.1 * spread * random.normal()
    })
    if (style & 4) for (let i = 0; i < values.length; i++) values[i] = Math.round(20 * values[i]!)
    const bytes = new Uint8Array(values.buffer)
    if (kind === 'f32') return bytes
    return kind === 'byte' ? bytes.filter((_, i) => i % 4 === 3) : bytes.filter((_, i) => i % 4 > 1)
  }
  return [100, manyElements].flatMap((count) =>
    floatKinds.flatMap((kind, k) =>
      [0, 1, 2, 3, 4, 7].flatMap((style) => {
        const bytes = elements(kind, count, 20, style)
        const stream = encodeFloats(kind, bytes, 20)
        // repeated four times, so that the input stays short
        const raw = Uint8Array.from([5, modes.elements, k, 19, 3, ...bytes.subarray(0, bytes.length / 4)])
        const coded = [modes.asItIs, modes.putRight].map((mode) => Uint8Array.from([7, mode, ...(stream ?? [])]))
        return stream ? [...coded, raw] : [raw]
      }),
    ),
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
    const args = [`-runs=${runs}`, '-seed=1', '-max_len=3000', `-artifact_prefix=${folder.path}/`, corpus]
    const { status, stderr } = spawnSync(program, args, { cwd: folder.path, encoding: 'utf8', maxBuffer: 1 << 26 })
    const report = stderr.split('\n').slice(-40).join('\n')
    if (asked) console.log(report)
    expect({ status, report: status === 0 ? '' : report }).toEqual({ status: 0, report: '' })
  },
  patienceMs,
)
