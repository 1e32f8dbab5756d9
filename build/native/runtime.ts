// The runtime as WebAssembly: the twin.
import type { NativeTarget } from './native-target.ts'
import { filesIn, wasmCommand } from './wasm.ts'

/** C sources of the runtime, for every target that has it inside. */
export const runtimeSources = () => filesIn('resources/runtime/src', /\.c$/)
export const runtimeHeaders = () => [
  ...filesIn('resources/runtime/include', /\.h$/),
  ...filesIn('resources/runtime/src', /\.h$/),
]

export { strictFlags } from './wasm.ts'

const twinSource = 'resources/runtime/twin/twin.c'

export const runtimeTarget = (): NativeTarget => ({
  name: 'runtime',
  output: 'runtime.wasm',
  inputs: [...runtimeSources(), ...runtimeHeaders(), twinSource],
  compilerVersion: ['clang', '--version'],
  commands: ({ output }) => [wasmCommand(output, ['resources/runtime/include'], [...runtimeSources(), twinSource])],
})
