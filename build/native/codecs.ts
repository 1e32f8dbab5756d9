// Encoders and decoders of the parameter codecs as WebAssembly, for the host.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NativeTarget } from './native-target.ts'
import { runtimeHeaders, strictFlags } from './runtime.ts'

const filesIn = (folder: string, pattern: RegExp) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))

const host = 'resources/runtime/host'

/** The decoders, as they run on devices. */
export const decoderSources = () => filesIn('resources/runtime/src', /^codec(_\w+)?\.c$/)
/** The encoders, without the WebAssembly exports. */
export const encoderSources = () => filesIn(host, /^encode_\w+\.c$/)
export const codecHeaders = () => [...runtimeHeaders(), ...filesIn(host, /\.h$/)]

const glue = `${host}/codecs.c`

export const codecsTarget = (): NativeTarget => ({
  name: 'codecs',
  output: 'codecs.wasm',
  inputs: [...decoderSources(), ...encoderSources(), ...codecHeaders(), glue],
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
      glue,
      '-Wl,--no-entry',
      '-Wl,--strip-all',
      '-Wl,-z,stack-size=65536',
      '-o',
      output,
    ],
  ],
})
