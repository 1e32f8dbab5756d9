import { expect, test } from 'vitest'
import { memorySource } from '../../../src-main/base/source.ts'
import { readZip, type ZipMember } from '../../../src-main/data/zip.ts'
import { readShoe } from '../../../src-main/formats/shoe/index.ts'
import { kinds } from '../../../src-main/formats/shoe/layout.ts'
import { emitLibrary, type LibraryKind } from '../../../src-main/targets/emit/library.ts'
import { modelUse, useMasks } from '../../../src-main/targets/emit/model-use.ts'
import { cFloat, cString, libraryName } from '../../../src-main/targets/emit/names.ts'
import { zipFiles } from '../../../src-main/targets/emit/zip.ts'
import { codedPacks } from '../../support/coded-pack.ts'
import { smallPack } from '../../support/small-pack.ts'

test.each([
  ['kws_ref_model.tflite', 'kws_ref_model'],
  ['ResNet-8 (CIFAR 10).onnx', 'resnet_8_cifar_10'],
  ['8bit', 'model_8bit'],
  ['string', 'net_string'],
  ['shoe', 'net_shoe'],
  ['shoe_run', 'net_shoe_run'],
  ['日本', 'net_model'],
  ['', 'net_model'],
])('a library called %j is %s', (text, name) => expect(libraryName(text)).toBe(name))

test('literals', () => {
  expect([cString('a"b\\c\n'), cString('x??/'), cString('é')]).toEqual([
    '"a\\042b\\134c\\012"',
    '"x\\077\\077/"',
    '"\\303\\251"',
  ])
  expect([cFloat(1), cFloat(0.1), cFloat(3e-9)]).toEqual(['1.00000000f', '0.100000001f', '3.00000003e-9f'])
})

test('masks name what the plan has', () => {
  expect(useMasks(modelUse(smallPack().plan), kinds)).toEqual({
    SHOE_KINDS: (1 << kinds.conv2d) | (1 << kinds.table) | (1 << kinds.fullyConnected),
    SHOE_STORAGES: 1,
    SHOE_CODECS: 0,
    SHOE_DIRECT_CODECS: 0,
  })
  const bitmap = codedPacks().find(({ codec, modes }) => codec === 'bitmap' && modes.includes('direct'))!
  const masks = useMasks(modelUse(readShoe(bitmap.pack).plan), kinds)
  expect(masks).toMatchObject({ SHOE_CODECS: 1 << 4, SHOE_DIRECT_CODECS: 1 << 4 })
})

const stubSources = ['check', 'crc32', 'load', 'model', 'open', 'run', 'conv', 'fully_connected', 'elementwise', 'walk']
const stub: ReadonlyMap<string, string> = new Map([
  ...[...stubSources, 'fixed'].map((name): [string, string] => [`${name}.c`, '#include "model.h"\n']),
  ['model.h', '#include "shoe.h"\n#include "bytes.h"\n'],
  ['bytes.h', ''],
])

const emitted = (kind: LibraryKind) => {
  const { pack, plan } = smallPack()
  return emitLibrary({
    ...{ kind, version: '1.2.3', plan, origin: readShoe(pack).origin, pack, packSha256: 'c3'.repeat(32) },
    ...{ runtime: { shoeHeader: '#define SHOE_H\n', license: '', sources: stub }, kindCodes: kinds },
  })
}

test.each([
  ['c', ['CMakeLists.txt', 'Makefile', 'README.md', 'example/main.c']],
  ['arduino', ['README.md', 'examples/small_inference/small_inference.ino', 'library.properties']],
  [
    'zephyr',
    [
      ...['README.md', 'samples/inference/CMakeLists.txt', 'samples/inference/prj.conf'],
      ...['samples/inference/src/main.c', 'zephyr/CMakeLists.txt', 'zephyr/Kconfig', 'zephyr/module.yml'],
    ],
  ],
  [
    'espidf',
    [
      ...['CMakeLists.txt', 'README.md', 'examples/inference/CMakeLists.txt'],
      ...['examples/inference/main/CMakeLists.txt', 'examples/inference/main/main.c', 'idf_component.yml'],
    ],
  ],
] as const)('%s: the sources every layout has, and its own files', (kind, own) => {
  const paths = emitted(kind).files.map(({ path }) => path)
  const sources = ['small.c', 'small.h', 'small_pack.c', 'small_pack.h', 'shoe/shoe.h', 'shoe/shoe_config.h']
  const runtime = [...stub.keys()].map((name) => `shoe/${name}`)
  expect(paths).toEqual(['LICENSE', ...own, ...[...sources, ...runtime].map((path) => `src/${path}`)].sort())
})

test('build files name every source', () => {
  for (const [kind, file] of [
    ['c', 'CMakeLists.txt'],
    ['c', 'Makefile'],
    ['zephyr', 'zephyr/CMakeLists.txt'],
    ['espidf', 'CMakeLists.txt'],
  ] as const) {
    const { files, sources } = emitted(kind)
    const text = files.find(({ path }) => path === file)!.text
    expect(sources.filter((path) => !text.includes(path))).toEqual([])
  }
})

test('the pack is an array of little-endian words', () => {
  const { pack } = smallPack()
  const text = emitted('c').files.find(({ path }) => path === 'src/small_pack.c')!.text
  const words = [...text.matchAll(/0x([0-9a-f]{8})/g)].map(([, word]) => Number.parseInt(word!, 16))
  expect(new Uint8Array(Uint32Array.from(words).buffer).subarray(0, pack.length)).toEqual(pack)
})

test('the archive holds the files', async () => {
  const { files } = emitted('arduino')
  const members = readZip(memorySource('library.zip', zipFiles(files)), 'library.zip')
  const text = async (member: ZipMember) => new TextDecoder().decode(await member.read())
  const read = members.map(async (member) => ({ path: member.name, text: await text(member) }))
  expect(await Promise.all(read)).toEqual(files)
  expect(zipFiles(files)).toEqual(zipFiles(files))
})
