// What every module of ours for WebAssembly is compiled with.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The dialect and the warnings that the C is kept clean of, for gcc and clang alike. */
export const strictFlags = ['-std=c99', '-Wall', '-Wextra', '-Wconversion', '-Wsign-conversion', '-pedantic', '-Werror']

export const filesIn = (folder: string, pattern: RegExp) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))

export const wasmCommand = (output: string, includes: readonly string[], sources: readonly string[]): string[] => [
  'clang',
  ...['--target=wasm32', '-nostdlib', '-ffreestanding', '-O3', '-msimd128', '-mbulk-memory', '-fno-ident', '-flto'],
  ...strictFlags,
  ...includes.map((folder) => `-I${folder}`),
  ...sources,
  ...['-Wl,--no-entry', '-Wl,--strip-all', '-Wl,-z,stack-size=65536'],
  ...['-o', output],
]
