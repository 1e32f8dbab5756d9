// Exported libraries, built as an application would and run on this computer under the sanitizers: the twin's outputs, byte for
// byte; and linked for microcontrollers, where a model's library holds less than the whole runtime.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../src-main/base/hash.ts'
import { seededRandom } from '../../src-main/base/random.ts'
import { openTwin } from '../../src-main/device/twin.ts'
import { readShoe, writeShoe } from '../../src-main/formats/shoe/index.ts'
import { kinds } from '../../src-main/formats/shoe/layout.ts'
import { librarySizes } from '../../src-main/services/export-size.ts'
import {
  emitLibrary,
  type Library,
  type LibraryFile,
  type libraryKinds,
  type RuntimeText,
} from '../../src-main/targets/emit/library.ts'
import { codedPacks } from '../support/coded-pack.ts'
import { smallPack } from '../support/small-pack.ts'
import { kindNames, origin, randomCase } from './cases.ts'

const work = mkdtempSync(join(tmpdir(), 'shoehorn-library-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const folder = 'resources/runtime/src'
const runtime: RuntimeText = {
  shoeHeader: readFileSync('resources/runtime/include/shoe.h', 'utf8'),
  license: readFileSync('LICENSE', 'utf8'),
  sources: new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
}

function libraryOf(pack: Uint8Array, name: string, kind: (typeof libraryKinds)[number] = 'c'): Library {
  const { plan, origin } = readShoe(pack)
  const made = { kind, name, version: '1.0.0', plan, origin, pack, packSha256: sha256(pack) }
  return emitLibrary({ ...made, runtime, kindCodes: kinds })
}

function write(files: readonly LibraryFile[], to: string): string {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true })
    writeFileSync(join(to, path), text)
  }
  return to
}

/** All inputs of a sample from stdin, all outputs to stdout, until the input ends. */
const harness = (name: string, inputs: readonly number[], outputs: readonly number[]) => `
#include <stdio.h>
#include <stdlib.h>
#include "${name}.h"
int main(void) {
    static ${name}_model model;
    uint8_t *arena = malloc(${name.toUpperCase()}_ARENA_BYTES);
    if (${name}_init(&model, arena, ${name.toUpperCase()}_ARENA_BYTES - 1) != SHOE_ERR_ARENA) return 2;
    if (${name}_init(&model, arena, ${name.toUpperCase()}_ARENA_BYTES) != SHOE_OK) return 3;
    if (${name}_input(&model, ${inputs.length}) || ${name}_output(&model, ${outputs.length})) return 4;
    for (;;) {
${inputs.map((bytes, i) => `        if (fread(${name}_input(&model, ${i}), 1, ${bytes}, stdin) != ${bytes}) break;`).join('\n')}
        if (${name}_run(&model) != SHOE_OK) return 5;
${outputs.map((bytes, i) => `        fwrite(${name}_output(&model, ${i}), 1, ${bytes}, stdout);`).join('\n')}
    }
    free(arena);
    return 0;
}
`

const present = (program: string) => spawnSync(program, ['--version']).status === 0
const strict = ['-std=c99', '-Wall', '-Wextra', '-Werror']
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
const samples = 3
/** Addresses have 64 bits here, so a decoder's state takes more than was planned for 32: room for it. */
const spareBytes = 64

/** Without section garbage collection and optimisation: the files chosen are all that is needed. */
async function runsLikeTheTwin(pack: Uint8Array, name: string, flags: readonly string[] = ['-O0', ...sanitizers]) {
  using twin = await openTwin(pack)
  const library = libraryOf(pack, name)
  const home = write(library.files, mkdtempSync(join(work, name)))
  const portBytes = (ports: typeof twin.inputs) => ports.map(({ bytes }) => bytes)
  writeFileSync(join(home, 'harness.c'), harness(library.name, portBytes(twin.inputs), portBytes(twin.outputs)))
  const sources = [...library.sources, 'harness.c'].map((path) => join(home, path))
  const program = join(home, 'harness')
  const compile = [...strict, ...flags, `-I${join(home, 'src')}`, ...sources, '-o', program]
  execFileSync('gcc', compile, { stdio: ['ignore', 'ignore', 'pipe'] })
  const random = seededRandom(77)
  const inputs = Array.from({ length: samples }, () =>
    twin.inputs.map(({ bytes }) => Int8Array.from({ length: bytes }, () => random.below(256) - 128)),
  )
  const stdin = Buffer.concat(inputs.flat().map((each) => Buffer.from(each.buffer)))
  const found = spawnSync(program, { input: stdin })
  const expected = Buffer.concat(
    inputs.flatMap((each) => twin.run(each).map((out) => Buffer.from(Int8Array.from(out).buffer))),
  )
  expect({ status: found.status, stderr: found.stderr.toString() }).toEqual({ status: 0, stderr: '' })
  expect(found.stdout).toEqual(expected)
}

describe.runIf(present('gcc'))('on this computer', () => {
  // The kernels themselves are under the sanitizers in native.test.ts.
  test.each(kindNames)('a library of %s alone', async (kind) => {
    const pack = writeShoe(randomCase(kind, seededRandom(4000)).plan, origin)
    await runsLikeTheTwin(pack, `kind_${kind}`.toLowerCase(), ['-O0'])
  })

  test.each(codedPacks(spareBytes).filter((_, i) => i % 3 < 2))(
    'weights in $codec, $modes',
    async ({ codec, modes, pack }) => {
      await runsLikeTheTwin(pack, `coded_${codec}_${modes.join('_')}`)
    },
  )

  test('optimised', () => runsLikeTheTwin(smallPack().pack, 'small', ['-O2', ...sanitizers]))
})
if (!present('gcc')) console.warn('left out: libraries on this computer, gcc is not installed')

/** The runtime with nothing left out, behind the same interface. */
function wholeRuntime(library: Library): Library {
  const own = library.files.filter(({ path }) => /^src\/[^/]+$/.test(path))
  const files = [...runtime.sources].map(([name, text]) => ({ path: `src/shoe/${name}`, text }))
  const all = [...own, ...files, { path: 'src/shoe/shoe.h', text: runtime.shoeHeader }]
  return { ...library, files: all, sources: all.map(({ path }) => path).filter((path) => path.endsWith('.c')) }
}

test.runIf(present('arm-none-eabi-gcc'))('flash on Cortex-M: only what the model uses', async () => {
  const codeOf = async (library: Library, pack: Uint8Array) => {
    const sizes = await librarySizes(library, pack.length, AbortSignal.timeout(120_000))
    return sizes!.map(({ codeBytes, ramBytes }) => ({ codeBytes, ramBytes }))
  }
  const plain = smallPack().pack
  const rans = codedPacks().find(({ codec, modes }) => codec === 'rans' && modes.includes('streamed'))!.pack
  const [int8, coded, whole] = [
    await codeOf(libraryOf(plain, 'plain'), plain),
    await codeOf(libraryOf(rans, 'rans'), rans),
    await codeOf(wholeRuntime(libraryOf(plain, 'whole')), plain),
  ]
  for (const [core, of] of int8.entries()) {
    // rANS with its tables' reader and the streaming are over a kilobyte; all codecs and kernels are over ten.
    expect(coded[core]!.codeBytes - of.codeBytes).toBeGreaterThan(1000)
    expect(coded[core]!.codeBytes - of.codeBytes).toBeLessThan(6000)
    expect(whole[core]!.codeBytes - of.codeBytes).toBeGreaterThan(10_000)
    expect([of.ramBytes, coded[core]!.ramBytes]).toEqual([0, 0])
  }
  console.info('code bytes, Cortex-M0 and M4:', { int8, rans: coded, whole })
})
if (!present('arm-none-eabi-gcc')) console.warn('left out: flash of libraries, arm-none-eabi-gcc is not installed')

const make = present('make') && present('gcc')
test.runIf(make)('the Makefile makes the example, and it runs', () => {
  const home = write(libraryOf(smallPack().pack, 'small').files, join(work, 'make'))
  execFileSync('make', ['-s', 'CFLAGS=-std=c99 -O1 -Wall -Wextra -Werror'], { cwd: home })
  expect(execFileSync(join(home, 'small_example'), { encoding: 'utf8' })).toMatch(/^y: largest element \d+, -?\d/)
})
