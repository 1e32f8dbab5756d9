// The runtime as a native program under AddressSanitizer and UndefinedBehaviorSanitizer: the same answers as the twin, and
// nothing outside its buffers. Needs gcc or clang; says so when there is none.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runtimeSources, strictFlags } from '../../build/native/runtime.ts'
import { bytesOf } from '../../src-main/base/bytes.ts'
import { crc32 } from '../../src-main/base/crc32.ts'
import { AppError } from '../../src-main/base/errors.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { type CodecName, codecNames } from '../../src-main/codecs/codec.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { writeShoe } from '../../src-main/formats/shoe/index.ts'
import { kindNames, origin, randomCase } from './cases.ts'
import { codedPlans, storageModes, weightedCase, weightedKinds } from './coded.ts'
import { damaged, reseal } from './damage.ts'

const work = mkdtempSync(join(tmpdir(), 'shoehorn-runtime-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const plainPacks = kindNames.flatMap((kind, k) =>
  Array.from({ length: 12 }, (_, i) => writeShoe(randomCase(kind, seededRandom(9000 + k * 100 + i)).plan, origin)),
)
/** This computer's addresses have 64 bits, the twin's 32: room enough for either. */
const spareBytes = 64
const codedCases = weightedKinds.flatMap((kind, k) =>
  Array.from({ length: 8 }, (_, i) => {
    const random = seededRandom(19_000 + k * 100 + i)
    const plan = weightedCase(kind, random)?.plan
    return plan ? codedPlans(plan, random, { modes: storageModes, spareBytes }) : []
  }).flatMap((plans) => plans.map(({ codec, plan }) => ({ codec, pack: writeShoe(plan, origin) }))),
)
const packs = [...plainPacks, ...codedCases.map(({ pack }) => pack)]

const present = (compiler: string) => spawnSync(compiler, ['--version']).status === 0

function compile(compiler: string, name: string, flags: readonly string[]): string {
  const output = join(work, name)
  const sources = [...runtimeSources(), 'test/runtime/fuzz_open.c']
  const common = ['-g', '-Iresources/runtime/include', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  execFileSync(compiler, [...strictFlags, ...common, ...flags, ...sources, '-o', output])
  return output
}

/** What the native program prints for a pack, from the twin; null where only the host refuses (names, which it alone reads). */
async function twinAnswer(pack: Uint8Array): Promise<string | null> {
  try {
    using twin = await openTwin(pack)
    if (twin.arenaBytes > 1 << 20) return '-11 00000000'
    const inputs = twin.inputs.map((port, n) => Int8Array.from({ length: port.bytes }, (_, i) => 37 * i + 11 * n))
    const crc = twin.run(inputs).reduce((sum, output) => crc32(bytesOf(output), sum), 0)
    return `0 ${crc.toString(16).padStart(8, '0')}`
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return typeof error.data.status === 'number' ? `${error.data.status} 00000000` : null
  }
}

/** Damaged packs whose checksums are right: lies that a device has no other way to find out. */
function damagedPacks(count: number): Uint8Array[] {
  const random = seededRandom(4)
  const one = () => ({
    place: random.next(),
    width: ([1, 2, 4] as const)[random.below(3)]!,
    value: random.below(2) ? random.below(8) - 4 : random.below(0xffffffff),
    relative: random.below(2) === 1,
  })
  return Array.from({ length: count }, () => {
    const pack = packs[random.below(packs.length)]!
    return reseal(damaged(pack, Array.from({ length: 1 + random.below(3) }, one)))
  })
}

/** Compiling with sanitizers takes a while where others compile too. */
const patience = 240_000

for (const compiler of ['gcc', 'clang']) {
  test(`${compiler}: clean under all warnings and sanitizers, same answers as the twin`, { timeout: patience }, async ({
    skip,
  }) => {
    if (!present(compiler)) {
      console.log(`${compiler} is not installed: the native runtime is not checked with it`)
      skip()
    }
    const program = compile(compiler, `replay-${compiler}`, ['-O2', '-DREPLAY'])
    const all = [...packs, ...damagedPacks(600)]
    const names = all.map((pack, i) => {
      writeFileSync(join(work, `${compiler}-${i}.shoe`), pack)
      return `${compiler}-${i}.shoe`
    })
    const result = spawnSync(program, names, { cwd: work, encoding: 'utf8' })
    expect({ status: result.status, problem: result.stderr.slice(0, 3000) }).toEqual({ status: 0, problem: '' })
    const printed = result.stdout.trim().split('\n')
    const expected: (string | null)[] = []
    for (const pack of all) expected.push(await twinAnswer(pack))
    // What a damaged plan computes may depend on memory it never wrote; whether it is accepted may not.
    const compared = (answer: string | null, i: number) => (i < packs.length ? answer : answer?.split(' ')[0])
    expect(printed.map(compared)).toEqual(expected.map((answer, i) => compared(answer ?? printed[i]!, i)))
    expect(expected.filter((answer) => answer?.startsWith('0 ')).length).toBeGreaterThan(packs.length + 40)
  })
}

test('codecs that are left out are not linked, and packs that need them are refused', { timeout: patience }, ({
  skip,
}) => {
  if (!present('gcc')) {
    console.log('gcc is not installed: leaving codecs out is not checked')
    skip()
  }
  const kept: readonly CodecName[] = ['int4', 'relative']
  const mask = kept.reduce((bits, name) => bits | (1 << codecNames.indexOf(name)), 0)
  const sections = ['-ffunction-sections', '-fdata-sections', '-Wl,--gc-sections']
  const program = compile('gcc', 'few-codecs', ['-O1', '-DREPLAY', `-DSHOE_CODECS=${mask}`, ...sections])
  const names = codedCases.map(({ pack }, i) => {
    writeFileSync(join(work, `few-${i}.shoe`), pack)
    return `few-${i}.shoe`
  })
  const printed = spawnSync(program, names, { cwd: work, encoding: 'utf8' }).stdout.trim().split('\n')
  const statuses = printed.map((line) => line.split(' ')[0])
  expect(statuses).toEqual(codedCases.map(({ codec }) => (kept.includes(codec) ? '0' : '-12')))
  const symbols = execFileSync('nm', [program], { encoding: 'utf8' })
  const linked = codecNames.filter((name) => symbols.includes(` shoe_${name}_read`))
  expect(linked).toEqual(kept)
})

/** Opening packs and running them. The long run, of seven minutes: SHOEHORN_FUZZ_RUNS=5000000 npx vitest run test/runtime/native.test.ts */
const fuzzRuns = Number(process.env.SHOEHORN_FUZZ_RUNS ?? 20_000)

test('libFuzzer finds nothing in a short burst', { timeout: 2 * patience + fuzzRuns }, ({ skip }) => {
  if (!present('clang')) {
    console.log('clang is not installed: the runtime is not fuzzed')
    skip()
  }
  const fuzzer = compile('clang', 'fuzz', ['-O1', '-fsanitize=fuzzer'])
  const corpus = join(work, 'corpus')
  mkdirSync(corpus)
  packs.forEach((pack, i) => {
    writeFileSync(join(corpus, `${i}.shoe`), pack)
  })
  const options = [`-runs=${fuzzRuns}`, '-seed=1', '-max_len=4096', '-timeout=20', `-artifact_prefix=${work}/`]
  const result = spawnSync(fuzzer, [...options, corpus], { encoding: 'utf8', maxBuffer: 1 << 26 })
  const report = result.stderr.split('\n').slice(-40).join('\n')
  if (process.env.SHOEHORN_FUZZ_RUNS) console.log(report)
  expect({ status: result.status, report: result.status === 0 ? '' : report }).toEqual({ status: 0, report: '' })
})
