// Encoders and decoders of the parameter codecs as WebAssembly, for the host.
import type { NativeTarget } from './native-target.ts'
import { filesIn, wasmCommand } from './wasm.ts'

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
    wasmCommand(
      output,
      ['resources/runtime/include', 'resources/runtime/src', host],
      [...decoderSources(), ...encoderSources(), ...wasmSources],
    ),
  ],
})
