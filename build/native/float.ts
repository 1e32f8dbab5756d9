// The lossless float codec as WebAssembly, for the host; the decoder for devices is in it too, so that tests compare both.
import type { NativeTarget } from './native-target.ts'
import { wasmCommand } from './wasm.ts'

const host = 'resources/runtime/host'
const device = 'resources/runtime/src'
const sources = [
  `${device}/codec_float.c`,
  ...['alphabet', 'classes', 'decode', 'encode', 'wasm'].map((part) => `${host}/float_${part}.c`),
]

export const floatTarget = (): NativeTarget => ({
  name: 'float',
  output: 'float.wasm',
  inputs: [...sources, `${device}/codec_float.h`, `${host}/float_host.h`],
  compilerVersion: ['clang', '--version'],
  commands: ({ output }) => [wasmCommand(output, [device], sources)],
})
