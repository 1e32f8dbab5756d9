// The runtime as WebAssembly: the twin.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NativeTarget } from './native-target.ts'

const filesIn = (folder: string, pattern: RegExp) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))

/** C sources of the runtime, for every target that has it inside. */
export const runtimeSources = () => filesIn('resources/runtime/src', /\.c$/)
export const runtimeHeaders = () => [
  ...filesIn('resources/runtime/include', /\.h$/),
  ...filesIn('resources/runtime/src', /\.h$/),
]

/** The dialect and the warnings that the runtime is kept clean of, for gcc and clang alike. */
export const strictFlags = ['-std=c99', '-Wall', '-Wextra', '-Wconversion', '-Wsign-conversion', '-pedantic', '-Werror']

const twinSource = 'resources/runtime/twin/twin.c'

export const runtimeTarget = (): NativeTarget => ({
  name: 'runtime',
  output: 'runtime.wasm',
  inputs: [...runtimeSources(), ...runtimeHeaders(), twinSource],
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
      ...runtimeSources(),
      twinSource,
      '-Wl,--no-entry',
      '-Wl,--strip-all',
      '-Wl,-z,stack-size=65536',
      '-o',
      output,
    ],
  ],
})
