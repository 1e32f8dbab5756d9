import { nativeCodec } from './native.ts'

/** Interleaved rANS with 12-bit frequencies. */
export const rans = nativeCodec('rans', () => true)
