// The compression kernels as WebAssembly over memory that threads share.
import type { NativeTarget } from './native-target.ts'
import { filesIn, strictFlags } from './wasm.ts'

const folder = 'resources/kernels'

export const kernelSources = () => filesIn(folder, /\.c$/)

/** Bytes of the stack that the linker lays out, for the thread that loads the module; others bring their own. */
const stackBytes = 2 ** 18

export const kernelsTarget = (): NativeTarget => ({
  name: 'kernels',
  output: 'kernels.wasm',
  inputs: filesIn(folder, /\.[ch]$/),
  compilerVersion: ['clang', '--version'],
  commands: ({ output }) => [
    [
      'clang',
      ...['--target=wasm32', '-nostdlib', '-ffreestanding', '-O3', '-fno-ident', '-flto'],
      ...['-msimd128', '-mbulk-memory', '-matomics', '-mmutable-globals', ...strictFlags, ...kernelSources()],
      ...['-Wl,--no-entry', '-Wl,--strip-all', `-Wl,-z,stack-size=${stackBytes}`],
      ...['-Wl,--shared-memory', '-Wl,--import-memory', `-Wl,--max-memory=${2 ** 32}`],
      ...['-Wl,--export=__stack_pointer', '-Wl,--export=__heap_base'],
      ...['-o', output],
    ],
  ],
})
