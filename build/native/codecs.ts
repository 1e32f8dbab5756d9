// Encoders and decoders of the parameter codecs as WebAssembly, for the host.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NativeTarget } from './native-target.ts'
import { strictFlags } from './runtime.ts'

const filesIn = (folder: string, pattern: RegExp) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))

const host = 'resources/runtime/host'

/** The decoders of integer codecs, as they run on devices. */
export const decoderSources = () => filesIn('resources/runtime/src', /^codec(_(?!float)\w+)?\.c$/)
/** The encoders, without the WebAssembly exports. */
export const encoderSources = () => filesIn(host, /^encode_\w+\.c$/)
export const codecHeaders = () => [
  'resources/runtime/include/shoe.h',
  ...filesIn('resources/runtime/src', /^codec(_(?!float)\w+)?\.h$/),
  ...filesIn(host, /^(?!float).*\.h$/),
]

/** What only WebAssembly has. */
const wasmSources = ['codecs.c', 'decode_huffman.c', 'decode_rans.c'].map((name) => `${host}/${name}`)

export const codecsTarget = (): NativeTarget => ({
  name: 'codecs',
  output: 'codecs.wasm',
  inputs: [...decoderSources(), ...encoderSources(), ...codecHeaders(), ...wasmSources],
  compilerVersion: ['clang', '--version'],
  commands: ({ output }) => [
    [
      'clang',
      '--target=wasm32',
      '-nostdlib',
      '-ffreestanding',
      '-O3',
      '-msimd128',
      '-mbulk-memory',
      '-fno-ident',
      '-flto',
      ...strictFlags,
      '-Iresources/runtime/include',
      '-Iresources/runtime/src',
      `-I${host}`,
      ...decoderSources(),
      ...encoderSources(),
      ...wasmSources,
      '-Wl,--no-entry',
      '-Wl,--strip-all',
      '-Wl,-z,stack-size=65536',
      '-o',
      output,
    ],
  ],
})
